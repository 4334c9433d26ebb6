/* `executor jobs` and `cancel`, and the hidden command that runs a job where it belongs. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/executor_commands.h"
#include "exec/executor.h"
#include "exec/jobs_dir.h"
#include "exec/left.h"
#include "exec/node.h"
#include "text/json.h"
#include "ui/say.h"
#include "ui/table.h"

/* ---- jobs ---- */

struct jobs_opts {
	bool json;
	const char *name;
};

static const struct opt jobs_options[] = {
	OPT_FLAG(jobs_opts, json, 0, "json",
		"print JSON: a list of jobs with executor, name, state, job, node, attempt, status"),
	OPT_END,
};

static const struct arg jobs_args[] = {
	ARG_(ARG_OPTIONAL, jobs_opts, name, "name", "of an executor; else all",
		.takes = WORD_EXECUTOR),
	{ARG_END},
};

static int print_json(const struct left_jobs *jobs, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *all = value_list(&a);
	VEC_EACH (jobs, j) {
		struct value *v = value_map(&a);
		bool ended = j->state == LEFT_ENDED || j->state == LEFT_INTERRUPTED;
		value_set(&a, v, "executor", value_string(&a, j->executor));
		value_set(&a, v, "name", value_string(&a, j->name));
		value_set(&a, v, "state", value_string(&a, left_state_text(j->state)));
		value_set(&a, v, "job", value_string_or_null(&a, j->job_id));
		value_set(&a, v, "node", value_string_or_null(&a, j->node));
		value_set(&a, v, "attempt", value_int(&a, j->try));
		value_set(&a, v, "status", ended ? value_int(&a, j->status) : value_null(&a));
		value_append(&a, all, v);
	}
	int r = json_write(&text, all, NULL, err);
	if (r == 0)
		say("%s", buf_str(&text));
	return r;
}

static int jobs_run(struct app *app, const void *opts, struct err *err)
{
	const struct jobs_opts *o = opts;
	AUTO(left_jobs_release) struct left_jobs jobs = {0};
	int r = left_load(app->repo, o->name, &jobs, err);
	if (r < 0 || o->json)
		return r < 0 ? r : print_json(&jobs, err);
	if (!jobs.count) {
		say("No jobs are left at %s.", o->name ? o->name : "any executor");
		return 0;
	}
	static const char *const heads[] = {"Executor", "Name", "State", "Job", "Node", "Attempt"};
	AUTO(table_release) struct table t = TABLE_INIT("-");
	AUTO(buf_release) struct buf text = BUF_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		(void)table_add_column(&t, heads[i]);
	VEC_EACH (&jobs, j) {
		AUTO(mem_freep) char *try = mem_printf("%d", j->try);
		const char *cells[] = {
			j->executor, j->name, left_state_text(j->state), j->job_id, j->node, try};
		size_t row = table_add_row(&t);
		for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
			if (cells[i])
				table_set(&t, row, i, cells[i]);
	}
	table_make_printable(&t);
	table_plain(&text, &t);
	say("%s", buf_str(&text));
	return 0;
}

const struct cmd cmd_executor_jobs = {
	.name = "jobs",
	.summary = "list jobs that wait or run elsewhere",
	.details =
		"As the jobs themselves have written; no scheduler is asked. A job stays in the list until the command that waits for it, or the next one, has taken its result.",
	.needs = CMD_REPO,
	.opts = jobs_options,
	.args = jobs_args,
	.opts_size = sizeof(struct jobs_opts),
	EXAMPLES({"gpu", "what is left at one executor"}),
	.run = jobs_run,
};

/* ---- cancel ---- */

struct cancel_opts {
	const char *name;
	struct strlist jobs;
};

static const struct arg cancel_args[] = {
	ARG_(ARG_ONE, cancel_opts, name, "name", "of the executor", .takes = WORD_EXECUTOR),
	ARG_(ARG_ANY, cancel_opts, jobs, "job", "stages or experiments; else all that are there",
		.takes = WORD_TEXT),
	{ARG_END},
};

/* Keep those that are meant and have not ended. */
static int choose(const struct cancel_opts *o, struct left_jobs *jobs, struct err *err)
{
	size_t kept = 0;
	for (size_t i = 0; i < o->jobs.count; i++) {
		bool found = false;
		VEC_EACH (jobs, j)
			found = found || strcmp(j->name, o->jobs.items[i]) == 0;
		if (!found)
			return err_set(err, ERR_NOT_FOUND, "no job '%s' is left at executor '%s'",
				o->jobs.items[i], o->name);
	}
	struct left_jobs all = TAKE(*jobs), rest = {0};
	VEC_EACH (&all, j) {
		bool meant = !o->jobs.count || strlist_has(&o->jobs, j->name);
		bool open = j->state == LEFT_WAITS || j->state == LEFT_RUNS ||
			    j->state == LEFT_INTERRUPTED;
		*vec_push(meant && open ? jobs : &rest) = *j;
		kept += meant && open;
	}
	vec_release(&all);
	left_jobs_release(&rest);
	return (int)MIN(kept, (size_t)INT32_MAX);
}

static int cancel_run(struct app *app, const void *opts, struct err *err)
{
	const struct cancel_opts *o = opts;
	AUTO(left_jobs_release) struct left_jobs jobs = {0};
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	struct executor *e = NULL;
	int r = executor_open(app->repo, o->name, &e, err);
	if (r == 0)
		r = left_load(app->repo, o->name, &jobs, err);
	if (r == 0)
		r = choose(o, &jobs, err);
	if (r > 0 && e->ops->cancel)
		r = e->ops->cancel(e, jobs.items, jobs.count, err);
	executor_close(e);
	if (r < 0)
		return r;
	VEC_EACH (&jobs, j)
		strlist_add(&names, j->name);
	AUTO(mem_freep) char *list = strlist_join(&names, ", ");
	if (jobs.count)
		say("Cancelled: %s", list);
	else
		say("Nothing waits or runs at executor '%s'.", o->name);
	return 0;
}

const struct cmd cmd_executor_cancel = {
	.name = "cancel",
	.summary = "end jobs that wait or run elsewhere",
	.needs = CMD_REPO,
	.args = cancel_args,
	.opts_size = sizeof(struct cancel_opts),
	EXAMPLES({"gpu", "all of them"}),
	.run = cancel_run,
};

/* ---- run-job ---- */

struct run_job_opts {
	const char *batch, *index, *job, *node;
};

static const struct opt run_job_options[] = {
	OPT_STRING(run_job_opts, job, 0, "job", "id", "the scheduler's id of the job"),
	OPT_STRING(run_job_opts, node, 0, "node", "name", "the scheduler's name of this machine"),
	OPT_END,
};

static const struct arg run_job_args[] = {
	ARG_(ARG_ONE, run_job_opts, batch, "batch",
		"the directory of a submission, or of an attempt"),
	ARG_(ARG_ONE, run_job_opts, index, "index", "of the job in it; - for an attempt"),
	{ARG_END},
};

/*
 * One after the other. What was cancelled is left out, also when its directory is gone; one that
 * cannot be run does not keep the others from it. When the scheduler asks for the end, the limit of
 * time for example, the others do not begin: they have not used up anything and are tried again.
 */
static int run_attempts(const struct ctx *ctx, const struct run_job_opts *o,
	const struct strlist *attempts, struct err *err)
{
	int worst = 0, failure = 0;
	for (size_t i = 0; i < attempts->count; i++) {
		AUTO(err_release) struct err why = ERR_INIT;
		(void)cancel_poll(ctx, NULL, 0, 0);
		if (i > 0 && (cancel_end_asked(ctx) || cancel_interrupts(ctx)))
			break;
		int r = node_run(ctx, attempts->items[i], o->job, o->node, &why);
		bool left_out = r == ERR_CANCELLED || (r == ERR_NOT_FOUND && attempts->count > 1);
		if (r < 0 && !left_out && !failure)
			failure = err_move(err, &why);
		worst = MAX(worst, r);
	}
	return failure ? failure : worst;
}

static int run_job_run(struct app *app, const void *opts, struct err *err)
{
	const struct run_job_opts *o = opts;
	AUTO(strlist_release) struct strlist attempts = STRLIST_INIT;
	int64_t index;
	int r = 0;

	if (strcmp(o->index, "-") == 0)
		strlist_add(&attempts, o->batch);
	else if (!str_to_i64(o->index, &index) || index < 0)
		return err_set(err, ERR_USAGE, "'%s' is no index of a job", o->index);
	else
		r = batch_dir_list(o->batch, (size_t)index, &attempts, err);
	if (r < 0)
		return r;
	cancel_begin(app->ctx);
	r = run_attempts(app->ctx, o, &attempts, err);
	cancel_end(app->ctx);
	return r;
}

const struct cmd cmd_executor_run_job = {
	.name = "run-job",
	.summary = "run a job that was prepared in a directory",
	.opts = run_job_options,
	.args = run_job_args,
	.opts_size = sizeof(struct run_job_opts),
	.run = run_job_run,
	.hidden = true,
};
