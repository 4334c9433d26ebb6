/*
 * Queued experiments on an executor that shares our files: each is a job that runs on a node from
 * its work tree to its ref in Git (`dvc exp queue-task`, exp/sent.h). The feeder submits what
 * waits, as an array where the scheduler has arrays, and looks after what was submitted. It may be
 * killed at any time: jobs finish their experiments without it, and the next feeder takes the rest
 * over.
 */
#ifndef EXP_FEEDER_H
#define EXP_FEEDER_H

#include "exec/executor.h"
#include "exp/queue.h"

/* What a worker process does: feed the executor that `opts` names, or work at a place
 * (queue_work()). */
int queue_work_anywhere(
	struct exp *x, int number, const struct queue_workers_opts *opts, struct err *err);

/* Feed an executor, `at_once` experiments running at a time, until nothing waits or runs there, or
 * `queue stop` was called. Returns at once when another process feeds it. Fails: ERR_CANCELLED when
 * this process was asked to end; jobs go on. */
int queue_feed(struct exp *x, struct executor *e, int at_once, struct err *err);

/* For --dry-submit: append what would be submitted now. */
int queue_feed_describe(struct exp *x, struct executor *e, struct buf *out, struct err *err);

/* The part on the node: claim the task and run it. Returns 0, or QUEUE_SENT_FAILED,
 * QUEUE_SENT_AGAIN: it has failed, and was put to the failed ones or back into the queue. Fails:
 * ERR_NOT_FOUND when it is not in the queue any more, ERR_CANCELLED. */
enum { QUEUE_SENT_FAILED = 3, QUEUE_SENT_AGAIN = 75 };
int queue_run_sent(struct exp *x, const char *stash, struct err *err);

#endif
