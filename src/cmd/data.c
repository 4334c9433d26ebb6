/* `data status`, as text and as JSON. Both go through the same sections. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/json_out.h"
#include "ops/data_status.h"
#include "ui/report.h"
#include "ui/say.h"

struct data_args {
	struct strlist targets;
	bool json, granular, unchanged, not_in_remote, no_remote_refresh;
	const char *untracked, *remote;
};

/* The kinds of changes, in DVC's order. */
static const struct kind {
	enum change_kind kind;
	const char *name;
} kinds[] = {{CHANGE_MODIFIED, "modified"}, {CHANGE_ADDED, "added"}, {CHANGE_RENAMED, "renamed"},
	{CHANGE_DELETED, "deleted"}, {CHANGE_UNKNOWN, "unknown"}};

/* A section of the status. Exactly one of the three lists is set. */
struct section {
	const char *key, *title, *hints[2];
	const struct entries *entries;
	const struct entry_changes *changes;
	const struct strlist *paths;
};

enum { SECTION_COUNT = 6 };

static void list_sections(const struct data_status *s, struct section out[SECTION_COUNT])
{
	const struct section all[SECTION_COUNT] = {
		{"not_in_cache", "Not in cache", {"use \"dvc fetch <file>...\" to download files"},
			.entries = &s->not_in_cache},
		{"not_in_remote", "Not in remote", {"use \"dvc push <file>...\" to upload files"},
			.entries = &s->not_in_remote},
		{"committed", "DVC committed changes",
			{"git commit the corresponding dvc files to update the repo"},
			.changes = &s->committed},
		{"uncommitted", "DVC uncommitted changes",
			{"use \"dvc commit <file>...\" to track changes",
				"use \"dvc checkout <file>...\" to discard changes"},
			.changes = &s->uncommitted},
		{"untracked", "Untracked files",
			{"use \"git add <file> ...\" or \"dvc add <file>...\" to commit to git or to dvc"},
			.paths = &s->untracked},
		{"unchanged", "DVC unchanged files", {NULL}, .entries = &s->unchanged},
	};
	memcpy(out, all, sizeof(all));
}

static bool is_empty(const struct section *s)
{
	return !(s->entries ? s->entries->count : s->changes ? s->changes->count : s->paths->count);
}

/* The entry that gives a change its path. */
static const struct entry *entry_of(const struct entry_change *c)
{
	return c->new ? c->new : c->old;
}

/* ---- as text */

static void add_item(struct buf *out, const char *state, const char *path, bool is_dir)
{
	buf_addn(out, ' ', 8);
	if (state)
		buf_addf(out, "%s: ", state);
	buf_addf(out, "%s%s", path, is_dir ? "/" : "");
}

static void add_kind(struct buf *out, const struct kind *kind, const struct entry_changes *changes)
{
	VEC_EACH (changes, c) {
		const struct entry *first = kind->kind == CHANGE_RENAMED ? c->old : entry_of(c);
		if (c->kind != kind->kind)
			continue;
		add_item(out, kind->name, first->path, first->is_dir);
		if (kind->kind == CHANGE_RENAMED)
			buf_addf(out, " -> %s%s", c->new->path, c->new->is_dir ? "/" : "");
		buf_addc(out, '\n');
	}
}

static void add_section(struct buf *out, const struct section *s)
{
	buf_addf(out, "%s%s:\n", out->len ? "\n" : "", s->title);
	for (size_t i = 0; i < ARRAY_SIZE(s->hints) && s->hints[i]; i++) {
		buf_adds(out, "  (");
		say_add_named(out, s->hints[i]);
		buf_adds(out, ")\n");
	}
	for (size_t i = 0; s->changes && i < ARRAY_SIZE(kinds); i++)
		add_kind(out, &kinds[i], s->changes);

	for (size_t i = 0; s->entries && i < s->entries->count; i++) {
		add_item(out, NULL, s->entries->items[i].path, s->entries->items[i].is_dir);
		buf_addc(out, '\n');
	}

	for (size_t i = 0; s->paths && i < s->paths->count; i++) {
		add_item(out, NULL, s->paths->items[i], false);
		buf_addc(out, '\n');
	}
}

static void show_text(const struct data_status *status)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct section sections[SECTION_COUNT];

	list_sections(status, sections);

	for (size_t i = 0; i < SECTION_COUNT; i++) {
		if (!is_empty(&sections[i]))
			add_section(&text, &sections[i]);
	}

	bool any = text.len > 0;
	if (!any)
		buf_addf(&text, "No changes%s.\n", status->empty ? " in an empty git repo" : "");
	if (status->dirty)
		buf_addf(&text,
			"(there are %schanges not tracked by dvc, use \"git status\" to see)\n",
			any ? "other " : "");
	say_raw(text.ptr, text.len);
}

/* ---- as JSON */

static void entry_json(struct json_out *out, const struct entry *e)
{
	json_out_path(out, e->path, e->is_dir);
}

/* Append the changes of one kind, if there are any. */
static void json_kind(
	struct json_out *out, const struct kind *kind, const struct entry_changes *changes)
{
	bool any = false;
	VEC_EACH (changes, c) {
		if (c->kind != kind->kind)
			continue;
		if (!any) {
			json_out_key(out, kind->name);
			json_out_open(out, '[');
		}

		any = true;

		if (kind->kind == CHANGE_RENAMED) {
			json_out_open(out, '{');
			json_out_key(out, "old");
			entry_json(out, c->old);
			json_out_key(out, "new");
			entry_json(out, c->new);
			json_out_close(out, '}');
		} else {
			entry_json(out, entry_of(c));
		}
	}

	if (any)
		json_out_close(out, ']');
}

static void json_section(struct json_out *out, const struct section *s)
{
	json_out_key(out, s->key);
	json_out_open(out, s->changes ? '{' : '[');
	for (size_t i = 0; s->changes && i < ARRAY_SIZE(kinds); i++)
		json_kind(out, &kinds[i], s->changes);
	for (size_t i = 0; s->entries && i < s->entries->count; i++)
		entry_json(out, &s->entries->items[i]);
	for (size_t i = 0; s->paths && i < s->paths->count; i++)
		json_out_string(out, s->paths->items[i]);
	json_out_close(out, s->changes ? '}' : ']');
}

static void show_json(const struct data_status *status)
{
	AUTO(json_out_release) struct json_out out = {0};
	struct section sections[SECTION_COUNT];
	list_sections(status, sections);
	json_out_open(&out, '{');
	for (size_t i = 0; i < SECTION_COUNT; i++) {
		if (!is_empty(&sections[i]))
			json_section(&out, &sections[i]);
	}
	json_out_close(&out, '}');
	json_out_say(&out);
}

static int data_status_run(struct app *app, const void *opts, struct err *err)
{
	const struct data_args *o = opts;
	const struct data_status_opts want = {.targets = &o->targets,
		.granular = o->granular,
		.unchanged = o->unchanged,
		.untracked = o->untracked && strcmp(o->untracked, "all") == 0,
		.not_in_remote = o->not_in_remote,
		.no_refresh = o->no_remote_refresh,
		.remote = o->remote,
		.progress = ui_report_beside(o->json)};
	AUTO(data_status_release) struct data_status status = {0};

	int r = ops_data_status(app->repo, &want, &status, err);
	if (r < 0)
		return r;

	if (o->json)
		show_json(&status);
	else
		show_text(&status);
	return 0;
}

static const char *const untracked_choices[] = {"no", "all", NULL};

static const struct opt data_status_options[] = {
	OPT_FLAG(data_args, json, 0, "json", "print JSON"),
	OPT_FLAG(data_args, granular, 0, "granular", "name the files in tracked directories"),
	OPT_FLAG(data_args, unchanged, 0, "unchanged", "name what has not changed, too"),
	{OPT_KIND_OPTIONAL, 0, "untracked-files", NULL,
		"name files that neither Git nor DVC tracks", offsetof(struct data_args, untracked),
		"all", untracked_choices},
	OPT_STRING(data_args, remote, 'r', "remote", "name", "the remote for --not-in-remote",
		.takes = WORD_REMOTE),
	OPT_FLAG(
		data_args, not_in_remote, 0, "not-in-remote", "name what the remote does not have"),
	OPT_FLAG(data_args, no_remote_refresh, 0, "no-remote-refresh",
		"do not ask a remote over the network; answer from what it was seen to hold"),
	OPT_END,
};
static const struct arg data_status_arguments[] = {
	ARG_(ARG_ANY, data_args, targets, "targets", "files and directories; all if not given",
		.takes = WORD_TARGET),
	{ARG_END},
};

static const struct cmd data_status = {
	.name = "status",
	.summary = "show changes between the last commit, the pointers and the workspace",
	.needs = CMD_REPO,
	.opts = data_status_options,
	.args = data_status_arguments,
	.opts_size = sizeof(struct data_args),
	EXAMPLES({"--granular", "files of directories one by one"}),
	.run = data_status_run,
};
static const struct cmd *const data_subs[] = {&data_status, NULL};

const struct cmd cmd_data = {
	.name = "data",
	.summary = "look at tracked data",
	EXAMPLES({"status --granular", "files of directories one by one"}),
	.subs = data_subs,
};
