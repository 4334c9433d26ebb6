/* `params show` and `params diff`. */
#include "cmd/commands.h"
#include "cmd/readings.h"
#include "cmd/readings_show.h"

static const struct opt show_options[] = {
	READINGS_SHOW_OPTIONS("parameters"),
	OPT_FLAG(readings_show, deps, 0, "deps", "only parameters that stages depend on"),
	OPT_LIST(readings_show, stages, 0, "stages", "stage",
		"only parameters that this stage depends on (repeatable)", .takes = WORD_STAGE),
	OPT_END,
};

static const struct arg show_args[] = {
	ARG_(ARG_ANY, readings_show, targets, "targets", "parameter files to show; all by default",
		.takes = WORD_FILE),
	{ARG_END},
};

static int show_run(struct app *app, const void *opts, struct err *err)
{
	return readings_show_run(app, opts, params_read, "params", err);
}

static const struct cmd params_show_cmd = {
	.name = "show",
	.summary = "print parameters",
	.needs = CMD_REPO | CMD_ANYWHERE,
	.opts = show_options,
	.args = show_args,
	.opts_size = sizeof(struct readings_show),
	EXAMPLES({"", "of the workspace"}, {"--rev v1.0 --json", "of a commit, as data"}),
	.run = show_run,
};

struct diff_opts {
	struct strlist targets;
	bool all, deps, json, markdown, no_path;
	const char *a_rev, *b_rev;
};

static const struct opt diff_options[] = {
	OPT_MANY(diff_opts, targets, 0, "targets", "paths",
		"parameter files to compare; all by default", .takes = WORD_FILE),
	OPT_FLAG(diff_opts, all, 0, "all", "show what did not change, too"),
	OPT_FLAG(diff_opts, deps, 0, "deps", "only parameters that stages depend on"),
	OPT_FLAG(diff_opts, json, 0, "json", "print JSON"),
	OPT_FLAG(diff_opts, markdown, 0, "md", "print a Markdown table"),
	OPT_FLAG(diff_opts, no_path, 0, "no-path", "leave out the column of paths"),
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
	struct readings_opts which = {.targets = &o->targets, .deps_only = o->deps};
	struct diff_output how = {
		.title = "Param",
		.a_rev = o->a_rev ? o->a_rev : "HEAD",
		.b_rev = o->b_rev ? o->b_rev : "workspace",
		.json = o->json,
		.markdown = o->markdown,
		.no_path = o->no_path,
	};
	return readings_print_diff(app, &which, params_read, o->all, &how, err);
}

static const struct cmd params_diff_cmd = {
	.name = "diff",
	.summary = "show how parameters changed between commits",
	.needs = CMD_REPO | CMD_ANYWHERE,
	.opts = diff_options,
	.args = diff_args,
	.opts_size = sizeof(struct diff_opts),
	EXAMPLES({"", "the workspace against the last commit"}, {"v1.0 HEAD", "two commits"}),
	.run = diff_run,
};

static const struct cmd *const params_subs[] = {&params_diff_cmd, &params_show_cmd, NULL};

const struct cmd cmd_params = {
	.name = "params",
	.summary = "show and compare parameters",
	EXAMPLES({"diff", "the workspace against the last commit"}),
	.subs = params_subs,
};
