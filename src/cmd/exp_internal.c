/* Hidden commands that cairn starts itself: the workers of the queue, and the process that runs one
 * experiment. */
#include "base/str.h"
#include "cmd/exp_commands.h"
#include "exp/feeder.h"
#include "exp/queue.h"
#include "exp/temp.h"
#include "ui/report.h"

struct exec_opts {
	const char *stash, *where, *executor;
};

static const struct opt exec_options[] = {
	OPT_STRING(exec_opts, executor, 0, "executor", "name", "run the commands of stages there"),
	OPT_END,
};

static const struct arg exec_args[] = {
	ARG_(ARG_ONE, exec_opts, stash, "commit", "the task's commit"),
	ARG_(ARG_ONE, exec_opts, where, "location", "dvc-task or tempdir"),
	{ARG_END},
};

static int exec_run(struct app *app, const void *opts, struct err *err)
{
	const struct exec_opts *o = opts;

	return temp_child_run(app->repo,
		&(struct temp_child){.stash = o->stash,
			.where = o->where,
			.stages_at = o->executor,
			.quiet = app->quiet,
			.progress = ui_report()},
		err);
}

const struct cmd cmd_exp_exec_run = {
	.name = "exec-run",
	.summary = "run one experiment in the tree prepared for it",
	.needs = CMD_REPO,
	.opts = exec_options,
	.args = exec_args,
	.opts_size = sizeof(struct exec_opts),
	.run = exec_run,
	.hidden = true,
};

/* ---- a queued task, on a node of a cluster */

struct task_opts {
	const char *stash;
};

static const struct arg task_args[] = {
	ARG_(ARG_ONE, task_opts, stash, "commit", "the task's commit"),
	{ARG_END},
};

static int task_run(struct app *app, const void *opts, struct err *err)
{
	const struct task_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	int r = exp_open(&x, app->repo, err);

	return r < 0 ? r : queue_run_sent(&x, o->stash, err);
}

const struct cmd cmd_exp_queue_task = {
	.name = "queue-task",
	.summary = "run one queued experiment as a job of an executor",
	.needs = CMD_REPO,
	.args = task_args,
	.opts_size = sizeof(struct task_opts),
	.run = task_run,
	.hidden = true,
};

/* ---- workers */

struct worker_opts {
	const char *number, *executor;
	struct strlist resources;
	int jobs; /* with an executor */
};

static const struct opt worker_options[] = {
	OPT_LIST(worker_opts, resources, 0, "resource", "name=number",
		"the machine has so much of what stages ask for under meta.resources"),
	OPT_STRING(worker_opts, executor, 0, "executor", "name", "run them there"),
	OPT_INT(worker_opts, jobs, 'j', "jobs", "number", "with --executor: so many at a time"),
	OPT_END,
};

static const struct arg worker_args[] = {
	ARG_(ARG_ONE, worker_opts, number, "number", "the worker's place, from 1"),
	{ARG_END},
};

static int worker_run(struct app *app, const void *opts, struct err *err)
{
	const struct worker_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	int64_t number;
	int r;

	if (!str_to_i64(o->number, &number) || number < 1 || number > 1000)
		return err_set(err, ERR_USAGE, "'%s' is no worker's number", o->number);
	r = exp_open(&x, app->repo, err);
	return r < 0 ? r
		     : queue_work_anywhere(&x, (int)number,
			       &(struct queue_workers_opts){.count = o->jobs,
				       .resources = &o->resources,
				       .executor = o->executor,
				       .progress = ui_report()},
			       err);
}

const struct cmd cmd_exp_queue_worker = {
	.name = "queue-worker",
	.summary = "run queued experiments until none is left",
	.needs = CMD_REPO,
	.opts = worker_options,
	.args = worker_args,
	.opts_size = sizeof(struct worker_opts),
	.run = worker_run,
	.hidden = true,
};
