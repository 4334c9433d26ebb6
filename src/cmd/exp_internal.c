/* Hidden commands that cairn starts itself: the workers of the queue, and the process that runs one
 * experiment. */
#include "base/str.h"
#include "cmd/exp_commands.h"
#include "exp/queue.h"
#include "exp/temp.h"
#include "ui/report.h"

struct exec_opts {
	const char *stash, *where;
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
			.quiet = app->quiet,
			.progress = ui_report()},
		err);
}

const struct cmd cmd_exp_exec_run = {
	.name = "exec-run",
	.summary = "run one experiment in the tree prepared for it",
	.needs = CMD_REPO,
	.args = exec_args,
	.opts_size = sizeof(struct exec_opts),
	.run = exec_run,
	.hidden = true,
};

struct worker_opts {
	const char *number;
	struct strlist resources;
};

static const struct opt worker_options[] = {
	OPT_LIST(worker_opts, resources, 0, "resource", "name=number",
		"the machine has so much of what stages ask for under meta.resources"),
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
	return r < 0 ? r : queue_work(&x, (int)number, &o->resources, err);
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
