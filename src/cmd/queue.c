/* The group `queue`: start, stop, remove, kill, logs. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/queue_commands.h"
#include "exec/executor.h"
#include "exec/profile.h"
#include "exp/feeder.h"
#include "exp/run.h"
#include "ui/say.h"
#include "ui/table.h"

enum {
	ALL_STATES = 1 << QUEUE_RUNNING | 1 << QUEUE_QUEUED | 1 << QUEUE_FAILED | 1 << QUEUE_SUCCESS
};

void queue_picked_release(struct queue_picked *p)
{
	vec_release(p);
}

int queue_unresolved(
	struct err *err, const struct strlist *names, const char *one, const char *many)
{
	AUTO(mem_freep) char *list = strlist_join(names, "; ");

	return err_set(err, ERR_FAIL, "'%s' %s", list, names->count > 1 ? many : one);
}

/* ---- start, stop */

struct start_opts {
	int jobs;
	struct strlist resources;
	const char *executor;
	bool dry_submit;
};
static const struct start_opts start_defaults = {.jobs = 1};
static const struct opt start_options[] = {
	OPT_INT(start_opts, jobs, 'j', "jobs", "number", "until this many workers run"),
	OPT_LIST(start_opts, resources, 0, "resource", "name=number",
		"for these workers, the machine has so much of what stages ask for under meta.resources"),
	OPT_STRING(start_opts, executor, 0, "executor", "name",
		"run them there: an executor of .dvc/cairn.config, or local",
		.takes = WORD_EXECUTOR),
	OPT_FLAG(start_opts, dry_submit, 0, "dry-submit",
		"only print what would be submitted to the executor"),
	OPT_END,
};

int queue_show_submissions(struct exp *x, const char *executor, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct executor *e = NULL;
	int r = executor_open(x->repo, executor, &e, err);

	if (r == 0)
		r = queue_feed_describe(x, e, &text, err);
	executor_close(e);
	if (r == 0)
		say_output(buf_str(&text), text.len);
	return r;
}

static int start_run(struct app *app, const void *opts, struct err *err)
{
	const struct start_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(mem_freep) char *usual = NULL;
	int r = exp_open(&x, app->repo, err);

	if (r == 0 && !o->executor)
		r = profile_default(app->repo, &usual, err);
	if (r == 0 && o->dry_submit)
		return queue_show_submissions(&x, o->executor ? o->executor : usual, err);
	if (r == 0)
		r = queue_start_workers(&x,
			&(struct queue_workers_opts){.count = o->jobs,
				.resources = &o->resources,
				.executor = o->executor ? o->executor : usual},
			err);
	if (r < 0)
		return r;
	say("Started '%d' new experiments task queue worker%s.", r, r > 1 ? "s" : "");
	return 0;
}

static const struct cmd cmd_queue_start = {
	.name = "start",
	.summary = "start workers that run what is queued",
	.needs = CMD_REPO,
	.opts = start_options,
	.opts_size = sizeof(struct start_opts),
	.defaults = &start_defaults,
	EXAMPLES({"-j 2", "two experiments at once"},
		{"-j 4 --resource gpu=2", "at most two of those whose stages need a GPU"},
		{"-j 16 --executor gpu", "sixteen at once on a cluster"}),
	.run = start_run,
};

struct stop_opts {
	bool kill;
};
static const struct opt stop_options[] = {
	OPT_FLAG(stop_opts, kill, 0, "kill", "kill running experiments, too"),
	OPT_END,
};

static int stop_run(struct app *app, const void *opts, struct err *err)
{
	const struct stop_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(queue_entries_release) struct queue_entries entries = {0};

	int r = exp_open(&x, app->repo, err);

	if (r == 0)
		r = queue_stop_workers(&x, err);
	if (r == 0 && o->kill)
		r = queue_load(&x, &entries, err);

	VEC_EACH (&entries, e) {
		/* a failure is ignored: the task may have ended meanwhile */
		if (e->state == QUEUE_RUNNING)
			(void)queue_kill(&x, e, true, NULL);
	}

	if (r == 0)
		say(o->kill ? "All running tasks in the queue have been killed.Queue workers are stopping."
			    : "Queue workers will stop after running tasks finish.");
	return r;
}

static const struct cmd cmd_queue_stop = {
	.name = "stop",
	.summary = "stop the workers when their experiments are done",
	.needs = CMD_REPO,
	.opts = stop_options,
	.opts_size = sizeof(struct stop_opts),
	EXAMPLES({"", "let running experiments finish"}),
	.run = stop_run,
};

/* ---- remove */

struct remove_opts {
	bool all, queued, success, failed;
	struct strlist tasks;
};

static const struct opt remove_options[] = {
	OPT_FLAG(remove_opts, all, 0, "all", "everything that does not run"),
	OPT_FLAG(remove_opts, queued, 0, "queued", "everything that waits"),
	OPT_FLAG(remove_opts, success, 0, "success", "everything that was successful"),
	OPT_FLAG(remove_opts, failed, 0, "failed", "everything that failed"),
	OPT_END,
};

static const struct arg remove_args[] = {
	ARG_(ARG_ANY, remove_opts, tasks, "task", "names or ids of tasks", .takes = WORD_TASK),
	{ARG_END},
};

/* Is this task to be removed? A running task never is. */
static bool is_chosen(const struct remove_opts *o, const struct queue_entries *entries,
	const struct queue_entry *e)
{
	if ((e->state == QUEUE_QUEUED && (o->all || o->queued)) ||
		(e->state == QUEUE_FAILED && (o->all || o->failed)) ||
		(e->state == QUEUE_SUCCESS && (o->all || o->success)))
		return true;
	for (size_t i = 0; i < o->tasks.count; i++)
		if (queue_find(entries, o->tasks.items[i], ALL_STATES & ~(1u << QUEUE_RUNNING)) ==
			e)
			return true;
	return false;
}

/* All names are checked before the first task is removed. */
static int check_names(
	const struct remove_opts *o, const struct queue_entries *entries, struct err *err)
{
	AUTO(strlist_release) struct strlist unknown = STRLIST_INIT;

	for (size_t i = 0; i < o->tasks.count; i++)
		if (!queue_find(entries, o->tasks.items[i], ALL_STATES & ~(1u << QUEUE_RUNNING)))
			strlist_add(&unknown, o->tasks.items[i]);
	return unknown.count ? queue_unresolved(err, &unknown, "is not a valid experiment name",
				       "are not valid experiment names")
			     : 0;
}

static int remove_run(struct app *app, const void *opts, struct err *err)
{
	const struct remove_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	AUTO(strlist_release) struct strlist removed = STRLIST_INIT;
	bool by_state = o->all || o->queued || o->success || o->failed;
	int r;

	if (by_state == (o->tasks.count > 0))
		return err_set(err, ERR_FAIL,
			"Either provide an `tasks` argument, or use the `--all`, `--queued`, `--failed`, `--success` flag.");

	r = exp_open(&x, app->repo, err);
	if (r == 0)
		r = queue_load(&x, &entries, err);
	if (r == 0)
		r = check_names(o, &entries, err);

	for (size_t i = 0; i < entries.count && r == 0; i++) {
		if (!is_chosen(o, &entries, &entries.items[i]))
			continue;
		r = queue_remove(&x, &entries.items[i], err);
		if (by_state)
			strlist_add(&removed, entries.items[i].name);
	}
	/* as in DVC: as they were given, each once */
	for (size_t i = 0; i < o->tasks.count; i++)
		if (!strlist_has(&removed, o->tasks.items[i]))
			strlist_add(&removed, o->tasks.items[i]);

	if (r < 0)
		return r;

	AUTO(mem_freep) char *names = strlist_join(&removed, ", ");

	if (removed.count)
		say("Removed tasks in queue: %s", names);
	else
		say("No tasks found named []");
	return 0;
}

static const struct cmd cmd_queue_remove = {
	.name = "remove",
	.aliases = (const char *const[]){"rm", NULL},
	.summary = "remove tasks from the queue",
	.needs = CMD_REPO,
	.opts = remove_options,
	.args = remove_args,
	.opts_size = sizeof(struct remove_opts),
	EXAMPLES({"later", "one task"}, {"--all", "all of them"}),
	.run = remove_run,
};

/* ---- kill */

struct kill_opts {
	bool force;
	struct strlist tasks;
};

static const struct opt kill_options[] = {
	OPT_FLAG(kill_opts, force, 'f', "force", "at once, without letting it finish anything"),
	OPT_END,
};

static const struct arg kill_args[] = {
	ARG_(ARG_ANY, kill_opts, tasks, "task", "names or ids of running tasks",
		.takes = WORD_TASK),
	{ARG_END},
};

static int kill_run(struct app *app, const void *opts, struct err *err)
{
	const struct kill_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	AUTO(strlist_release) struct strlist unknown = STRLIST_INIT;

	int r = exp_open(&x, app->repo, err);

	if (r == 0)
		r = queue_load(&x, &entries, err);

	for (size_t i = 0; i < o->tasks.count && r == 0; i++) {
		const struct queue_entry *e = queue_find(
			&entries, o->tasks.items[i], 1u << QUEUE_RUNNING | 1u << QUEUE_QUEUED);
		/* what waits here can be removed; what was sent elsewhere may begin at any moment
		 */
		bool can_be = e && (e->state == QUEUE_RUNNING || e->place.executor);

		if (!can_be || queue_kill(&x, e, o->force, NULL) < 0)
			strlist_add(&unknown, o->tasks.items[i]);
		else
			say("%s has been killed.", o->tasks.items[i]);
	}

	if (r == 0 && unknown.count)
		r = queue_unresolved(err, &unknown, "is not a valid running experiment name",
			"are not valid running experiment names");
	return r;
}

static const struct cmd cmd_queue_kill = {
	.name = "kill",
	.summary = "interrupt running tasks",
	.needs = CMD_REPO,
	.opts = kill_options,
	.args = kill_args,
	.opts_size = sizeof(struct kill_opts),
	EXAMPLES({"later", "by the name that `queue status` shows"}),
	.run = kill_run,
};

/* ---- logs */

struct logs_opts {
	const char *encoding;
	bool follow;
	const char *task;
};

static const struct opt logs_options[] = {
	{OPT_KIND_STRING, 'e', "encoding", "encoding", "ignored: logs are shown byte for byte",
		offsetof(struct logs_opts, encoding)},
	OPT_FLAG(logs_opts, follow, 'f', "follow", "wait for more until the task is done"),
	OPT_END,
};

static const struct arg logs_args[] = {
	ARG_(ARG_ONE, logs_opts, task, "<task>", "name or id of a task", .takes = WORD_TASK),
	{ARG_END},
};

/* Print a part of a log. A part may end within a UTF-8 character, so an incomplete one is held
 * back. */
static void show_log(void *ctx, const char *text, size_t len)
{
	struct buf *held = ctx;
	buf_add(held, text, len);
	size_t whole = printable_whole(buf_str(held), held->len);
	say_text(buf_str(held), whole, PRINTABLE_STYLES | PRINTABLE_RETURNS);
	memmove(held->ptr, held->ptr + whole, held->len - whole);
	buf_truncate(held, held->len - whole);
	fflush(stdout);
}

/*
 * VS Code's extension for DVC starts the command first and opens the terminal that shows it then;
 * what arrives before is not shown. It reads from a pipe or a socket. DVC itself needs longer than
 * that to start.
 */
static void wait_for_reader(void)
{
	enum { OPENING_MS = 1500 };
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		(void)poll(NULL, 0, OPENING_MS);
}

/* Find the task. With --follow, wait until a worker has taken it: it may not have begun, nor the
 * worker be seen, when `queue start` has ended. Without any worker that is given up soon. DVC does
 * not wait. */
static int find_begun(struct exp *x, const struct logs_opts *o, struct queue_entries *entries,
	const struct queue_entry **out, struct err *err)
{
	enum { LOOK_AGAIN_MS = 50, MOST_ALONE = 40 };
	for (int alone = 0;; alone++) {
		if (queue_workers(x) > 0)
			alone = 0;
		int r = queue_load(x, entries, err);
		if (r < 0)
			return r;
		*out = queue_find(entries, o->task, ALL_STATES);
		bool waits = *out && (*out)->state == QUEUE_QUEUED && !(*out)->held;
		if (!waits || !o->follow || say_as_dvc() || alone == MOST_ALONE)
			return 0;
		queue_entries_release(entries);
		*entries = (struct queue_entries){0};
		(void)poll(NULL, 0, LOOK_AGAIN_MS);
	}
}

static int logs_run(struct app *app, const void *opts, struct err *err)
{
	static const volatile int at_once = 1;
	const struct logs_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	AUTO(buf_release) struct buf held = BUF_INIT;
	const struct queue_entry *e = NULL;

	int r = exp_open(&x, app->repo, err);

	if (r == 0)
		r = find_begun(&x, o, &entries, &e, err);
	if (r == 0 && !e)
		return err_set(
			err, ERR_FAIL, "'%s' is not a valid queued experiment name", o->task);
	if (r == 0 && e->state == QUEUE_QUEUED)
		return err_set(err, ERR_FAIL,
			"Experiment '%s' is in queue but has not been started", o->task);
	if (r == 0 && o->follow)
		wait_for_reader();
	if (r == 0 && o->follow)
		say("Following logs for experiment '%s'. Use Ctrl+C to stop following logs (experiment execution will "
		    "continue).\n",
			o->task);

	if (r == 0)
		r = exp_follow(&x, &e->stash,
			&(struct exp_follow){
				.log = show_log, .ctx = &held, .stop = o->follow ? NULL : &at_once},
			err);

	say_text(buf_str(&held), held.len, 0);
	if (r >= 0 && !o->follow)
		say_raw("\n", 1); /* DVC prints the log with a newline after it */
	return r < 0 ? r : 0;
}

static const struct cmd cmd_queue_logs = {
	.name = "logs",
	.summary = "show what a task has printed",
	.details =
		"With --follow, a task that waits for a running worker is waited for. With a pipe as output, the first lines come after 1.5 seconds: a program that opens a window for them has the time to do so.",
	.needs = CMD_REPO,
	.opts = logs_options,
	.args = logs_args,
	.opts_size = sizeof(struct logs_opts),
	EXAMPLES({"-f high-lr", "follow it while it runs"}),
	.run = logs_run,
};

static const struct cmd *const queue_commands[] = {
	&cmd_queue_hold,
	&cmd_queue_kill,
	&cmd_queue_logs,
	&cmd_queue_priority,
	&cmd_queue_release,
	&cmd_queue_remove,
	&cmd_queue_run,
	&cmd_queue_start,
	&cmd_queue_status,
	&cmd_queue_stop,
	NULL,
};

const struct cmd cmd_queue = {
	.name = "queue",
	.summary = "manage the queue of experiments",
	EXAMPLES({"start -j 2", "two experiments at once"}, {"logs -f high-lr", "follow one"}),
	.subs = queue_commands,
};
