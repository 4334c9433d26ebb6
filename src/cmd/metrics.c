/* `metrics show` and `metrics diff`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/readings.h"
#include "text/flatten.h"
#include "ui/say.h"
#include "ui/table.h"

enum { DEFAULT_PRECISION = 5 };

struct show_opts {
	bool all_branches, all_tags, all_commits, json, markdown, recursive;
	int precision;
	struct strlist targets;
};

static const struct opt show_options[] = {
	OPT_FLAG(show_opts, all_branches, 'a', "all-branches", "show the metrics of all branches"),
	OPT_FLAG(show_opts, all_tags, 'T', "all-tags", "show the metrics of all tags"),
	OPT_FLAG(show_opts, all_commits, 'A', "all-commits", "show the metrics of all commits"),
	OPT_FLAG(show_opts, json, 0, "json", "print JSON"),
	OPT_FLAG(show_opts, markdown, 0, "md", "print a Markdown table"),
	OPT_FLAG(show_opts, recursive, 'R', "recursive", "targets may be directories"),
	OPT_INT(show_opts, precision, 0, "precision", "n", "round to n digits after the point (5)"),
	OPT_END,
};

static const struct arg show_args[] = {
	ARG_(ARG_ANY, show_opts, targets, "targets", "metrics files to show; all by default",
		.takes = WORD_FILE),
	{ARG_END},
};

/* One row: a file of one revision, with its values by dotted key. */
struct line {
	const char *rev, *path;
	const struct value *data;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One row per file and revision, one column per key; keys are sorted. */
static void print_table(const struct readings_list *list, const struct show_opts *o,
	const struct repo *repo, struct arena *a)
{
	AUTO(table_release) struct table t = TABLE_INIT("-");
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	VEC(struct line) lines = {0};

	VEC_EACH (&list->items, r) {
		const struct value *files = r->error.type ? NULL : readings_to_value(r, repo, a);
		for (size_t i = 0; i < value_count(files); i++) {
			const struct value *data = value_get(files->list.items[i].value, "data");
			struct value *flat = data ? flatten(a, data) : value_map(a);
			if (data && !value_is(data, VALUE_MAP))
				value_set(a, flat, "", value_copy(a, data));
			*vec_push(&lines) = (struct line){r->rev, files->list.items[i].key, flat};
			for (size_t k = 0; k < value_count(flat); k++)
				strlist_add(&names, flat->list.items[k].key);
		}
	}

	if (names.count)
		qsort(names.items, names.count, sizeof(*names.items), by_text);
	strlist_uniq(&names);
	(void)table_add_column(&t, "Revision");
	(void)table_add_column(&t, "Path");

	for (size_t i = 0; i < names.count; i++)
		(void)table_add_column(&t, names.items[i]);

	VEC_EACH (&lines, line) {
		size_t row = table_add_row(&t);
		table_set(&t, row, 0, line->rev);
		table_set(&t, row, 1, line->path);
		for (size_t i = 0; i < names.count; i++) {
			const struct value *v = value_get(line->data, names.items[i]);
			AUTO(mem_freep) char *text = v ? readings_format(v,
								 o->precision ? o->precision
									      : DEFAULT_PRECISION)
						       : NULL;
			if (text)
				table_set(&t, row, 2 + i, text);
		}
	}

	vec_release(&lines);
	if (!o->all_branches && !o->all_tags && !o->all_commits)
		table_drop(&t, 0);
	if (o->markdown)
		table_markdown(&out, &t);
	else
		table_plain(&out, &t);
	say_answer(buf_str(&out), out.len);
}

static struct value *to_json(
	const struct readings_list *list, const struct repo *repo, struct arena *a)
{
	struct value *revs = value_map(a);
	VEC_EACH (&list->items, r) {
		struct value *one = value_map(a);
		value_set(a, one, r->error.type ? "error" : "data", readings_to_value(r, repo, a));
		value_set(a, revs, r->rev, one);
	}
	return revs;
}

static int show_run(struct app *app, const void *opts, struct err *err)
{
	const struct show_opts *o = opts;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(readings_list_release) struct readings_list list = {0};
	AUTO(strlist_release) struct strlist warnings = STRLIST_INIT;
	struct readings_opts which = {
		.targets = &o->targets,
		.all_branches = o->all_branches,
		.all_tags = o->all_tags,
		.all_commits = o->all_commits,
		.hide_workspace = true,
		.warnings = &warnings,
	};

	int ret = readings_collect(app->repo, &which, metrics_read, &a, &list, err);
	if (ret < 0)
		return ret;

	readings_report(&list, &warnings, "metrics");
	if (o->json)
		return json_print(to_json(&list, app->repo, &a), err);

	print_table(&list, o, app->repo, &a);
	return 0;
}

static const struct cmd cmd_show = {
	.name = "show",
	.summary = "print metrics",
	.needs = CMD_REPO | CMD_ANYWHERE,
	.opts = show_options,
	.args = show_args,
	.opts_size = sizeof(struct show_opts),
	EXAMPLES({"", "of the workspace"}, {"-T", "and of all tags"}),
	.run = show_run,
};

struct diff_opts {
	struct strlist targets;
	bool recursive, all, json, markdown, no_path, spark;
	int precision;
	const char *a_rev, *b_rev;
};

static const struct opt diff_options[] = {
	OPT_MANY(diff_opts, targets, 0, "targets", "paths",
		"metrics files to compare; all by default", .takes = WORD_FILE),
	OPT_FLAG(diff_opts, recursive, 'R', "recursive", "targets may be directories"),
	OPT_FLAG(diff_opts, all, 0, "all", "show what did not change, too"),
	OPT_FLAG(diff_opts, json, 0, "json", "print JSON"),
	OPT_FLAG(diff_opts, markdown, 0, "md", "print a Markdown table"),
	OPT_FLAG(diff_opts, no_path, 0, "no-path", "leave out the column of paths"),
	OPT_INT(diff_opts, precision, 0, "precision", "n", "round to n digits after the point (5)"),
	OPT_FLAG(diff_opts, spark, 0, "spark",
		"draw the course of each metric over the commits between"),
	OPT_END,
};

static const struct arg diff_args[] = {
	ARG_(ARG_OPTIONAL, diff_opts, a_rev, "a_rev", "old commit (HEAD)", .takes = WORD_REV),
	ARG_(ARG_OPTIONAL, diff_opts, b_rev, "b_rev", "new commit (the workspace)",
		.takes = WORD_REV),
	{ARG_END},
};

static int diff_run(struct app *app, const void *opts, struct err *err)
{
	const struct diff_opts *o = opts;
	struct readings_opts which = {.targets = &o->targets};
	struct diff_output how = {
		.title = "Metric",
		.a_rev = o->a_rev ? o->a_rev : "HEAD",
		.b_rev = o->b_rev ? o->b_rev : "workspace",
		.json = o->json,
		.markdown = o->markdown,
		.no_path = o->no_path,
		.changes = true,
		.course = o->spark,
		.precision = o->precision ? o->precision : DEFAULT_PRECISION,
	};
	return readings_print_diff(app, &which, metrics_read, o->all, &how, err);
}

static const struct cmd metrics_diff_cmd = {
	.name = "diff",
	.summary = "show how metrics changed between commits",
	.needs = CMD_REPO | CMD_ANYWHERE,
	.opts = diff_options,
	.args = diff_args,
	.opts_size = sizeof(struct diff_opts),
	EXAMPLES({"v1.0", "the workspace against a commit"},
		{"--spark v1.0", "and how it came about"}),
	.run = diff_run,
};

static const struct cmd *const metrics_subs[] = {&metrics_diff_cmd, &cmd_show, NULL};

const struct cmd cmd_metrics = {
	.name = "metrics",
	.summary = "show and compare metrics",
	EXAMPLES({"diff", "the workspace against the last commit"}),
	.subs = metrics_subs,
};
