/* Hints after a command. They never change the outcome: a hint that cannot be made is left out. */
#include "cmd/hint.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "cmd/words.h"
#include "project/index.h"
#include "project/repo.h"
#include "scm/worktree.h"
#include "ui/say.h"

int hint_git(struct app *app, struct err *err)
{
	struct repo *repo = app->repo;
	AUTO(strlist_release) struct strlist paths = TAKE(repo->to_track);
	if (!repo->git_root || !paths.count)
		return 0;

	strlist_sort(&paths);
	if (config_bool(&repo->config, "core", "autostage", false))
		return worktree_add(repo->git_root, &paths, 0, err);

	AUTO(buf_release) struct buf words = BUF_INIT;
	for (size_t i = 0; i < paths.count; i++) {
		AUTO(mem_freep) char *shown = repo_display(repo, paths.items[i]);
		buf_adds(&words, *shown == '-' ? " ./" : " ");
		str_add_shell_quoted(&words, shown);
	}

	say("\nTo track the changes with git, run:\n\n\tgit add%s", buf_str(&words));
	say("\nTo enable auto staging, run:\n\n\tdvc config core.autostage true");
	return 0;
}

/* Does the target name a stage or a .dvc file? */
static bool is_target(struct index *ix, const char *target)
{
	struct target_list found = {0};
	AUTO(err_release) struct err err = ERR_INIT;
	int r = index_targets(ix, target, TARGET_STAGES_ONLY, &found, &err);
	vec_release(&found);
	return r >= 0;
}

int hint_stage(struct app *app, const struct strlist *targets, int r, struct err *err)
{
	struct index *ix;
	if (r != ERR_NOT_FOUND || err->hint || repo_index(app->repo, &ix, NULL) < 0)
		return r;

	for (size_t i = 0; i < targets->count; i++) {
		if (is_target(ix, targets->items[i]))
			continue;
		AUTO(words_release) struct words words = {0};
		words_collect(&words, app->repo, WORD_STAGE, NULL);
		const char *near = words_nearest(&words, targets->items[i]);
		if (near)
			err_hint(err, "Did you mean '%s'?", near);
		else
			err_hint(err, "`%s stage list --all` names all stages.", app->program);
		break;
	}
	return r;
}

/* The stage or .dvc file that makes an output, as the user would name it ("data.csv.dvc"). Heap
 * string; NULL: there is none. */
static char *stage_of(const struct index *ix, const char *output)
{
	VEC_EACH (&ix->stages, at) {
		for (size_t i = 0; i < (*at)->outs.count; i++) {
			AUTO(mem_freep) char *shown = out_display(ix->repo, &(*at)->outs.items[i]);
			if (str_eq(shown, output))
				return stage_addressing(*at, ix->repo->cwd);
		}
	}
	return NULL;
}

/* The dvc.yaml of the foreach or matrix group that the target names, or to which it belongs
 * ("each", "each@a"). Borrowed; NULL: none. */
static const char *file_of_group(const struct index *ix, const char *target)
{
	size_t n = strcspn(target, "@");
	VEC_EACH (&ix->stages, at) {
		const char *name = (*at)->name;
		if (name && strncmp(name, target, n) == 0 && name[n] == '@')
			return (*at)->file;
	}
	return NULL;
}

/* The stage or .dvc file whose name is most similar to the target. If an output is most similar, it
 * is the stage of that. Heap string, or NULL. */
static char *nearest_stage(const struct index *ix, const char *target)
{
	AUTO(words_release) struct words words = {0};
	words_collect(&words, ix->repo, WORD_TARGET, NULL);
	const char *near = words_nearest(&words, target);
	char *stage = near ? stage_of(ix, near) : NULL;
	return stage || !near ? stage : mem_strdup(near);
}

void hint_target(struct app *app, const char *command, const char *target, struct err *err)
{
	struct index *ix;
	bool told = err->hint || err->plain || strstr(err_text(err), "Do you mean");
	const char *text = err_text(err);
	/* only these messages are about the target's name */
	bool about_name = strstr(text, "not found inside") || strstr(text, "' does not exist") ||
			  strstr(text, "parametrized stage");
	if (err_is_page(err) || !about_name)
		return;
	if (say_as_dvc() || told || repo_index(app->repo, &ix, NULL) < 0)
		return;

	AUTO(mem_freep) char *stage = stage_of(ix, target);
	AUTO(mem_freep) char *near = nearest_stage(ix, target);
	const char *group = file_of_group(ix, target);
	AUTO(mem_freep) char *file = group ? repo_display(app->repo, group) : NULL;
	if (stage)
		err_hint(err, "'%s' is an output of '%s': `dvc %s %s`", target, stage, command,
			stage);
	else if (file)
		err_hint(err, "Stages of a foreach or matrix are changed in '%s' itself.", file);
	else if (is_target(ix, target))
		return; /* the name exists, so the error is about something else */
	else if (near)
		err_hint(err, "Did you mean '%s'?", near);
	else
		err_hint(err,
			"No stage or .dvc file is called '%s'; `dvc stage list --all` names all.",
			target);
}

/* ---- words that do not exist */

/* The hint for each kind of word if no similar name exists: how to list the names. */
static const char *const nothing_called[] = {
	[WORD_TARGET] =
		"No stage, output or .dvc file is called '%s'; `cairn stage list --all` names all.",
	[WORD_STAGE] = "No stage is called '%s'; `cairn stage list --all` names all.",
	[WORD_EXPERIMENT] = "No experiment is called '%s'; `cairn exp list -A` names all.",
	[WORD_TASK] = "No task of the queue is called '%s'; `cairn queue status` names all.",
	[WORD_REV] = "No branch, tag, commit or experiment is called '%s'.",
	[WORD_REMOTE] = "No remote is called '%s'; `cairn remote list` names all.",
	[WORD_CONFIG_KEY] = "There is no configuration key '%s'; `cairn config -h` names all.",
	[WORD_REMOTE_KEY] = "Such a remote has no key '%s'; `cairn remote modify -h` names all.",
	[WORD_PARAM] = "There is no parameter '%s'.",
	[WORD_EXECUTOR] = "An executor is a section of .dvc/cairn.config: `[executor \"%s\"]`.",
};

/* A word of the command line that may not exist. */
struct wrong_word {
	enum word_kind kind;
	const char *text;
	const char *beside; /* the argument before it, or NULL */
};

/* The name in a word. Of a parameter, Hydra's prefixes and the value are removed. Heap string. */
static char *bare(enum word_kind kind, const char *text)
{
	if (kind != WORD_PARAM)
		return mem_strdup(text);
	text += strspn(text, "+~");
	return mem_strndup(text, strcspn(text, "="));
}

/* Does the error message name the word? Of a configuration key it has the last part or, if there is
 * no such section, the first one; of a parameter only what follows the file. */
static bool is_about(enum word_kind kind, const char *text, const struct err *err)
{
	const char *last = kind == WORD_CONFIG_KEY ? strrchr(text, '.')
			   : kind == WORD_PARAM    ? strrchr(text, ':')
						   : NULL;
	if (strstr(err_text(err), last ? last + 1 : text))
		return true;
	if (kind != WORD_CONFIG_KEY)
		return false;
	AUTO(mem_freep) char *section = mem_printf("['%.*s']", (int)strcspn(text, "."), text);
	return str_ends(err_text(err), section);
}

/* The hint for one word, if the error message contains it and no such name exists. Heap string, or
 * NULL. */
static char *hint_word(struct repo *repo, const struct wrong_word *w, const struct err *err)
{
	AUTO(words_release) struct words words = {0};
	AUTO(mem_freep) char *text = w->text ? bare(w->kind, w->text) : NULL;
	if (!text || !*text || w->kind >= ARRAY_SIZE(nothing_called) || !nothing_called[w->kind])
		return NULL;

	/* with Hydra the names are those of its files, and its own messages list them */
	if (w->kind == WORD_PARAM && config_bool(&repo->config, "hydra", "enabled", false))
		return NULL;

	if (!is_about(w->kind, text, err))
		return NULL;

	words_collect(&words, repo, w->kind, w->kind == WORD_PARAM ? text : w->beside);

	VEC_EACH (&words.list, word)
		if (strcmp(word->text, text) == 0)
			return NULL;

	const char *near = words_nearest(&words, text);
	if (near)
		return mem_printf("Did you mean '%s'?", near);

	AUTO(buf_release) struct buf b = BUF_INIT;
	const char *fmt = nothing_called[w->kind], *at = strstr(fmt, "%s");
	buf_addf(&b, "%.*s%s%s", (int)(at - fmt), fmt, text, at + 2);
	return buf_detach(&b);
}

static char *hint_words_of(
	struct repo *repo, enum word_kind kind, const struct strlist *list, const struct err *err)
{
	char *hint = NULL;
	for (size_t i = 0; i < list->count && !hint; i++)
		hint = hint_word(repo, &(struct wrong_word){kind, list->items[i], NULL}, err);
	return hint;
}

char *hint_words(const struct parsed *p, struct repo *repo, const struct err *err)
{
	const struct cmd *c = p->chain[p->depth - 1];
	const char *fields = p->opts, *before = NULL;
	char *hint = NULL;

	for (const struct arg *a = c->args; a && a->count && !hint; a++) {
		const void *field = fields + a->offset;
		if (a->count >= ARG_ANY) {
			hint = hint_words_of(repo, a->takes, field, err);
			continue;
		}
		const char *text = *(const char *const *)field;
		hint = hint_word(repo, &(struct wrong_word){a->takes, text, before}, err);
		before = text;
	}

	for (const struct opt *o = c->opts; o && o->kind && !hint; o++) {
		const void *field = fields + o->offset;
		if (o->kind == OPT_KIND_LIST || o->kind == OPT_KIND_MANY)
			hint = hint_words_of(repo, o->takes, field, err);
		else if (o->kind == OPT_KIND_STRING || o->kind == OPT_KIND_OPTIONAL)
			hint = hint_word(repo,
				&(struct wrong_word){o->takes, *(const char *const *)field, NULL},
				err);
	}
	return hint;
}

/* ---- what has not been done yet */

/* Is the text a path in quotes and these words, and nothing else? Other messages end so, too. */
static bool is_path_and(const char *text, const char *words)
{
	return *text == '\'' && str_eq(text + 1 + strcspn(text + 1, "'"), words);
}

const char *hint_next_step(int r, const struct err *err)
{
	const char *text = err_text(err);
	if (r == ERR_NOT_REPO && str_starts(text, "you are not inside"))
		return "`dvc init` sets one up here; in a project, change to its directory.";
	if (strstr(text, "not tracked by any supported SCM tool"))
		return "`git init` makes this directory a Git repository.";
	if (strstr(text, "Empty Git repo."))
		return "`git add -A && git commit` makes the first commit.";
	if (is_path_and(text, "' does not exist") && str_ends(text, "dvc.yaml' does not exist"))
		return "`dvc stage add` adds the first stage; `dvc stage list --all` names those of "
		       "other directories.";
	if (strstr(text, "failed to reproduce") && strstr(text, ": [Errno 2] "))
		return "The stage depends on it: make it, or correct `deps` in dvc.yaml.";
	if (strstr(text, "missing EQUAL at '<EOF>'"))
		return "A parameter needs a value: `-S <name>=<value>`.";
	if (is_path_and(text, "' is a directory"))
		return "`dvc list . <directory>` names the files in it.";
	if (str_ends(text, "is in queue but has not been started"))
		return "`dvc queue start` starts workers, which run what waits and is not held.";
	if (str_ends(text, "is not a valid Git remote or URL"))
		return "`git remote -v` lists the Git remotes, `git remote add <name> <url>` adds one.";
	return NULL;
}
