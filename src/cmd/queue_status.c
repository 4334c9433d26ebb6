/* `queue status`: the tasks and their workers, once or again at each change. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cmd/queue_commands.h"
#include "exp/grid.h"
#include "text/json.h"
#include "ui/say.h"
#include "ui/table.h"

struct status_opts {
	bool json, watch;
};

static const struct opt status_options[] = {
	OPT_FLAG(status_opts, json, 0, "json",
		"print JSON: tasks with id, name, created (seconds since 1970), status, held, priority, attempts, retries and max_time; workers"),
	OPT_FLAG(
		status_opts, watch, 0, "watch", "print it again whenever it changes, until Ctrl-C"),
	OPT_END,
};

/* The state of the queue at one moment. */
struct snapshot {
	struct queue_entries entries;
	int running, workers;
};

static void snapshot_release(struct snapshot *s)
{
	queue_entries_release(&s->entries);
}

static int take_snapshot(struct exp *x, struct snapshot *out, struct err *err)
{
	int r = queue_load(x, &out->entries, err);

	VEC_EACH (&out->entries, e)
		out->running += e->state == QUEUE_RUNNING;
	out->workers = queue_workers(x);
	return r;
}

/* ---- as a table */

/* Columns that DVC does not have are shown only when a task has something to show there. */
struct extra {
	size_t held, priority, attempts, place; /* index of the column; 0: not shown */
};

static struct extra add_extra_columns(struct table *t, const struct queue_entries *entries)
{
	struct extra x = {0};
	bool held = false, priority = false, attempts = false, place = false;

	VEC_EACH (entries, e) {
		held = held || e->held;
		priority = priority || e->priority;
		attempts = attempts || e->attempts;
		place = place || e->place.executor;
	}
	if (held)
		x.held = table_add_column(t, "Held");
	if (priority)
		x.priority = table_add_column(t, "Priority");
	if (attempts)
		x.attempts = table_add_column(t, "Attempts");
	if (place)
		x.place = table_add_column(t, "Executor");
	return x;
}

static void set_extra(
	struct table *t, size_t row, const struct extra *x, const struct queue_entry *e)
{
	AUTO(mem_freep) char *priority = mem_printf("%d", e->priority);
	AUTO(mem_freep) char *attempts = mem_printf("%d of %d", e->attempts, e->retries + 1);

	AUTO(mem_freep) char *place = sent_place_text(&e->place);

	if (x->place && place)
		table_set(t, row, x->place, place);
	if (x->held && e->held)
		table_set(t, row, x->held, "held");
	if (x->priority && e->priority)
		table_set(t, row, x->priority, priority);
	if (x->attempts && e->attempts)
		table_set(t, row, x->attempts, attempts);
}

static void add_table(struct buf *out, const struct queue_entries *entries)
{
	AUTO(table_release) struct table t = TABLE_INIT("");

	table_add_column(&t, "Task");
	table_add_column(&t, "Name");
	table_add_column(&t, "Created");
	table_add_column(&t, "Status");
	struct extra x = add_extra_columns(&t, entries);

	VEC_EACH (entries, e) {
		AUTO(mem_freep) char *task = mem_strndup(e->stash.hex, 7);
		AUTO(buf_release) struct buf created = BUF_INIT;
		size_t row = table_add_row(&t);

		exp_add_time(&created, e->created_s);
		table_set(&t, row, 0, task);
		table_set(&t, row, 1, e->name);
		table_set(&t, row, 2, buf_str(&created));
		table_set(&t, row, 3, queue_state_name(e->state));
		set_extra(&t, row, &x, e);
	}
	table_plain(out, &t);
}

static void add_workers(struct buf *out, const struct snapshot *s)
{
	buf_addf(out, "\nWorker status: %d active, %d idle\n", s->running,
		MAX(s->workers - s->running, 0));
}

/* ---- as JSON */

static struct value *task_value(const struct queue_entry *e, struct arena *a)
{
	struct value *task = value_map(a);

	value_set(a, task, "id", value_string(a, e->stash.hex));
	value_set(a, task, "name", value_string(a, e->name));
	value_set(a, task, "created", value_int(a, e->created_s));
	value_set(a, task, "status", value_string(a, queue_state_name(e->state)));
	value_set(a, task, "held", value_bool(a, e->held));
	value_set(a, task, "priority", value_int(a, e->priority));
	value_set(a, task, "attempts", value_int(a, e->attempts));
	value_set(a, task, "retries", value_int(a, e->retries));
	value_set(a, task, "max_time", e->max_time_s ? value_int(a, e->max_time_s) : value_null(a));
	value_set(a, task, "executor", value_string_or_null(a, e->place.executor));
	value_set(a, task, "job", value_string_or_null(a, e->place.job_id));
	value_set(a, task, "node", value_string_or_null(a, e->place.node));
	value_set(a, task, "end", value_string_or_null(a, e->place.end));
	return task;
}

static int add_json(struct buf *out, const struct snapshot *s, int indent, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *all = value_map(&a), *tasks = value_list(&a), *w = value_map(&a);

	VEC_EACH (&s->entries, e)
		value_append(&a, tasks, task_value(e, &a));
	value_set(&a, w, "active", value_int(&a, s->running));
	value_set(&a, w, "idle", value_int(&a, MAX(s->workers - s->running, 0)));
	value_set(&a, all, "tasks", tasks);
	value_set(&a, all, "workers", w);
	int r = json_write(out, all, &(struct json_opts){.indent = indent}, err);

	if (r == 0)
		buf_addc(out, '\n');
	return r;
}

/* ---- */

/* What is printed: with -q only the first part, as in DVC. */
struct report {
	struct buf tasks, more;
};

static void report_release(struct report *r)
{
	buf_release(&r->tasks);
	buf_release(&r->more);
}

/* `indent` of the JSON: 0 for a single line. */
static int make_report(struct exp *x, bool json, int indent, struct report *out, struct err *err)
{
	AUTO(snapshot_release) struct snapshot now = {0};
	int r = take_snapshot(x, &now, err);

	if (r < 0)
		return r;
	if (json)
		return add_json(&out->tasks, &now, indent, err);
	if (now.entries.count)
		add_table(&out->tasks, &now.entries);
	else
		buf_adds(&out->more, "No experiment tasks in the queue.\n");
	add_workers(&out->more, &now);
	return 0;
}

static void print_report(const struct report *r)
{
	say_answer(buf_str(&r->tasks), r->tasks.len);
	say_raw(buf_str(&r->more), r->more.len);
	fflush(stdout);
}

static bool same_report(const struct report *a, const struct report *b)
{
	return strcmp(buf_str(&a->tasks), buf_str(&b->tasks)) == 0 &&
	       strcmp(buf_str(&a->more), buf_str(&b->more)) == 0;
}

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

/* On a terminal each state replaces the one before. In a pipe they follow each other, JSON as one
 * line for each. */
static void make_room(bool json, bool first)
{
	static const char home_and_clear[] = "\033[H\033[J";

	if (!json && say_is_terminal(STDOUT_FILENO))
		say_output(home_and_clear, strlen(home_and_clear));
	else if (!json && !first)
		say_raw("\n", 1);
}

static int watch(struct exp *x, bool json, struct err *err)
{
	enum { LOOK_EVERY_MS = 500 };
	AUTO(report_release) struct report shown = {0};
	bool first = true;
	struct sigaction old, ours = {.sa_handler = on_interrupt};
	int r = 0;

	interrupted = 0;
	(void)sigaction(SIGINT, &ours, &old);
	while (r == 0 && !interrupted) {
		AUTO(report_release) struct report now = {0};

		r = make_report(x, json, 0, &now, err);
		if (r == 0 && !same_report(&now, &shown)) {
			make_room(json, first);
			print_report(&now);
			report_release(&shown);
			shown = TAKE(now);
			first = false;
		}
		if (r == 0 && !interrupted)
			(void)poll(NULL, 0, LOOK_EVERY_MS);
	}
	(void)sigaction(SIGINT, &old, NULL);
	return r;
}

static int status_run(struct app *app, const void *opts, struct err *err)
{
	const struct status_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(report_release) struct report report = {0};
	int r = exp_open(&x, app->repo, err);

	if (r == 0 && o->watch)
		return watch(&x, o->json, err);
	if (r == 0)
		r = make_report(&x, o->json, isatty(STDOUT_FILENO) ? 2 : 0, &report, err);
	if (r == 0)
		print_report(&report);
	return r;
}

const struct cmd cmd_queue_status = {
	.name = "status",
	.summary = "show what is queued, running and done",
	.needs = CMD_REPO,
	.opts = status_options,
	.opts_size = sizeof(struct status_opts),
	EXAMPLES({"", "tasks by name, with their state"}),
	.run = status_run,
};
