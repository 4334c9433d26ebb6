/* `plots exps`. */
#include "cmd/exit.h"
#include "cmd/exp_revs.h"
#include "cmd/plots_commands.h"
#include "cmd/plots_output.h"
#include "plots/experiments.h"

struct exps_opts {
	struct exp_revs of;
	struct strlist y;
	const char *x;
	struct plots_output output;
};

static const struct exps_opts exps_defaults = {.of = {.num = 1}};

static const struct opt exps_options[] = {
	OPT_STRING(exps_opts, x, 'x', "x", "name",
		"a parameter or metric; without it, parallel axes", .takes = WORD_PARAM),
	OPT_LIST(exps_opts, y, 'y', "y", "name",
		"what to draw against it (repeatable); all metrics by default"),
	EXP_REVS_OPTIONS(exps_opts),
	PLOTS_OUTPUT_OPTIONS(exps_opts),
	OPT_END,
};

static int exps_run(struct app *app, const void *opts, struct err *err)
{
	const struct exps_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(plots_release) struct plots p = PLOTS_INIT;
	struct plots_experiments_opts which = {
		.which = {.revs = &o->of.revs,
			.num = o->of.num,
			.all_branches = o->of.all_branches,
			.all_tags = o->of.all_tags,
			.all_commits = o->of.all_commits},
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
	EXAMPLES({"--x train.lr --y acc", "one metric against one parameter"},
		{"--terminal", "all parameters and metrics"}),
	.run = exps_run,
};
