/*
 * The queue of experiments. A task is an entry of the ref refs/exps/celery/stash, a failed one of
 * refs/exps/celery/failed; both are stashes in Git's sense. Whether one runs right now says its
 * journal: a worker holds a lock as long as it works on it, so a crash puts the task back into the
 * queue by itself.
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
	char *result_ref; /* of a success: the experiment, or NULL */
};
VEC_TYPE(queue_entries, struct queue_entry);
void queue_entries_release(struct queue_entries *entries);

/* All of it: running, queued (oldest first), failed, successful ones. */
int queue_load(struct exp *x, struct queue_entries *out, struct err *err);

/* The one with this name or (short) id among those states (bits 1 << enum queue_state); NULL when
 * there is none. */
const struct queue_entry *queue_find(
	const struct queue_entries *entries, const char *name, unsigned states);

/* Tasks on their way into the queue. Release it with scm_stash_release(). */
void queue_collect(struct scm_stash *out, const struct exp_task *t);
/* Put stored tasks (exp_task_store) at the end, the first one first. */
int queue_push(struct exp *x, const struct scm_stash *tasks, struct err *err);
/* Take an entry out, with its journal. A running one is left alone. */
int queue_remove(struct exp *x, const struct queue_entry *e, struct err *err);

/* ---- Workers ---- */

/* Start detached workers until `count` of them run; gives how many are new. */
int queue_start_workers(struct exp *x, int count, struct err *err);
/* How many run. */
int queue_workers(struct exp *x);
/* Ask workers to end after the task at hand. */
int queue_stop_workers(struct exp *x, struct err *err);
/* What a worker does: take tasks and run them (temp_run) until none is left. `number` is its place,
 * from 1. */
int queue_work(struct exp *x, int number, struct err *err);

/*
 * What each of them does over and over, in parts. Take the oldest task that no worker has: 1 with
 * its lock in `*held`, 0 when there is none. A task whose worker has died is taken again; if it had
 * made its experiment, it leaves the queue instead.
 */
int queue_claim(struct exp *x, struct exp_task *out, struct holdfile *held, struct err *err);
/* The task has ended and leaves the queue; a failed one goes where those are kept. */
int queue_retire(struct exp *x, const struct exp_task *t, bool failed, struct err *err);

/* Interrupt a running task (SIGINT; SIGKILL with `force`). Fails: ERR_NOT_FOUND when it does not
 * run any more. */
int queue_kill(struct exp *x, const struct queue_entry *e, bool force, struct err *err);

#endif
