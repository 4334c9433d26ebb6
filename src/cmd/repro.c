/* `repro`, and the conversion of its options, which `exp run` and `why` share. */
#include <sys/resource.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/explain_print.h"
#include "cmd/hint.h"
#include "cmd/repro_opts.h"
#include "cmd/units.h"
#include "exec/process.h"
#include "run/repro.h"
#include "ui/report.h"
#include "ui/say.h"

#include "project/repo.h"

static const struct opt repro_options[] = {REPRO_COMMON_OPTIONS(repro_cmd_opts, common),
	OPT_INT(repro_cmd_opts, common.jobs, 'j', "jobs", "number",
		"run so many stages at once; 0: one for each processor"),
	REPRO_EXECUTOR_OPTION(repro_cmd_opts, common),
	OPT_FLAG(repro_cmd_opts, dry_submit, 0, "dry-submit",
		"as --dry, and print what would be submitted to the executor"),
	OPT_FLAG(repro_cmd_opts, glob, 0, "glob", "targets are patterns of stage names"),
	OPT_FLAG(repro_cmd_opts, no_commit, 0, "no-commit", "do not put outputs into the cache"),
	OPT_FLAG(repro_cmd_opts, no_run_cache, 0, "no-run-cache",
		"run commands even when their result is remembered"),
	OPT_FLAG(repro_cmd_opts, explain, 0, "explain",
		"say what would be done and why, and do nothing"),
	OPT_FLAG(repro_cmd_opts, json, 0, "json", "with --explain: print JSON"), OPT_END};

const char *const repro_output_choices[] = {"line", "group", NULL};
static const struct repro_cmd_opts repro_defaults = {.common.jobs = 1};

static const struct arg repro_args[] = {
	ARG_(ARG_ANY, repro_cmd_opts, common.targets, "targets",
		"stages, groups, or dvc.yaml and .dvc files", .takes = WORD_STAGE),
	{ARG_END},
};

void repro_opts_fill(struct repro_opts *out, const struct repro_common *c, bool quiet)
{
	*out = (struct repro_opts){
		.run = {.force = c->force,
			.dry = c->dry,
			.allow_missing = c->allow_missing,
			.interactive = c->interactive,
			.pull = c->pull,
			.quiet = quiet,
			.progress = ui_report(),
			.confirm = say_confirm},
		.targets = &c->targets,
		.single_item = c->single_item,
		.pipeline = c->pipeline,
		.all_pipelines = c->all_pipelines,
		.recursive = c->recursive,
		.downstream = c->downstream,
		.force_downstream = c->force_downstream,
		.jobs = c->jobs > 0 ? c->jobs : pool_processors(),
		.output = str_eq(c->output, "group") ? OUTPUT_GROUP : OUTPUT_LINE,
		.color = say_has_color(STDOUT_FILENO),
		.quiet = quiet,
		.resources = &c->resources,
		.executor = c->executor,
		.on_error = repro_ignores_errors(c) ? REPRO_IGNORE
			    : repro_keeps_going(c)  ? REPRO_KEEP_GOING
						    : REPRO_FAIL,
	};
}

/* Print a summary for people. DVC prints no such line, so it is shown only on a terminal, and not
 * by a program called "dvc". */
static void say_totals(const struct app *app, const struct repro_result *result, double seconds)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	size_t stages = result->ran + result->restored + result->skipped;
	if (str_eq(app->program, "dvc") || !say_is_terminal(STDOUT_FILENO) || !stages)
		return;
	buf_addf(&line, "%zu stage%s in ", stages, stages == 1 ? "" : "s");
	units_add_duration(&line, seconds);
	buf_addf(&line, ": %zu ran, %zu from the run-cache, %zu skipped.", result->ran,
		result->restored, result->skipped);
	say("%s", line.ptr);
}

/* Each running stage needs a few descriptors (run/schedule.c). Hundreds of them run at a time only
 * elsewhere, so that this machine's usual limit is no measure. */
static void allow_descriptors(int jobs)
{
	enum { EACH = 5, OWN = 64, USUAL = 1024 };
	struct rlimit limit;
	rlim_t wanted = (rlim_t)jobs * EACH + OWN;
	if (jobs < 0 || wanted <= USUAL || getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
		limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = MIN(wanted, limit.rlim_max);
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int repro_run(struct app *app, const void *opts, struct err *err)
{
	const struct repro_cmd_opts *o = opts;
	struct repro_opts run;
	AUTO(repro_result_release) struct repro_result result = {0};

	repro_opts_fill(&run, &o->common, app->quiet);
	run.glob = o->glob;
	run.run.no_commit = o->no_commit;
	run.run.no_run_cache = o->no_run_cache;
	run.run.dry_submit = o->dry_submit;
	run.run.dry |= o->dry_submit;
	if (o->json && !o->explain)
		return err_set(err, ERR_USAGE, "argument --json: it needs --explain");

	if (config_bool(&app->repo->config, "core", "interactive", false))
		run.run.interactive = true;

	if (o->explain) {
		run.run.dry = true;
		return explain_and_print(app->repo, &run, o->json, err);
	}

	allow_descriptors(run.jobs);
	/* the lock is taken here instead of by CMD_LOCK: an explanation must not create the lock
	 * file */
	double started_s = process_clock_s();

	int r = repo_lock(app->repo, err);
	if (r >= 0)
		r = repro(app->repo, &run, &result, err);
	if (r < 0)
		return r;

	r = hint_git(app, err);
	if (r < 0)
		return r;

	if (result.reproduced.count)
		say("Use `dvc push` to send your updates to remote storage.");
	else
		say("Data and pipelines are up to date.");
	if (!run.run.dry)
		say_totals(app, &result, process_clock_s() - started_s);
	return 0;
}

const struct cmd cmd_repro = {
	.name = "repro",
	.summary = "run the stages whose dependencies have changed",
	.needs = CMD_REPO,
	.opts = repro_options,
	.args = repro_args,
	.opts_size = sizeof(struct repro_cmd_opts),
	.defaults = &repro_defaults,
	EXAMPLES({"", "run what has changed"}, {"--dry train", "what would run for a stage"},
		{"-j 4 --keep-going", "four stages at once"}),
	.run = repro_run,
};
