/* Workers of the queue: detached processes that run tasks one after the other. Every decision is
 * based on locks that the kernel releases when a process dies, so that a crash needs no repair. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/holdfile.h"
#include "base/path.h"
#include "base/str.h"
#include "exec/detach.h"
#include "exec/executor.h"
#include "exp/broker.h"
#include "exp/queue.h"
#include "exp/steer.h"
#include "exec/interrupt.h"
#include "exec/process.h"
#include "exec/resources.h"
#include "scm/ref.h"

enum { MAX_WORKERS = 256 };

/* A worker holds the lock of its place while it lives. */
static char *place_path(const struct exp *x, int number)
{
	return mem_printf("%s/worker-%d.lock", x->dir, number);
}

static char *stop_path(const struct exp *x)
{
	return path_join(x->dir, "stop");
}

char *queue_feeder_path(const struct exp *x, const char *executor)
{
	return mem_printf("%s/feeder-%s.lock", x->dir, executor);
}

bool queue_is_stopped(const struct exp *x)
{
	AUTO(mem_freep) char *path = stop_path(x);

	return file_exists(path);
}

/* How many executors are fed. */
static int count_feeders(const struct exp *x)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int running = 0;

	if (file_is_dir(x->dir))
		(void)file_list(x->dir, &names, NULL);
	for (size_t i = 0; i < names.count; i++) {
		AUTO(mem_freep) char *path = path_join(x->dir, names.items[i]);

		if (str_starts(names.items[i], "feeder-"))
			running += holdfile_is_held(path);
	}
	return running;
}

static bool place_is_taken(const struct exp *x, int number)
{
	AUTO(mem_freep) char *path = place_path(x, number);

	return holdfile_is_held(path);
}

int queue_workers(struct exp *x)
{
	int running = count_feeders(x);

	for (int i = 1; i <= MAX_WORKERS; i++) {
		AUTO(mem_freep) char *path = place_path(x, i);

		/* places are taken in order, and the files stay */
		if (!file_exists(path))
			break;
		running += place_is_taken(x, i);
	}
	return running;
}

int queue_stop_workers(struct exp *x, struct err *err)
{
	AUTO(mem_freep) char *path = stop_path(x);

	if (queue_workers(x) == 0)
		return 0;
	return file_write(path, "", 0, 0, err);
}

static int spawn_worker(
	struct exp *x, int number, const struct queue_workers_opts *opts, struct err *err)
{
	const struct strlist *resources = opts->resources;
	AUTO(mem_freep) char *place = mem_printf("%d", number);
	AUTO(mem_freep) char *log = mem_printf("%s/worker-%d.out", x->dir, number);
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	AUTO(close_fd) int out = file_open_log(log, true, err);

	if (out < 0)
		return out;
	strlist_add(&words, "dvc");
	strlist_add(&words, "exp");
	strlist_add(&words, "queue-worker");
	strlist_add(&words, place);
	for (size_t i = 0; resources && i < resources->count; i++)
		strlist_addf(&words, "--resource=%s", resources->items[i]);
	if (opts->executor) {
		strlist_addf(&words, "--executor=%s", opts->executor);
		strlist_addf(&words, "--jobs=%d", opts->count);
	}
	return detach(x->repo->ctx, strlist_argv(&words), x->repo->root, out, "a worker", err);
}

/* Nobody would see the message of a worker. */
static int check_resources(const struct strlist *given, struct err *err)
{
	struct resources *r = NULL;
	int result = given ? resources_open(given, &r, err) : 0;

	resources_free(r);
	return result;
}

/* Nor that of an error in a profile. 1: the executor shares our files, so one process feeds it. */
static int check_executor(struct exp *x, const char *name, struct err *err)
{
	struct executor *e = NULL;
	int r = executor_open(x->repo, name, &e, err);
	bool feeds = r == 0 && e->ops->shares_files;

	executor_close(e);
	return r < 0 ? r : feeds;
}

int queue_start_workers(struct exp *x, const struct queue_workers_opts *opts, struct err *err)
{
	AUTO(mem_freep) char *stop = stop_path(x);
	int started = 0, count = opts->count, r;

	if (count > MAX_WORKERS)
		return err_set(err, ERR_USAGE, "at most %d workers", MAX_WORKERS);

	int feeds = check_executor(x, opts->executor, err);

	r = MIN(feeds, 0);
	if (r == 0)
		r = check_resources(opts->resources, err);
	if (r == 0)
		r = repo_tmp(x->repo, err);
	if (r == 0)
		r = file_mkdirs(x->dir, err);
	(void)unlink(stop); /* of an earlier `queue stop`; usually there is none */
	if (r == 0 && feeds) {
		AUTO(mem_freep) char *path = queue_feeder_path(x, opts->executor);

		r = holdfile_is_held(path) ? 0 : spawn_worker(x, 1, opts, err);
		return r < 0 ? r : 1;
	}
	for (int i = 1; i <= count && r == 0; i++) {
		if (place_is_taken(x, i))
			continue;
		r = spawn_worker(x, i, opts, err);
		started += r == 0;
	}

	return r < 0 ? r : started;
}

int queue_retire(struct exp *x, const struct exp_task *t, bool failed, struct err *err)
{
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	AUTO(mem_freep) char *subject = exp_task_subject(t);
	AUTO(mem_freep) char *message = mem_printf("commit: %s", subject);
	int r = exp_lock(x, &lock, err);

	/* first add, then drop: a crash in between must not lose the task */
	if (r == 0 && failed)
		r = scm_stash_push(x->scm, EXPREF_FAILED, &t->stash, message, err);
	if (r == 0)
		broker_finish(x, &t->stash);
	if (r == 0)
		r = scm_stash_drop(x->scm, EXPREF_QUEUE, &t->stash, err);
	return r;
}

/* Count an attempt of a failed task. Returns 1 when the task may be tried again, else 0. */
static int count_attempt(struct exp *x, const struct exp_task *t, struct err *err)
{
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	AUTO(scm_stash_release) struct scm_stash queued = {0};
	AUTO(steering_release) struct steering steering = {0};
	int r = exp_lock(x, &lock, err);

	if (r == 0)
		r = scm_stash_load(x->scm, EXPREF_QUEUE, &queued, err);
	if (r < 0)
		return r;
	steering_load(x, &steering);
	struct steer *s = steering_at(&steering, &t->stash);

	if (s->attempts >= t->retries)
		return 0;
	s->attempts++;
	r = steering_save(x, &steering, &queued, err);
	return r < 0 ? r : 1;
}

/* The log is kept over all attempts. */
static bool was_tried(struct exp *x, const struct exp_task *t)
{
	AUTO(steering_release) struct steering steering = {0};

	if (t->retries == 0)
		return false;
	steering_load(x, &steering);
	return steering_get(&steering, &t->stash).attempts > 0;
}

int queue_run_claimed(
	struct exp *x, const struct exp_task *t, const struct temp_opts *opts, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(journal_release) struct journal j;
	struct temp_opts how = *opts;
	int ended, again = 0, r;

	how.where = EXP_IN_QUEUE;
	how.append = was_tried(x, t);
	journal_init(&j, x, EXP_IN_QUEUE, t->stash.hex);
	ended = temp_run(x, t, &how, &why);
	if (ended == ERR_CANCELLED) {
		/* the task stays in the queue, unless it was done before the request reached it */
		r = journal_is_done(&j) ? queue_retire(x, t, false, err) : 0;
		if (r == 0 && !journal_is_done(&j))
			broker_put_back(x, &t->stash);
		return r < 0 ? r : err_move(err, &why);
	}

	if (ended != 0 && t->retries > 0 && !journal_is_killed(&j, NULL))
		again = count_attempt(x, t, err);
	if (again < 0)
		return again;
	if (again) {
		broker_put_back(x, &t->stash);
		r = journal_set(
			&j, x, t, EXP_IN_QUEUE, scm_root(x->scm), EXP_PENDING, NULL, NULL, err);
		return r < 0 ? r : 2;
	}
	r = queue_retire(x, t, ended != 0, err);
	return r < 0 ? r : ended != 0;
}

int queue_fail(struct exp *x, const struct exp_task *t, const char *why, struct err *err)
{
	AUTO(journal_release) struct journal j;
	int r, again;

	journal_init(&j, x, EXP_IN_QUEUE, t->stash.hex);
	r = file_mkdirs(j.dir, err);
	temp_log_error(&j, why);
	again = r == 0 && t->retries > 0 && !journal_is_killed(&j, NULL) ? count_attempt(x, t, err)
									 : MIN(r, 0);
	if (again < 0)
		return again;
	r = journal_set(&j, x, t, EXP_IN_QUEUE, scm_root(x->scm), again ? EXP_PENDING : EXP_FAILED,
		NULL, NULL, err);
	if (r == 0 && !again)
		r = queue_retire(x, t, true, err);
	return r < 0 ? r : again + 1;
}

/* Run tasks until none is left or `queue stop` was called. */
static int work_off(struct exp *x, const struct queue_workers_opts *opts, struct executor *e,
	const char *stop, struct err *err)
{
	enum { WAIT_MS = 100 };
	bool elsewhere = e && e->ops->outlives_us;
	const struct queue_claim_opts how = {
		.resources = opts->resources, .at = elsewhere ? e->name : NULL};
	int r = 1;

	while (r > 0 && !file_exists(stop)) {
		AUTO(holdfile_release) struct holdfile held = HOLDFILE_INIT;
		AUTO(exp_task_release) struct exp_task task = {0};

		r = queue_claim(x, &how, &task, &held, err);
		if (r == QUEUE_WAITS) {
			/* until a task ends or starts, in whatever process */
			(void)poll(NULL, 0, WAIT_MS);
			continue;
		}
		if (r <= 0)
			break;
		/* A failed task is no failure of the worker. Its log has the reason. */
		r = queue_run_claimed(
			x, &task, &(struct temp_opts){.executor = e, .watch_kill = elsewhere}, err);
		if (r >= 0)
			r = 1;
	}

	return r < 0 ? r : 0;
}

/* Is there a task without a worker? */
static bool has_work(struct exp *x, const char *stop)
{
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	bool found = false;

	if (file_exists(stop) || queue_load(x, &entries, NULL) < 0)
		return false;
	VEC_EACH (&entries, e)
		found = found || (e->state == QUEUE_QUEUED && !e->held);
	return found;
}

int queue_work(struct exp *x, int number, const struct queue_workers_opts *opts, struct executor *e,
	struct err *err)
{
	AUTO(mem_freep) char *path = place_path(x, number);
	AUTO(mem_freep) char *stop = stop_path(x);
	int r = repo_tmp(x->repo, err);

	if (r == 0)
		r = file_mkdirs(x->dir, err);

	/* Look again after the place was released: a task that was queued while this worker still
	 * held it has not started another worker. */
	do {
		AUTO(holdfile_release) struct holdfile place = HOLDFILE_INIT;

		if (r == 0)
			r = holdfile_take(&place, path, err);
		if (r == ERR_LOCKED) {
			err_release(err);
			return 0; /* another worker was faster */
		}
		if (r == 0)
			r = work_off(x, opts, e, stop, err);
	} while (r == 0 && has_work(x, stop));

	return r;
}

/* A task that a worker of DVC runs: its process is in the group of the worker, which goes on. */
static int kill_of_dvc(const struct journal *j, bool force)
{
	process_signal(&(struct process){.pid = journal_dvc_process(j), .exit_fd = -1},
		force ? SIGKILL : SIGINT);
	return 0;
}

int queue_kill(struct exp *x, const struct queue_entry *e, bool force, struct err *err)
{
	AUTO(journal_release) struct journal j = {0};
	int r;

	if (e->state == QUEUE_QUEUED) {
		int taken = queue_take_back(x, e, err);

		return taken == 0 ? err_set(err, ERR_NOT_FOUND, "'%s' does not run", e->name)
				  : MIN(taken, 0);
	}
	journal_init(&j, x, EXP_IN_QUEUE, e->stash.hex);
	if (!journal_is_held(&j) && journal_dvc_process(&j) > 0)
		return kill_of_dvc(&j, force);
	/* what runs elsewhere may hold a lock that this machine does not see; it looks for the note
	 */
	bool here = journal_is_held(&j);
	if ((!here && !e->place.executor) || (here && journal_has_ended(&j)))
		return err_set(err, ERR_NOT_FOUND, "'%s' does not run", e->name);
	/* First the note, then the signal: the worker does it the other way round, so that one of
	 * both finds the process (temp.c). */
	r = journal_set_killed(&j, force, err);
	if (r < 0)
		return r;
	pid_t pid = journal_process(&j);

	/* the process leads a group, which contains the commands of its stages */
	if (pid > 0 && force)
		(void)kill(-pid, SIGKILL);
	else if (pid > 0)
		interrupt_group(pid);
	return 0;
}
