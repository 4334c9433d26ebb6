/* `plots exps`. */
#include "cmd/exit.h"
#include "cmd/plots_commands.h"
#include "cmd/plots_output.h"
#include "plots/experiments.h"

struct exps_opts {
	bool all_commits, all_branches, all_tags;
	struct strlist revs, y;
	const char *x;
	int num;
	struct plots_output output;
};

static const struct exps_opts exps_defaults = {.num = 1};

static const struct opt exps_options[] = {
	OPT_STRING(exps_opts, x, 'x', "x", "name",
		"a parameter or metric; without it, parallel axes", .takes = WORD_PARAM),
	OPT_LIST(exps_opts, y, 'y', "y", "name",
		"what to draw against it (repeatable); all metrics by default"),
	OPT_FLAG(exps_opts, all_commits, 'A', "all-commits", "experiments of all commits"),
	OPT_LIST(exps_opts, revs, 0, "rev", "commit", "experiments of this commit (repeatable)",
		.takes = WORD_REV),
	OPT_INT(exps_opts, num, 'n', "num", "number",
		"and of this many of its ancestors, itself counted"),
	OPT_FLAG(exps_opts, all_branches, 'a', "all-branches", "experiments of all branches"),
	OPT_FLAG(exps_opts, all_tags, 'T', "all-tags", "experiments of all tags"),
	PLOTS_OUTPUT_OPTIONS(exps_opts),
	OPT_END,
};

static int exps_run(struct app *app, const void *opts, struct err *err)
{
	const struct exps_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(plots_release) struct plots p = PLOTS_INIT;
	struct plots_experiments_opts which = {
		.which = {.revs = &o->revs,
			.num = o->num,
			.all_branches = o->all_branches,
			.all_tags = o->all_tags,
			.all_commits = o->all_commits},
		.x = o->x,
		.y = &o->y,
	};
	int r = exp_open(&x, app->repo, err);
	if (r == 0)
		r = plots_of_experiments(&p, &x, &which, err);
	if (r == 0)
		r = plots_print(app, &o->output, &p, err);
	return r < 0 ? exit_caught(err, NULL) : r;
}

const struct cmd cmd_plots_exps = {
	.name = "exps",
	.summary = "draw metrics of experiments against a parameter",
	.needs = CMD_REPO,
	.opts = exps_options,
	.opts_size = sizeof(struct exps_opts),
	.defaults = &exps_defaults,
	EXAMPLES({"--x train.lr --y f1", "one metric against one parameter"},
		{"--terminal", "all of them, on parallel axes"}),
	.run = exps_run,
};
