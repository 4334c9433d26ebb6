/* `exp run`. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/meter.h"
#include "cmd/exp_commands.h"
#include "cmd/exit.h"
#include "cmd/queue_commands.h"
#include "cmd/repro_opts.h"
#include "exec/profile.h"
#include "exp/run.h"
#include "text/amount.h"
#include "ui/report.h"
#include "ui/say.h"

struct exp_run_cmd_opts {
	struct repro_common common;
	const char *name, *message;
	struct strlist set_params, copy_paths;
	bool queue, run_all, temp, no_hydra, dry_submit;
	const char *max_time; /* these two with --queue */
	int retry;
};

static const struct exp_run_cmd_opts run_defaults = {.common.jobs = 1};

static const struct opt run_options[] = {
	REPRO_COMMON_OPTIONS(exp_run_cmd_opts, common),
	OPT_STRING(exp_run_cmd_opts, name, 'n', "name", "name",
		"call the experiment so; else it gets a random name"),
	OPT_LIST(exp_run_cmd_opts, set_params, 'S', "set-param", "[file:]param=value",
		"change a parameter for this experiment; with --queue, values may be lists and ranges to sweep",
		.takes = WORD_PARAM),
	OPT_FLAG(exp_run_cmd_opts, queue, 0, "queue", "do not run now, put it into the queue"),
	OPT_FLAG(exp_run_cmd_opts, run_all, 0, "run-all", "run everything that is queued"),
	OPT_INT(exp_run_cmd_opts, common.jobs, 'j', "jobs", "number",
		"run so many stages at once; with --run-all, so many experiments"),
	REPRO_EXECUTOR_OPTION(exp_run_cmd_opts, common),
	OPT_FLAG(exp_run_cmd_opts, dry_submit, 0, "dry-submit",
		"with --run-all: only print what would be submitted to the executor"),
	OPT_FLAG(exp_run_cmd_opts, temp, 0, "temp",
		"run in a directory of its own, not in the workspace"),
	OPT_LIST(exp_run_cmd_opts, copy_paths, 'C', "copy-paths", "path",
		"ignored or untracked path to copy into that directory", .takes = WORD_FILE),
	OPT_STRING(exp_run_cmd_opts, message, 'm', "message", "text",
		"message of the experiment's commit"),
	{OPT_KIND_STRING, 'M', NULL, "text", "as -m, its old letter",
		offsetof(struct exp_run_cmd_opts, message), .hidden = true},
	OPT_STRING(exp_run_cmd_opts, max_time, 0, "max-time", "duration",
		"with --queue: end the task after this time, such as 90s, 10m or 2h"),
	OPT_INT(exp_run_cmd_opts, retry, 0, "retry", "number",
		"with --queue: run a task that fails again, up to so many times"),
	OPT_FLAG(exp_run_cmd_opts, no_hydra, 0, "no-hydra", "do not compose parameters with Hydra"),
	OPT_END,
};

static const struct arg run_args[] = {
	ARG_(ARG_ANY, exp_run_cmd_opts, common.targets, "targets",
		"stages, groups, or dvc.yaml and .dvc files", .takes = WORD_STAGE),
	{ARG_END},
};

static void fill(struct exp_run_opts *out, const struct exp_run_cmd_opts *o, bool quiet)
{
	const struct repro_common *c = &o->common;
	struct repro_opts repro;

	repro_opts_fill(&repro, c, quiet);
	*out = (struct exp_run_opts){
		.name = o->name && *o->name ? o->name : NULL, /* as in DVC, "" is no name */
		.message = o->message,
		.set_params = &o->set_params,
		.targets = &c->targets,
		.copy_paths = &o->copy_paths,
		.jobs = repro.jobs,
		.group_output = repro.output == OUTPUT_GROUP,
		.color = repro.color,
		.quiet = quiet,
		.executor = c->executor,
		.resources = &c->resources,
		.temp = o->temp,
		.no_hydra = o->no_hydra,
		.confirm = say_confirm,
		.progress = ui_report(),
		.flags = {.force = c->force,
			.interactive = c->interactive,
			.single_item = c->single_item,
			.pipeline = c->pipeline,
			.all_pipelines = c->all_pipelines,
			.recursive = c->recursive,
			.downstream = c->downstream,
			.force_downstream = c->force_downstream,
			.pull = c->pull,
			.allow_missing = c->allow_missing,
			.dry = c->dry,
			.keep_going = repro_keeps_going(c),
			.ignore_errors = repro_ignores_errors(c)},
	};
}

static void say_ran(const char *names, bool apart)
{
	say("\nRan experiment(s): %s", names);
	if (apart)
		say("To apply the results of an experiment to your workspace run:\n\n\tdvc exp apply <exp>");
	else
		say("Experiment results have been applied to your workspace.");
}

/* ---- --run-all */

/* Ctrl+C stops following the logs; the experiments go on in the background. So the handler only
 * sets a flag. */
static volatile int interrupted;

static void on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

struct follower {
	const struct ctx *host;
	bool in_line; /* the last line of the log is incomplete */
};

/* Print a part of the log. While a line of the log is incomplete, the line of progress is hidden,
 * so that it is not drawn over it. */
static void show_log(void *ctx, const char *text, size_t len)
{
	struct follower *f = ctx;
	bool whole = text[len - 1] == '\n';

	if (!f->in_line && !whole)
		meter_hide(f->host);
	say_output(text, len);
	fflush(stdout);
	if (f->in_line && whole)
		meter_unhide(f->host);
	f->in_line = !whole;
}

static int run_all(struct exp *x, const struct queue_workers_opts *workers, struct err *err)
{
	AUTO(exp_run_all_release) struct exp_run_all result = {0};
	struct follower follower = {.host = x->repo->ctx};
	const struct exp_follow how = {.log = show_log, .ctx = &follower, .stop = &interrupted};
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	struct sigaction old, ours = {.sa_handler = on_interrupt};

	int r = queue_load(x, &entries, err);

	/* waiting and running tasks come first: is there one? */
	if (r < 0 || entries.count == 0 || entries.items[0].state > QUEUE_QUEUED)
		return r;
	if (entries.items[0].held)
		return 0; /* all that wait are held back: those that are not sort before */

	say("Following logs for all queued experiments. Use Ctrl+C to stop following logs (experiment execution will "
	    "continue).\n");
	(void)sigaction(SIGINT, &ours, &old);
	r = exp_run_all(x, workers, &how, &result, err);
	(void)sigaction(SIGINT, &old, NULL);
	if (r < 0)
		return r;

	if (result.stopped)
		say("Experiment(s) are still executing in the background. To abort execution use 'dvc queue kill' or "
		    "'dvc queue stop'.");

	if (result.failed.count)
		r = exit_experiments_failed(&result.failed);
	if (result.done.count) {
		AUTO(mem_freep) char *names = strlist_join(&result.done, ", ");

		say_ran(names, true);
	}

	return r;
}

static int run_all_there(struct exp *x, const struct exp_run_cmd_opts *o, struct err *err)
{
	AUTO(mem_freep) char *usual = NULL;
	int r = o->common.executor ? 0 : profile_default(x->repo, &usual, err);

	if (r == 0 && o->dry_submit)
		return queue_show_submissions(
			x, o->common.executor ? o->common.executor : usual, err);
	return r < 0 ? r
		     : run_all(x,
			       &(struct queue_workers_opts){.count = o->common.jobs,
				       .resources = &o->common.resources,
				       .executor = o->common.executor ? o->common.executor : usual},
			       err);
}

/* The options of queued tasks only. */
static int fill_task(struct exp_run_opts *out, const struct exp_run_cmd_opts *o, struct err *err)
{
	if (!o->queue && (o->max_time || o->retry))
		return err_set(err, ERR_USAGE, "--max-time and --retry need --queue");
	if (o->queue && o->common.executor)
		return err_set(err, ERR_USAGE,
			"--executor is for `queue start` and `exp run --run-all`, not for --queue");
	if (o->max_time && !amount_read_duration(o->max_time, &out->max_time_s))
		return err_set(err, ERR_USAGE,
			"--max-time takes a duration, such as 90s, 10m or 2h, not '%s'",
			o->max_time);
	if (o->retry < 0 || o->retry > MAX_RETRIES)
		return err_set(err, ERR_USAGE, "--retry takes a number from 0 to %d", MAX_RETRIES);
	out->retries = o->retry;
	return 0;
}

static int exp_run_run(struct app *app, const void *opts, struct err *err)
{
	const struct exp_run_cmd_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(mem_freep) char *name = NULL;
	struct exp_run_opts run;

	int r = exp_open(&x, app->repo, err);

	if (r < 0)
		return r;
	if (o->run_all)
		return run_all_there(&x, o, err);

	fill(&run, o, app->quiet);
	r = fill_task(&run, o, err);
	if (r < 0)
		return r;
	if (o->queue)
		return exp_run_queue(&x, &run, err);

	r = exp_run(&x, &run, &name, err);

	/* the process that ran the experiment has printed the reason */
	if (r == 1)
		return exit_experiments_failed(NULL);

	if (r == 0 && !o->common.dry)
		say_ran(name, o->temp);
	return r;
}

const struct cmd cmd_exp_run = {
	.name = "run",
	.summary = "run the pipeline as an experiment",
	.details =
		"The experiment is a commit of its own that no branch shows; see `exp show`, `exp apply`, `exp branch`. "
		"With hydra.enabled in the configuration, params.yaml is composed for each experiment, and -S also chooses "
		"groups (db=mysql).",
	.needs = CMD_REPO,
	.opts = run_options,
	.args = run_args,
	.opts_size = sizeof(struct exp_run_cmd_opts),
	.defaults = &run_defaults,
	EXAMPLES({"-S train.lr=0.1 --name tenth", "with another parameter"},
		{"--queue -S train.lr=0.1,0.2 --max-time 2h --retry 1", "a grid, for later"},
		{"--run-all -j 2", "run what is queued, two at once"}),
	.run = exp_run_run,
};
