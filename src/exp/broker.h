/*
 * DVC's own view of the queue. DVC does not list the stash of queued tasks: it reads the messages
 * of its broker, and the results of its workers.
 *
 *     .dvc/tmp/exps/celery/broker/in/<time>_<id>.celery.msg          a task that waits
 *     .dvc/tmp/exps/celery/broker/processed/<time>_<id>.celery.msg   one that a worker has taken
 *     .dvc/tmp/exps/celery/result/celery-task-meta-<uuid>            it has ended
 *
 * Formats: kombu's transport "filesystem" and celery's protocol 2, as DVC 3.67 configures them.
 * What a task has made is in its journal. In the names of cairn's messages <id> is the commit of
 * the task, so that it finds them without reading; DVC has random ids there.
 *
 * All of this is for DVC, and for seeing what DVC's workers do. cairn's queue does not depend on
 * it: what cannot be written is left out, and so nothing that writes returns an error.
 *
 * Threads: as `struct exp`.
 */
#ifndef EXP_BROKER_H
#define EXP_BROKER_H

#include "exp/task.h"

/* A new task waits. */
void broker_put(struct exp *x, const struct exp_task *t);
/* The task, or what is left of it, is removed from the queue. */
void broker_remove(struct exp *x, const struct scm_id *task);

/*
 * A worker of cairn takes a task. `again`: one of cairn had it before. False when a worker of DVC,
 * which still runs, was faster: the task is its own, although it may be in the stash for a moment.
 */
bool broker_take(struct exp *x, const struct scm_id *task, bool again);
/* It goes back into the queue. */
void broker_put_back(struct exp *x, const struct scm_id *task);
/* It has ended; its journal says how. */
void broker_finish(struct exp *x, const struct scm_id *task);

/* The options that DVC has in the message of a task, and not in its commit: message, copy_paths.
 * Does nothing for a task of cairn. */
void broker_fill(struct exp *x, struct exp_task *t);

/* Does a worker of DVC run in this repository? */
bool broker_dvc_works(const struct exp *x);
/* Tasks that were taken and have no result: run by a worker of DVC, if they are not in the stash.
 */
typedef void (*broker_taken_fn)(void *ctx, const struct scm_id *task);
void broker_each_taken(struct exp *x, broker_taken_fn fn, void *ctx);

#endif
