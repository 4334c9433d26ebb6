/* Submits queued experiments to an executor and takes note of their ends. */
#include "exp/feeder.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "scm/head.h"

enum { LOOK_MS = 100, STOP_EVERY_S = 1, QUEUE_EVERY_S = 30 };

/* A task that is with the executor. */
struct fed {
	struct exp_task task;
	struct executor_job *job;
	struct resource_needs needs;
};

struct feeder {
	struct exp *x;
	struct executor *e;
	VEC(struct fed *) jobs;
	struct map known;            /* their tasks, by commit */
	double looked_s, read_s;     /* when the queue was last looked at, and read */
	struct stat queue, steering; /* the files that say what waits, as they were then */
	bool ended;                  /* a job has, so that its task may wait again */
	bool stopped;                /* `queue stop`: what waits was withdrawn */
};

static void fed_free(struct feeder *f, struct fed *it)
{
	if (it->job)
		f->e->ops->free(it->job);
	exp_task_release(&it->task);
	resource_needs_release(&it->needs);
	free(it);
}

static void feeder_release(struct feeder *f)
{
	VEC_EACH (&f->jobs, it)
		fed_free(f, *it);
	vec_release(&f->jobs);
	map_release(&f->known);
}

static struct executor_spec spec_of(const struct feeder *f, const struct fed *it, char *const *env)
{
	return (struct executor_spec){.ctx = f->x->repo->ctx,
		.name = it->task.name,
		.key = it->task.stash.hex,
		.dir = f->x->repo->root,
		.env = env,
		.out_fd = -1,
		.err_fd = -1,
		.needs = &it->needs};
}

/* What became of it, for `queue status`. */
static void note_place(
	const struct feeder *f, const struct fed *it, const struct left_job *job, const char *end)
{
	AUTO(journal_release) struct journal j;
	journal_init(&j, f->x, EXP_IN_QUEUE, it->task.stash.hex);
	(void)sent_place_write(&j,
		&(struct sent_place){.executor = (char *)(uintptr_t)f->e->name,
			.job_id = job ? job->job_id : NULL,
			.node = job ? job->node : NULL,
			.end = (char *)(uintptr_t)end},
		NULL); /* only shown */
}

/* Hand a task to the executor, or take over the job that an earlier feeder has left. Takes the
 * task. */
static int feed_one(struct feeder *f, struct exp_task *task, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	struct fed *it = NEW(struct fed);
	it->task = TAKE(*task);
	char *const env[] = {NULL};
	char *const words[] = {(char *)(uintptr_t) "dvc", (char *)(uintptr_t) "exp",
		(char *)(uintptr_t) "queue-task", it->task.stash.hex, NULL};
	resource_needs_parse(&it->task.needs, &it->needs);
	const struct executor_spec spec = spec_of(f, it, env);
	/* the journal's directory is where the place is noted */
	int r = f->e->ops->prepare(f->e, &spec, &it->job, &why);
	if (r == 0)
		r = f->e->ops->start(it->job, &(struct process_command){.words = words}, 1, &why);
	if (r == 0) {
		*vec_push(&f->jobs) = it;
		map_set(&f->known, it->task.stash.hex, it);
		note_place(f, it, NULL, NULL);
		return 0;
	}
	/* this one cannot run there, the others may */
	r = r == ERR_IO ? err_move(err, &why) : queue_fail(f->x, &it->task, err_text(&why), err);
	fed_free(f, it);
	return MIN(r, 0);
}

static bool is_fed(const struct feeder *f, const struct scm_id *task)
{
	return map_has(&f->known, task->hex);
}

/* It is no longer with the executor. */
static void drop(struct feeder *f, size_t i)
{
	struct fed *it = f->jobs.items[i];
	f->jobs.items[i] = f->jobs.items[--f->jobs.count];
	(void)map_remove(&f->known, it->task.stash.hex);
	fed_free(f, it);
}

/* Jobs of earlier feeders, whatever became of them. */
static int take_over(struct feeder *f, struct err *err)
{
	AUTO(left_jobs_release) struct left_jobs jobs = {0};
	int r = left_load(f->x->repo, f->e->name, &jobs, err);
	for (size_t i = 0; i < jobs.count && r == 0; i++) {
		AUTO(exp_task_release) struct exp_task task = {0};
		struct scm_id id;
		if (!scm_is_full_id(jobs.items[i].key))
			continue; /* a stage of a `repro` */
		memcpy(id.hex, jobs.items[i].key, sizeof(id.hex));
		/* the commit of a task that is done may be gone: name and id are enough */
		if (exp_task_load(f->x, &id, &task, NULL) < 0)
			task = (struct exp_task){
				.stash = id, .name = mem_strdup(jobs.items[i].name)};
		if (!is_fed(f, &id))
			r = feed_one(f, &task, err);
	}
	return r;
}

static int feed_waiting(struct feeder *f, struct err *err)
{
	AUTO(exp_tasks_release) struct exp_tasks tasks = {0};
	int r = queue_waiting(f->x, &f->known, &tasks, err);
	for (size_t i = 0; i < tasks.count && r == 0; i++)
		r = feed_one(f, &tasks.items[i], err);
	return r;
}

/* ---- the ends ---- */

static bool is_in_queue(struct exp *x, const struct scm_id *task)
{
	AUTO(scm_stash_release) struct scm_stash queued = {0};
	if (scm_stash_load(x->scm, EXPREF_QUEUE, &queued, NULL) < 0)
		return true;
	VEC_EACH (&queued, e)
		if (scm_id_equal(&e->id, task))
			return true;
	return false;
}

/*
 * The job is over. Usually the node has taken the task out of the queue by itself. If not, because
 * it was ended from outside or never got so far, it has failed.
 */
static int note_end(struct feeder *f, struct fed *it, int r, const struct process_result *result,
	struct err *why, struct err *err)
{
	AUTO(journal_release) struct journal j;
	AUTO(left_job_release) struct left_job left = {0};
	AUTO(mem_freep) char *text = NULL;
	bool again = r > 0 && result->status == QUEUE_SENT_AGAIN;
	journal_init(&j, f->x, EXP_IN_QUEUE, it->task.stash.hex);
	bool found = left_find(f->x->repo, f->e->name, it->task.name, it->task.stash.hex, &left);
	if (r < 0)
		text = mem_strdup(err_text(why));
	else if (result->status < 0)
		text = mem_printf(
			"the job of experiment '%s' was killed by signal %d at executor '%s'",
			it->task.name, -result->status, f->e->name);
	else if (result->status != 0 && result->status != QUEUE_SENT_FAILED && !again)
		text = mem_printf(
			"the job of experiment '%s' ended with status %d at executor '%s'",
			it->task.name, result->status, f->e->name);
	AUTO(mem_freep) char *end = r > 0 && result->status < 0
					    ? mem_printf("killed by signal %d", -result->status)
				    : r < 0 && f->e->ops->where ? f->e->ops->where(it->job)
								: NULL;
	note_place(f, it, found ? &left : NULL, end);
	if (again || !is_in_queue(f->x, &it->task.stash))
		return 0;
	/* a worker at its place was faster than our job, between our look at the queue and now */
	if (journal_is_held(&j))
		return 0;
	if (journal_is_done(&j)) /* the node died between its last two steps */
		return queue_retire(f->x, &it->task, false, err);
	if (!text)
		text = mem_printf("the job of experiment '%s' ended, but made none", it->task.name);
	r = queue_fail(f->x, &it->task, text, err);
	return MIN(r, 0);
}

static int look_at_jobs(struct feeder *f, struct err *err)
{
	int r = 0;
	for (size_t i = f->jobs.count; i-- > 0 && r == 0;) {
		struct fed *it = f->jobs.items[i];
		AUTO(err_release) struct err why = ERR_INIT;
		struct process_result result = {0};
		int ended = f->e->ops->poll(it->job, &result, &why);
		if (ended == 0)
			continue;
		f->ended |= result.status != 0 || ended < 0;
		r = note_end(f, it, ended, &result, &why, err);
		drop(f, i);
	}
	return r;
}

/* `queue stop`: what has not begun goes back into the queue. */
static void withdraw(struct feeder *f)
{
	for (size_t i = f->jobs.count; i-- > 0;) {
		struct fed *it = f->jobs.items[i];
		if (f->e->ops->withdraw && f->e->ops->withdraw(it->job) == 1) {
			AUTO(journal_release) struct journal j;
			journal_init(&j, f->x, EXP_IN_QUEUE, it->task.stash.hex);
			(void)unlink(j.place);
			drop(f, i);
		}
	}
	f->stopped = true;
}

/* ---- the loop ---- */

static bool has_changed(const char *path, struct stat *before)
{
	struct stat now = {0};
	(void)stat(path, &now);
	bool changed = now.st_ino != before->st_ino || now.st_size != before->st_size ||
		       file_mtime_ns(&now) != file_mtime_ns(before);
	*before = now;
	return changed;
}

/* Reading the queue costs a few files for each task: do it when something has changed, and now and
 * then in case that cannot be seen. */
static bool may_have_news(struct feeder *f)
{
	AUTO(mem_freep) char *git = scm_common_dir_peek(scm_git_dir(f->x->scm));
	AUTO(mem_freep) char *queue = mem_printf("%s/logs/%s", git, EXPREF_QUEUE);
	AUTO(mem_freep) char *steering = mem_printf("%s/steering.json", f->x->dir);
	bool news = has_changed(queue, &f->queue) | has_changed(steering, &f->steering);
	news |= f->ended || !f->jobs.count || process_clock_s() > f->read_s + QUEUE_EVERY_S;
	f->ended = false;
	if (news)
		f->read_s = process_clock_s();
	return news;
}

static int feed(struct feeder *f, struct err *err)
{
	const struct ctx *ctx = f->x->repo->ctx;
	int r = take_over(f, err);
	while (r == 0) {
		if (process_clock_s() > f->looked_s + STOP_EVERY_S || !f->jobs.count) {
			f->looked_s = process_clock_s();
			if (!f->stopped && queue_is_stopped(f->x))
				withdraw(f);
			r = f->stopped || !may_have_news(f) ? 0 : feed_waiting(f, err);
		}
		if (r == 0)
			r = look_at_jobs(f, err);
		if (r < 0 || !f->jobs.count)
			break;
		(void)cancel_poll(ctx, NULL, 0, LOOK_MS);
		if (cancel_interrupts(ctx) || cancel_end_asked(ctx))
			return err_set(err, ERR_CANCELLED, "experiments go on at executor '%s'",
				f->e->name);
	}
	return r;
}

int queue_feed(struct exp *x, struct executor *e, int at_once, struct err *err)
{
	AUTO(mem_freep) char *path = queue_feeder_path(x, e->name);
	AUTO(feeder_release) struct feeder f = {.x = x, .e = e};
	int r = repo_tmp(x->repo, err);
	if (r == 0)
		r = file_mkdirs(x->dir, err);
	if (r < 0)
		return r;
	e->at_once = at_once > 0 ? (size_t)at_once : 1;
	cancel_begin(x->repo->ctx);
	/* as a worker at its place: look again after it was released */
	do {
		AUTO(holdfile_release) struct holdfile held = HOLDFILE_INIT;
		AUTO(exp_tasks_release) struct exp_tasks waiting = {0};
		r = holdfile_take(&held, path, err);
		if (r == ERR_LOCKED) {
			err_release(err);
			r = 0;
			break;
		}
		if (r == 0)
			r = feed(&f, err);
		holdfile_release(&held);
		if (r == 0 && !f.stopped)
			r = queue_waiting(x, NULL, &waiting, err);
		if (r < 0 || !waiting.count)
			break;
	} while (true);
	cancel_end(x->repo->ctx);
	return r;
}

int queue_work_anywhere(
	struct exp *x, int number, const struct queue_workers_opts *opts, struct err *err)
{
	struct executor *e = NULL;
	int r = executor_open(x->repo, opts->executor, &e, err);
	if (r == 0 && e != &executor_local)
		e->progress = opts->progress;
	if (r == 0)
		r = e->ops->shares_files ? queue_feed(x, e, opts->count, err)
					 : queue_work(x, number, opts, e, err);
	executor_close(e);
	return r;
}

int queue_feed_describe(struct exp *x, struct executor *e, struct buf *out, struct err *err)
{
	AUTO(exp_tasks_release) struct exp_tasks tasks = {0};
	int r = queue_waiting(x, NULL, &tasks, err);
	for (size_t i = 0; i < tasks.count && r == 0; i++) {
		AUTO(resource_needs_release) struct resource_needs needs = {0};
		resource_needs_parse(&tasks.items[i].needs, &needs);
		buf_addf(out, "# experiment '%s'\n", tasks.items[i].name);
		const struct executor_spec spec = {.name = tasks.items[i].name, .needs = &needs};
		r = e->ops->describe ? e->ops->describe(e, &spec, out, err) : 0;
	}
	return r;
}

/* ---- on the node ---- */

int queue_run_sent(struct exp *x, const char *stash, struct err *err)
{
	AUTO(holdfile_release) struct holdfile held = HOLDFILE_INIT;
	AUTO(exp_task_release) struct exp_task task = {0};
	struct scm_id id = {""};
	if (!scm_is_full_id(stash))
		return err_set(err, ERR_USAGE, "'%s' is not the id of a queued experiment", stash);
	memcpy(id.hex, stash, sizeof(id.hex));
	int r = queue_claim(
		x, &(struct queue_claim_opts){.only = &id, .in_job = true}, &task, &held, err);
	if (r == 0 || r == QUEUE_WAITS)
		return err_set(err, ERR_NOT_FOUND, "experiment '%.7s' is not in the queue", stash);
	if (r < 0)
		return r;
	r = queue_run_claimed(x, &task, &(struct temp_opts){.watch_kill = true}, err);
	return r == 1 ? QUEUE_SENT_FAILED : r == 2 ? QUEUE_SENT_AGAIN : r;
}
