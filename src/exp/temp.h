/*
 * Running an experiment apart from the workspace: in a Git work tree of its own under
 * .dvc/tmp/exps/, with the repository's cache, by a process of its own.
 */
#ifndef EXP_TEMP_H
#define EXP_TEMP_H

#include "exp/journal.h"

struct executor_driver;

struct temp_opts {
	enum exp_location where;                /* EXP_IN_TEMP or EXP_IN_QUEUE */
	bool quiet;                             /* the run says nothing of its own */
	const struct executor_driver *executor; /* where it runs; NULL: on this machine */
};

/*
 * Run a stored task (exp_task_store) to its end: prepare a work tree, run the task in a process of
 * this program (`dvc exp exec-run`), note everything in the journal, remove the tree. For
 * EXP_IN_TEMP the process has the host's standard streams, for EXP_IN_QUEUE its output goes to the
 * journal's log. Returns 0 when the experiment was made; 1 when it ran and failed (the process has
 * said why); negative when it could not be run (that is in the log, too).
 *
 * For EXP_IN_TEMP the caller holds the repository lock: no ref names the task, so `gc` must not
 * look before the task's tree is there, from which it learns what the run needs. The lock is
 * released then, and on failure.
 */
int temp_run(
	struct exp *x, const struct exp_task *t, const struct temp_opts *opts, struct err *err);

/* What the child does, in the tree prepared for it (the working directory). */
struct temp_child {
	const char *stash; /* id of the task's commit */
	const char *where; /* name of its location */
	bool quiet;
	const struct progress *progress;
};
int temp_child_run(struct repo *repo, const struct temp_child *opts, struct err *err);

#endif
