/* The commands of `queue` that DVC does not have: run, hold, release, priority. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/queue_commands.h"
#include "exp/run.h"
#include "ui/say.h"

/* Find waiting tasks by name or id, each once. All names are checked before anything happens. */
static int find_waiting(const struct queue_entries *entries, const struct strlist *names,
	struct queue_picked *out, struct err *err)
{
	AUTO(strlist_release) struct strlist unknown = STRLIST_INIT;

	for (size_t i = 0; i < names->count; i++) {
		const struct queue_entry *e = queue_find(
			entries, names->items[i], 1u << QUEUE_QUEUED);
		bool twice = false;

		VEC_EACH (out, known)
			twice = twice || *known == e;
		if (!e)
			strlist_add(&unknown, names->items[i]);
		else if (!twice)
			*vec_push(out) = e;
	}
	return unknown.count ? queue_unresolved(err, &unknown, "does not wait in the queue",
				       "do not wait in the queue")
			     : 0;
}

/* ---- run */

struct foreground_opts {
	struct strlist tasks, resources;
};

static const struct opt foreground_options[] = {
	OPT_LIST(foreground_opts, resources, 0, "resource", "name=number",
		"the machine has so much of what stages ask for under meta.resources"),
	OPT_END,
};

static const struct arg foreground_args[] = {
	ARG_(ARG_SOME, foreground_opts, tasks, "task", "names or ids of waiting tasks",
		.takes = WORD_TASK),
	{ARG_END},
};

static void show_part(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	say_output(text, len);
	fflush(stdout);
}

/* Run one task until it needs no other attempt. Returns 0 or 1. */
static int run_one(struct exp *x, const struct queue_entry *e, const struct foreground_opts *o,
	struct err *err)
{
	enum { AGAIN = 2 };
	const struct exp_follow how = {.log = show_part};
	int r;

	do
		r = exp_run_task(x, e, &o->resources, &how, err);
	while (r == AGAIN);
	return r;
}

static int run_run(struct app *app, const void *opts, struct err *err)
{
	const struct foreground_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	AUTO(queue_picked_release) struct queue_picked picked = {0};
	AUTO(strlist_release) struct strlist done = STRLIST_INIT;
	AUTO(strlist_release) struct strlist failed = STRLIST_INIT;
	int r = exp_open(&x, app->repo, err);

	if (r == 0)
		r = queue_load(&x, &entries, err);
	if (r == 0)
		r = find_waiting(&entries, &o->tasks, &picked, err);
	for (size_t i = 0; i < picked.count && r >= 0; i++) {
		r = run_one(&x, picked.items[i], o, err);
		if (r >= 0)
			strlist_add(r ? &failed : &done, picked.items[i]->name);
	}
	if (r < 0)
		return r;

	AUTO(mem_freep) char *good = strlist_join(&done, ", ");

	if (failed.count)
		r = exit_experiments_failed(&failed);
	if (done.count)
		say("\nRan experiment(s): %s\nTo apply the results of an experiment to your workspace run:\n\n\tdvc exp apply <exp>",
			good);
	return r;
}

const struct cmd cmd_queue_run = {
	.name = "run",
	.summary = "run waiting tasks now, in the foreground",
	.details =
		"One after the other, whatever else runs and also tasks that are held back. Ctrl-C puts a task back into the queue.",
	.needs = CMD_REPO,
	.opts = foreground_options,
	.args = foreground_args,
	.opts_size = sizeof(struct foreground_opts),
	EXAMPLES({"later", "this one before all others"}),
	.run = run_run,
};

/* ---- hold, release */

struct hold_opts {
	bool all;
	struct strlist tasks;
};

static const struct opt hold_options[] = {
	OPT_FLAG(hold_opts, all, 0, "all", "all that wait"),
	OPT_END,
};

static const struct arg hold_args[] = {
	ARG_(ARG_ANY, hold_opts, tasks, "task", "names or ids of waiting tasks",
		.takes = WORD_TASK),
	{ARG_END},
};

static void pick_waiting(const struct queue_entries *entries, struct queue_picked *out)
{
	VEC_EACH (entries, e)
		if (e->state == QUEUE_QUEUED)
			*vec_push(out) = e;
}

/* Change the tasks in one step, and name them. */
static int steer(struct exp *x, const struct queue_picked *picked, const struct queue_steer *change,
	const char *said, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	VEC(struct scm_id) ids = {0};

	VEC_EACH (picked, e) {
		*vec_push(&ids) = (*e)->stash;
		strlist_add(&names, (*e)->name);
	}
	int r = queue_steer(x, ids.items, ids.count, change, err);

	vec_release(&ids);
	if (r < 0)
		return r;
	AUTO(mem_freep) char *list = strlist_join(&names, ", ");

	if (names.count)
		say("%s: %s", said, list);
	else
		say("No experiment tasks in the queue.");
	return 0;
}

static int hold_or_release(struct app *app, const struct hold_opts *o, bool hold, struct err *err)
{
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	AUTO(queue_picked_release) struct queue_picked picked = {0};
	int r;

	if (o->all == (o->tasks.count > 0))
		return err_set(err, ERR_USAGE, "name tasks, or use --all");
	r = exp_open(&x, app->repo, err);
	if (r == 0)
		r = queue_load(&x, &entries, err);
	if (r == 0 && o->all)
		pick_waiting(&entries, &picked);
	else if (r == 0)
		r = find_waiting(&entries, &o->tasks, &picked, err);
	return r < 0 ? r
		     : steer(&x, &picked, &(struct queue_steer){.held = &hold},
			       hold ? "Held back" : "Released", err);
}

static int hold_run(struct app *app, const void *opts, struct err *err)
{
	return hold_or_release(app, opts, true, err);
}

static int release_run(struct app *app, const void *opts, struct err *err)
{
	return hold_or_release(app, opts, false, err);
}

const struct cmd cmd_queue_hold = {
	.name = "hold",
	.summary = "hold waiting tasks back from the workers",
	.needs = CMD_REPO,
	.opts = hold_options,
	.args = hold_args,
	.opts_size = sizeof(struct hold_opts),
	EXAMPLES({"later", "until it is released"}, {"--all", "all that wait"}),
	.run = hold_run,
};

const struct cmd cmd_queue_release = {
	.name = "release",
	.summary = "let workers take tasks that were held back",
	.details = "Workers that have ended meanwhile are started by `dvc queue start`.",
	.needs = CMD_REPO,
	.opts = hold_options,
	.args = hold_args,
	.opts_size = sizeof(struct hold_opts),
	EXAMPLES({"later", "one task"}, {"--all", "all that wait"}),
	.run = release_run,
};

/* ---- priority */

struct priority_opts {
	const char *task, *number;
};

static const struct arg priority_args[] = {
	ARG_(ARG_ONE, priority_opts, task, "task", "name or id of a waiting task",
		.takes = WORD_TASK),
	ARG_(ARG_ONE, priority_opts, number, "number", "higher ones run first; 0 is the default"),
	{ARG_END},
};

static int priority_run(struct app *app, const void *opts, struct err *err)
{
	enum { MOST = 1000000 };
	const struct priority_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	AUTO(queue_picked_release) struct queue_picked picked = {0};
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int64_t wanted;

	if (!str_to_i64(o->number, &wanted) || wanted < -MOST || wanted > MOST)
		return err_set(err, ERR_USAGE,
			"a priority is a whole number of at most six digits, not '%s'", o->number);
	int number = (int)wanted, r = exp_open(&x, app->repo, err);

	strlist_add(&names, o->task);
	if (r == 0)
		r = queue_load(&x, &entries, err);
	if (r == 0)
		r = find_waiting(&entries, &names, &picked, err);
	if (r < 0)
		return r;
	AUTO(mem_freep) char *said = mem_printf("Priority %d", number);

	return steer(&x, &picked, &(struct queue_steer){.priority = &number}, said, err);
}

const struct cmd cmd_queue_priority = {
	.name = "priority",
	.summary = "change which task runs first",
	.details = "A negative number follows `--`, so that it is not taken for an option.",
	.needs = CMD_REPO,
	.args = priority_args,
	.opts_size = sizeof(struct priority_opts),
	EXAMPLES({"later 5", "before all others"}, {"later -- -5", "after all others"}),
	.run = priority_run,
};
