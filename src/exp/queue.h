/*
 * The queue of experiments. A task is an entry of the stash refs/exps/celery/stash, a failed task
 * one of refs/exps/celery/failed. A task runs if the lock in its journal is held: its worker holds
 * the lock while it works on the task. So when a worker crashes, its task counts as queued again.
 */
#ifndef EXP_QUEUE_H
#define EXP_QUEUE_H

#include "base/holdfile.h"
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
};
VEC_TYPE(queue_entries, struct queue_entry);
void queue_entries_release(struct queue_entries *entries);

/* Append all tasks: running, queued (oldest first), failed, successful ones. */
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

/* ---- Workers ---- */

/* Start detached workers until `count` of them run; returns how many were started. */
int queue_start_workers(struct exp *x, int count, struct err *err);
/* The number of workers that run. */
int queue_workers(struct exp *x);
/* Ask all workers to end after their current task. */
int queue_stop_workers(struct exp *x, struct err *err);
/* The work of one worker: take tasks and run them (temp_run()) until none is left. `number` is its
 * place, from 1; if another worker holds the place, it returns at once. */
int queue_work(struct exp *x, int number, struct err *err);

/*
 * One step of a worker: take the oldest task that no worker holds. Returns 1, with its lock in
 * `*held`; 0: none. A task whose worker has died is taken again; but if it had made its experiment
 * already, it is removed from the queue.
 */
int queue_claim(struct exp *x, struct exp_task *out, struct holdfile *held, struct err *err);
/* Remove an ended task from the queue; a failed one is moved to the failed ones. A crash in between
 * leaves it in both. */
int queue_retire(struct exp *x, const struct exp_task *t, bool failed, struct err *err);

/* Send a running task SIGINT, or SIGKILL with `force`. Fails: ERR_NOT_FOUND when it does not run
 * any more. */
int queue_kill(struct exp *x, const struct queue_entry *e, bool force, struct err *err);

#endif
