#include "base/alloc.h"
#include "cmd/commands.h"
#include "ops/data_status.h"
#include "text/json.h"
#include "ui/report.h"
#include "ui/say.h"

struct data_args {
	struct strlist targets;
	bool json, granular, unchanged, not_in_remote, no_remote_refresh;
	const char *untracked, *remote;
};

static const struct section {
	const char *key, *title, *hints[2];
} sections[] = {
	{"not_in_cache", "Not in cache", {"use \"dvc fetch <file>...\" to download files"}},
	{"not_in_remote", "Not in remote", {"use \"dvc push <file>...\" to upload files"}},
	{"committed", "DVC committed changes",
		{"git commit the corresponding dvc files to update the repo"}},
	{"uncommitted", "DVC uncommitted changes",
		{"use \"dvc commit <file>...\" to track changes",
			"use \"dvc checkout <file>...\" to discard changes"}},
	{"untracked", "Untracked files",
		{"use \"git add <file> ...\" or \"dvc add <file>...\" to commit to git or to dvc"}},
	{"unchanged", "DVC unchanged files", {NULL}},
};

static void add_item(struct buf *out, const char *state, const struct value *item)
{
	buf_addn(out, ' ', 8);
	if (state)
		buf_addf(out, "%s: ", state);
	if (value_is(item, VALUE_MAP))
		buf_addf(out, "%s -> %s\n", value_get_str(item, "old"), value_get_str(item, "new"));
	else
		buf_addf(out, "%s\n", value_str(item));
}

static void add_section(struct buf *out, const struct section *s, const struct value *content)
{
	buf_addf(out, "%s%s:\n", out->len ? "\n" : "", s->title);
	for (size_t i = 0; i < ARRAY_SIZE(s->hints) && s->hints[i]; i++)
		buf_addf(out, "  (%s)\n", s->hints[i]);
	for (size_t i = 0; i < value_count(content); i++) {
		const struct value_item *it = &content->list.items[i];
		if (!value_is(content, VALUE_MAP)) {
			add_item(out, NULL, it->value);
			continue;
		}
		for (size_t k = 0; k < value_count(it->value); k++)
			add_item(out, it->key, it->value->list.items[k].value);
	}
}

static void show(const struct value *status, bool dirty, bool empty)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		const struct value *content = value_get(status, sections[i].key);
		if (content)
			add_section(&text, &sections[i], content);
	}
	bool any = text.len > 0;
	if (!any)
		buf_addf(&text, "No changes%s.\n", empty ? " in an empty git repo" : "");
	if (dirty)
		buf_addf(&text,
			"(there are %schanges not tracked by dvc, use \"git status\" to see)\n",
			any ? "other " : "");
	say_raw(text.ptr, text.len);
}

static int data_status_run(struct app *app, const void *opts, struct err *err)
{
	const struct data_args *o = opts;
	const struct data_status_opts want = {.targets = &o->targets,
		.granular = o->granular,
		.unchanged = o->unchanged,
		.untracked = o->untracked && strcmp(o->untracked, "all") == 0,
		.not_in_remote = o->not_in_remote,
		.remote = o->remote,
		.progress = ui_report()};
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *status;
	bool dirty, empty;
	int r = ops_data_status(app->repo, &want, &a, &status, &dirty, &empty, err);
	if (r < 0)
		return r;
	if (!want.untracked)
		(void)value_remove(status, "untracked");
	if (!o->json) {
		show(status, dirty, empty);
		return 0;
	}
	AUTO(buf_release) struct buf text = BUF_INIT;
	r = json_write(&text, status, NULL, err);
	buf_addc(&text, '\n');
	if (r >= 0)
		say_raw(text.ptr, text.len);
	return r;
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
		"accepted for DVC's sake; the remote is always asked"),
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
