/* `why`: `repro --explain` as a command of its own. Only cairn has it. */
#include "cmd/commands.h"
#include "cmd/explain_print.h"
#include "cmd/hint.h"
#include "cmd/repro_opts.h"

struct why_opts {
	struct repro_common common;
	bool glob, json;
};

static const struct opt why_options[] = {
	OPT_FLAG(why_opts, common.single_item, 's', "single-item",
		"only the targets, not what they depend on"),
	OPT_FLAG(why_opts, common.pipeline, 'p', "pipeline",
		"the whole pipelines that the targets belong to"),
	OPT_FLAG(why_opts, common.all_pipelines, 'P', "all-pipelines",
		"all pipelines of the repository"),
	OPT_FLAG(why_opts, common.recursive, 'R', "recursive",
		"targets may be directories of stages"),
	OPT_FLAG(why_opts, common.downstream, 0, "downstream",
		"from the targets on to what depends on them"),
	OPT_FLAG(why_opts, glob, 0, "glob", "targets are patterns of stage names"),
	OPT_INT(why_opts, common.jobs, 'j', "jobs", "number",
		"how long with so many stages at once; 0: one for each processor"),
	OPT_FLAG(why_opts, json, 0, "json", "print JSON"),
	OPT_END,
};

static const struct why_opts why_defaults = {.common.jobs = 1};

static const struct arg why_args[] = {
	ARG_(ARG_ANY, why_opts, common.targets, "targets",
		"stages, groups, or dvc.yaml and .dvc files, as for repro", .takes = WORD_STAGE),
	{ARG_END},
};

static int why_run(struct app *app, const void *opts, struct err *err)
{
	const struct why_opts *o = opts;
	struct repro_opts run;
	repro_opts_fill(&run, &o->common, app->quiet);
	run.run.dry = true;
	run.glob = o->glob;
	int r = explain_and_print(app->repo, &run, o->json, err);
	return r < 0 ? hint_stage(app, &o->common.targets, r, err) : r;
}

const struct cmd cmd_why = {
	.name = "why",
	.summary = "explain what repro would do, and why",
	.details =
		"For each stage, in the order of the run: which dependency, parameter, command or "
		"output changed, and since which commit; what will run, what may run after stages "
		"before it, what comes from the run-cache; how long it takes by past runs. Nothing "
		"is run or changed. `repro --explain` says the same for its other options.",
	.needs = CMD_REPO,
	.opts = why_options,
	.args = why_args,
	.opts_size = sizeof(struct why_opts),
	.defaults = &why_defaults,
	EXAMPLES({"", "all that would run"}, {"train", "one stage"}),
	.run = why_run,
};
