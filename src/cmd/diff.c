#include "base/alloc.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "ops/data_status.h"
#include "text/json.h"
#include "ui/report.h"
#include "ui/say.h"
#include "ui/table.h"

struct diff_args {
	struct strlist targets;
	const char *a_rev, *b_rev;
	bool json, show_hash, md, hide_missing;
};

/* In the order of the text; "not in cache" last, so that it can be left out. */
static const char *const states[] = {"added", "deleted", "renamed", "modified", "not in cache"};

/* "12345678", or "12345678..90abcdef" of a change. Heap string, "" when there is none. */
static char *short_hash(const struct value *hash)
{
	const char *one = value_str(hash), *old = value_get_str(hash, "old"),
		   *new = value_get_str(hash, "new");
	if (one)
		return mem_strndup(one, 8);
	return old && new ? mem_printf("%.8s..%.8s", old, new) : mem_strdup("");
}

static char *shown_path(const struct value *item)
{
	const struct value *path = value_get(item, "path");
	const char *plain = value_str(path);
	return plain ? mem_strdup(plain)
		     : mem_printf(
			       "%s -> %s", value_get_str(path, "old"), value_get_str(path, "new"));
}

/* A section; returns how many of its items are files. */
static size_t add_section(
	struct buf *out, const char *state, const struct value *list, bool show_hash)
{
	size_t files = 0;
	buf_addc(out, (char)(state[0] - 'a' + 'A'));
	buf_addf(out, "%s:\n", state + 1);
	for (size_t i = 0; i < value_count(list); i++) {
		const struct value *item = list->list.items[i].value;
		AUTO(mem_freep) char *path = shown_path(item);
		AUTO(mem_freep) char *hash = show_hash ? short_hash(value_get(item, "hash"))
						       : mem_strdup("");
		buf_addf(out, "    %s%s%s\n", hash, *hash ? "  " : "", path);
		files += !str_ends(path, "/");
	}
	buf_addc(out, '\n');
	return files;
}

static void show_text(const struct value *diff, const struct diff_args *o, size_t state_count)
{
	AUTO(buf_release) struct buf text = BUF_INIT, summary = BUF_INIT;
	for (size_t i = 0; i < state_count; i++) {
		const struct value *list = value_get(diff, states[i]);
		size_t files = value_count(list) ? add_section(&text, states[i], list, o->show_hash)
						 : 0;
		if (files)
			buf_addf(&summary, "%s %zu %s", summary.len ? "," : "", files, states[i]);
	}
	if (summary.len)
		buf_addf(&text, "files summary:%s\n", summary.ptr);
	if (text.len)
		say_raw(text.ptr, text.len);
}

static void show_markdown(const struct value *diff, const struct diff_args *o, size_t state_count)
{
	AUTO(table_release) struct table t = TABLE_INIT("");
	AUTO(buf_release) struct buf text = BUF_INIT;
	size_t status = table_add_column(&t, "Status");
	size_t hash = o->show_hash ? table_add_column(&t, "Hash") : 0,
	       path = table_add_column(&t, "Path");
	for (size_t i = 0; i < state_count; i++) {
		const struct value *list = value_get(diff, states[i]);
		for (size_t k = 0; k < value_count(list); k++) {
			const struct value *item = list->list.items[k].value;
			AUTO(mem_freep) char *shown = shown_path(item);
			AUTO(mem_freep) char *digest = short_hash(value_get(item, "hash"));
			size_t row = table_add_row(&t);
			table_set(&t, row, status, states[i]);
			table_set(&t, row, path, shown);
			if (o->show_hash)
				table_set(&t, row, hash, digest);
		}
	}
	table_markdown(&text, &t);
	say_raw(text.ptr, text.len);
}

static int show_json(struct value *diff, const struct diff_args *o, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	for (size_t i = 0; i < value_count(diff) && !o->show_hash; i++) {
		const struct value *list = diff->list.items[i].value;
		for (size_t k = 0; k < value_count(list); k++)
			(void)value_remove(list->list.items[k].value, "hash");
	}
	int r = json_write(&text, diff, NULL, err);
	buf_addc(&text, '\n');
	if (r >= 0)
		say_raw(text.ptr, text.len);
	return r;
}

static int diff_run(struct app *app, const void *opts, struct err *err)
{
	const struct diff_args *o = opts;
	const struct diff_opts want = {.a_rev = o->a_rev ? o->a_rev : "HEAD",
		.b_rev = o->b_rev,
		.targets = &o->targets,
		.progress = ui_report()};
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *diff;
	int r = ops_diff(app->repo, &want, &a, &diff, err);
	if (r < 0)
		return exit_caught(err, "failed to get diff");
	bool hide_missing = o->b_rev || o->hide_missing;
	size_t state_count = ARRAY_SIZE(states) - hide_missing;
	if (hide_missing)
		(void)value_remove(diff, "not in cache");
	if (o->json)
		return show_json(diff, o, err);
	if (o->md)
		show_markdown(diff, o, state_count);
	else
		show_text(diff, o, state_count);
	return 0;
}

static const struct opt diff_options[] = {
	OPT_MANY(diff_args, targets, 0, "targets", "paths",
		"compare only these files and directories", .takes = WORD_TARGET),
	OPT_FLAG(diff_args, json, 0, "json", "print JSON"),
	OPT_FLAG(diff_args, show_hash, 0, "show-hash", "show hashes"),
	OPT_FLAG(diff_args, md, 0, "md", "print a Markdown table"),
	OPT_FLAG(diff_args, hide_missing, 0, "hide-missing", "do not say what the cache lacks"),
	OPT_END,
};
static const struct arg diff_arguments[] = {
	ARG_(ARG_OPTIONAL, diff_args, a_rev, "a_rev", "old commit; HEAD if not given",
		.takes = WORD_REV),
	ARG_(ARG_OPTIONAL, diff_args, b_rev, "b_rev", "new commit; the workspace if not given",
		.takes = WORD_REV),
	{ARG_END},
};

const struct cmd cmd_diff = {
	.name = "diff",
	.summary = "show data added, changed or deleted between commits",
	.needs = CMD_REPO,
	.opts = diff_options,
	.args = diff_arguments,
	.opts_size = sizeof(struct diff_args),
	EXAMPLES({"", "the workspace against the last commit"}, {"v1.0 HEAD", "two commits"}),
	.run = diff_run,
};
