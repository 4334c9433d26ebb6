/*
 * The queue of experiments. A task is an entry of the stash refs/exps/celery/stash, a failed task
 * one of refs/exps/celery/failed. A task runs if the lock in its journal is held: its worker holds
 * the lock while it works on the task. So when a worker crashes, its task counts as queued again.
 */
#ifndef EXP_QUEUE_H
#define EXP_QUEUE_H

#include "base/holdfile.h"
#include "exp/sent.h"
#include "exp/temp.h"
#include "scm/ref.h"

enum queue_state { QUEUE_RUNNING, QUEUE_QUEUED, QUEUE_FAILED, QUEUE_SUCCESS };
const char *queue_state_name(enum queue_state state); /* "Running", "Queued", "Failed", "Success" */

struct queue_entry {
	struct scm_id stash;
	struct scm_id baseline;
	char *name;
	int64_t created_s; /* seconds since 1970 */
	enum queue_state state;
	char *result_ref; /* QUEUE_SUCCESS: the ref of the experiment; else NULL */
	bool held;        /* the user holds it back (exp/steer.h) */
	int priority, attempts, retries;
	int64_t max_time_s;      /* 0: no limit */
	struct sent_place place; /* where it ran, runs or was sent to; all NULL: this machine */
};
VEC_TYPE(queue_entries, struct queue_entry);
void queue_entries_release(struct queue_entries *entries);

/* Append all tasks: running, queued (in the order in which workers
 * take them: by priority, then oldest first; those held back last), failed, successful ones. */
int queue_load(struct exp *x, struct queue_entries *out, struct err *err);

/* Find a task by its name or the first 4 or more digits of its id, in certain states (bits 1 <<
 * enum queue_state). Borrowed from `entries`; NULL: not found. */
const struct queue_entry *queue_find(
	const struct queue_entries *entries, const char *name, unsigned states);

/* Append a stored task to a list for queue_push(). The caller releases the list with
 * scm_stash_release(). */
void queue_collect(struct scm_stash *out, const struct exp_task *t);
/* Put stored tasks (exp_task_store()) at the end of the queue, in one change of the ref. */
int queue_push(struct exp *x, const struct scm_stash *tasks, struct err *err);
/* Remove a task and its journal. Fails: ERR_LOCKED for a running one. */
int queue_remove(struct exp *x, const struct queue_entry *e, struct err *err);

/*
 * Hold waiting tasks back, release them, or change their priority, all of them at once or none.
 * NULL: no change. Fails: ERR_NOT_FOUND when a task is no longer in the queue.
 */
struct queue_steer {
	const bool *held;
	const int *priority;
};
int queue_steer(struct exp *x, const struct scm_id *tasks, size_t count,
	const struct queue_steer *change, struct err *err);

/* ---- Workers ---- */

/* How workers are started. */
struct queue_workers_opts {
	int count;                       /* of experiments at a time */
	const struct strlist *resources; /* "name=number", totals of the machine; may be NULL */
	const char *executor;            /* a profile's name; NULL or "local": this machine */
	const struct progress *progress; /* of a worker: what it has to say about its executor */
};
/*
 * Start detached workers until `count` of them run; returns how many were started. For an executor
 * that shares our files it is one process that feeds it (exp/feeder.h). Fails: ERR_USAGE, and as
 * executor_open().
 */
int queue_start_workers(struct exp *x, const struct queue_workers_opts *opts, struct err *err);
/* The number of workers that run. */
int queue_workers(struct exp *x);
/* Ask all workers to end after their current task. */
int queue_stop_workers(struct exp *x, struct err *err);
/*
 * The work of one worker: take tasks and run them (temp_run()) until none is left. `number` is its
 * place, from 1; if another worker holds the place, it returns at once. `e`: where they run, NULL:
 * here; not one that shares our files, which is fed (exp/feeder.h).
 */
int queue_work(struct exp *x, int number, const struct queue_workers_opts *opts, struct executor *e,
	struct err *err);
/* The file whose lock shows that an executor is fed. Heap string. */
char *queue_feeder_path(const struct exp *x, const char *executor);
/* Was `queue stop` called? */
bool queue_is_stopped(const struct exp *x);

/*
 * One step of a worker: take the task of the highest priority, of equal ones the oldest, that no
 * worker holds and the user does not hold back, and whose needs (exp_task.needs) the machine meets
 * beside the tasks that run. Returns 1, with its lock in `*held`; 0: none; QUEUE_WAITS: only tasks
 * that need what others use now, or that a worker of DVC is about to start. A task whose worker has
 * died is taken again; but if it had made its experiment already, or was killed by the user, it is
 * removed from the queue.
 */
enum { QUEUE_WAITS = 2 };
struct queue_claim_opts {
	const struct scm_id *only; /* this one, even if it is held back; NULL: any */
	bool in_job; /* by the task's own job: it was sent here, and the scheduler has given what it
			needs */
	/* The executor for which the task is, when that has no files in common with this machine:
	 * tasks that a worker has left there are taken over, and nothing of this machine is needed.
	 * NULL: none. */
	const char *at;
	const struct strlist *resources;
};
int queue_claim(struct exp *x, const struct queue_claim_opts *opts, struct exp_task *out,
	struct holdfile *held, struct err *err);
/* Append the tasks that a worker could take, in their order, whatever the machine has; without
 * those in `known` (by commit; may be NULL), of which nothing is read. */
int queue_waiting(struct exp *x, const struct map *known, struct exp_tasks *out, struct err *err);
/*
 * Run a claimed task and take it out of the queue: to the failed ones if it has failed, unless it
 * may be retried. Returns 0 when it made its experiment, 1 when it failed, and 2 when it failed and
 * is queued again. Fails: ERR_CANCELLED when the caller was asked to stop; the task is queued
 * again.
 */
int queue_run_claimed(
	struct exp *x, const struct exp_task *t, const struct temp_opts *opts, struct err *err);
/* A task that could not be run where it was sent has failed: note `why` in its log, and put it to
 * the failed ones, unless it may be retried. Returns 1, or 2 when it is queued again. */
int queue_fail(struct exp *x, const struct exp_task *t, const char *why, struct err *err);
/* Remove an ended task from the queue; a failed one is moved to the failed ones. A crash in between
 * leaves it in both. */
int queue_retire(struct exp *x, const struct exp_task *t, bool failed, struct err *err);

/* End the job of a task that waits at an executor: 1, it never will begin. 0: it has no such job.
 */
int queue_take_back(struct exp *x, const struct queue_entry *e, struct err *err);
/* Send a running task SIGINT, or SIGKILL with `force`. A task that a worker still prepares is
 * killed as soon as its process exists, one that waits at an executor never will have one. Fails:
 * ERR_NOT_FOUND when it does not run any more. */
int queue_kill(struct exp *x, const struct queue_entry *e, bool force, struct err *err);

#endif
