/* `metrics show` and `metrics diff`. */
#include "cmd/commands.h"
#include "cmd/readings.h"
#include "cmd/readings_show.h"

static const struct opt show_options[] = {
	READINGS_SHOW_OPTIONS("metrics"),
	OPT_FLAG(readings_show, recursive, 'R', "recursive", "targets may be directories"),
	OPT_END,
};

static const struct arg show_args[] = {
	ARG_(ARG_ANY, readings_show, targets, "targets", "metrics files to show; all by default",
		.takes = WORD_FILE),
	{ARG_END},
};

static int show_run(struct app *app, const void *opts, struct err *err)
{
	return readings_show_run(app, opts, metrics_read, "metrics", err);
}

static const struct cmd cmd_show = {
	.name = "show",
	.summary = "print metrics",
	.needs = CMD_REPO | CMD_ANYWHERE,
	.opts = show_options,
	.args = show_args,
	.opts_size = sizeof(struct readings_show),
	EXAMPLES({"", "of the workspace"}, {"-T", "and of all tags"},
		{"--rev v1.0", "of one revision"}),
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
		.precision = o->precision ? o->precision : READINGS_PRECISION,
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
