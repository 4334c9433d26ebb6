/* `exp tag`, `exp note` and `exp star`. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cmd/exp_commands.h"
#include "exp/manage.h"
#include "exp/notes.h"
#include "ui/say.h"

/* Find one experiment. `out` must be zero. */
static int find(struct exp *x, struct app *app, const struct strlist *names, struct exprefs *out,
	struct err *err)
{
	int r = exp_open(x, app->repo, err);

	return r < 0 ? r : exp_find_named(x, names, out, err);
}

/* ---- exp tag */

struct tag_opts {
	const char *name, *action;
	struct strlist words;
};

static const struct arg tag_args[] = {
	ARG_(ARG_ONE, tag_opts, name, "experiment", "name of the experiment",
		.takes = WORD_EXPERIMENT),
	ARG_(ARG_OPTIONAL, tag_opts, action, "action",
		"add or remove; if not given, the tags are printed"),
	ARG_(ARG_ANY, tag_opts, words, "tag", "words without white space and commas"),
	{ARG_END},
};

static int change_tags(void *ctx, struct exp_note *note, struct err *err)
{
	const struct tag_opts *o = ctx;
	bool add = str_eq(o->action, "add");
	int changed = 0;

	for (size_t i = 0; i < o->words.count; i++) {
		const char *tag = o->words.items[i];
		int r = add ? exp_note_check_tag(tag, err) : 0;

		if (r < 0)
			return r;
		if (strlist_has(&note->tags, tag) == add)
			continue;
		changed = 1;
		if (add)
			strlist_add(&note->tags, tag);
		for (size_t k = note->tags.count; !add && k > 0; k--)
			if (str_eq(note->tags.items[k - 1], tag))
				strlist_remove_at(&note->tags, k - 1);
	}
	return changed;
}

static int print_tags(struct exp *x, const char *ref, struct err *err)
{
	AUTO(exp_note_release) struct exp_note note = {0};
	int r = exp_note_load(x, ref, &note, err);

	for (size_t i = 0; i < note.tags.count; i++)
		say("%s", note.tags.items[i]);
	return r;
}

static int tag_run(struct app *app, const void *opts, struct err *err)
{
	struct tag_opts o = *(const struct tag_opts *)opts; /* lists are borrowed */
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(exprefs_release) struct exprefs found = {0};
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int r;

	if (o.action && !str_eq(o.action, "add") && !str_eq(o.action, "remove"))
		return err_set(err, ERR_USAGE, "'%s' is neither 'add' nor 'remove'", o.action);
	if (o.action && !o.words.count)
		return err_set(err, ERR_USAGE, "the tags to %s are missing", o.action);
	strlist_add(&names, o.name);
	r = find(&x, app, &names, &found, err);
	if (r < 0)
		return r;
	if (!o.action)
		return print_tags(&x, found.items[0].ref, err);
	r = exp_note_edit(&x, found.items[0].ref, change_tags, &o, err);
	return MIN(r, 0);
}

const struct cmd cmd_exp_tag = {
	.name = "tag",
	.summary = "tag an experiment with words, which `exp show` lists and finds",
	.details =
		"Tags, notes and stars are kept in Git, at refs/cairn/notes/. `exp push` and `exp pull` take them along; DVC does not see them.",
	.needs = CMD_REPO | CMD_LOCK,
	.args = tag_args,
	.opts_size = sizeof(struct tag_opts),
	EXAMPLES({"low-lr add best paper", "two tags"}, {"low-lr remove paper", "one of them less"},
		{"low-lr", "print its tags"}),
	.run = tag_run,
};

/* ---- exp note */

struct note_opts {
	const char *name, *text;
	bool remove;
};

static const struct opt note_options[] = {
	OPT_FLAG(note_opts, remove, 0, "remove", "remove the note"),
	OPT_END,
};

static const struct arg note_args[] = {
	ARG_(ARG_ONE, note_opts, name, "experiment", "name of the experiment",
		.takes = WORD_EXPERIMENT),
	ARG_(ARG_OPTIONAL, note_opts, text, "text", "the note; if not given, it is printed"),
	{ARG_END},
};

static int change_text(void *ctx, struct exp_note *note, struct err *err)
{
	const struct note_opts *o = ctx;
	const char *text = o->remove || !*o->text ? NULL : o->text;

	if (text && !str_is_utf8(text, strlen(text)))
		return err_set(err, ERR_FAIL, "the note is not valid UTF-8");
	if (str_eq(note->text, text))
		return 0;
	free(note->text);
	note->text = text ? mem_strdup(text) : NULL;
	return 1;
}

static int print_note(struct exp *x, const char *ref, struct err *err)
{
	AUTO(exp_note_release) struct exp_note note = {0};
	int r = exp_note_load(x, ref, &note, err);

	if (r == 0 && note.text)
		say("%s", note.text);
	return r;
}

static int note_run(struct app *app, const void *opts, struct err *err)
{
	struct note_opts o = *(const struct note_opts *)opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(exprefs_release) struct exprefs found = {0};
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int r;

	if (o.remove && o.text)
		return err_set(err, ERR_USAGE, "--remove takes no text");
	strlist_add(&names, o.name);
	r = find(&x, app, &names, &found, err);
	if (r == 0 && !o.remove && !o.text)
		return print_note(&x, found.items[0].ref, err);
	if (r == 0)
		r = exp_note_edit(&x, found.items[0].ref, change_text, &o, err);
	return MIN(r, 0);
}

const struct cmd cmd_exp_note = {
	.name = "note",
	.summary = "write a note on an experiment",
	.details = "See `exp tag` for where notes are kept.",
	.needs = CMD_REPO | CMD_LOCK,
	.opts = note_options,
	.args = note_args,
	.opts_size = sizeof(struct note_opts),
	EXAMPLES({"low-lr 'loss is still falling'", "replaces an earlier note"},
		{"low-lr", "print it"}, {"low-lr --remove", "remove it"}),
	.run = note_run,
};

/* ---- exp star */

struct star_opts {
	struct strlist names;
	bool remove;
};

static const struct opt star_options[] = {
	OPT_FLAG(star_opts, remove, 0, "remove", "remove the star"),
	OPT_END,
};

static const struct arg star_args[] = {
	ARG_(ARG_SOME, star_opts, names, "experiment", "names of experiments",
		.takes = WORD_EXPERIMENT),
	{ARG_END},
};

static int change_star(void *ctx, struct exp_note *note, struct err *err)
{
	const bool *star = ctx;
	int changed = note->star != *star;

	(void)err;
	note->star = *star;
	return changed;
}

static int star_run(struct app *app, const void *opts, struct err *err)
{
	const struct star_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(exprefs_release) struct exprefs found = {0};
	bool star = !o->remove;
	int r = find(&x, app, &o->names, &found, err);

	for (size_t i = 0; i < found.count && r >= 0; i++)
		r = exp_note_edit(&x, found.items[i].ref, change_star, &star, err);
	return MIN(r, 0);
}

const struct cmd cmd_exp_star = {
	.name = "star",
	.summary = "give experiments a star",
	.details = "See `exp tag` for where stars are kept.",
	.needs = CMD_REPO | CMD_LOCK,
	.opts = star_options,
	.args = star_args,
	.opts_size = sizeof(struct star_opts),
	EXAMPLES({"low-lr", "`exp show --filter star` finds it"}, {"low-lr --remove", "no longer"}),
	.run = star_run,
};
