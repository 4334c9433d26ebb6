/*
 * Running an experiment apart from the workspace: in a Git work tree of its own under
 * .dvc/tmp/exps/, with the repository's cache, by a process of its own.
 */
#ifndef EXP_TEMP_H
#define EXP_TEMP_H

#include "exp/journal.h"

/*
 * How a process of ours becomes another command: as main(), it gets "dvc exp exec-run ..." and
 * gives the exit status. The child is forked and runs it at once, with what is in memory already
 * (libgit2 above all).
 */
typedef int (*exp_main_fn)(int argc, char **argv);

/* In .git/worktrees/<name>/ of a tree: locked by whoever runs an experiment in it. */
#define TEMP_IN_USE "cairn.lock"

/*
 * Run a stored task (exp_task_store) to its end: prepare the tree, run it in a child process (`dvc
 * exp exec-run`), note everything in the journal, remove the tree. For EXP_IN_TEMP the child has
 * our standard streams, for EXP_IN_QUEUE its output goes to the journal's log. Returns 0 when the
 * experiment was made; 1 when it ran and failed (the child has said why); negative when it could
 * not be run (that is in the log, too). With `quiet` the child says nothing of its own.
 *
 * For EXP_IN_TEMP the caller holds the repository lock: no ref names the task, so that `gc` must
 * not look before its tree is there, from which it tells what the run needs. The lock is released
 * then, and on failure.
 */
int temp_run(struct exp *x, const struct exp_task *t, enum exp_location where, bool quiet,
	exp_main_fn run, struct err *err);

/* What the child does, in the tree prepared for it (the working directory). */
struct temp_child {
	const char *stash; /* id of the task's commit */
	const char *where; /* name of its location */
	bool quiet;
	const struct progress *progress;
};
int temp_child_run(struct repo *repo, const struct temp_child *opts, struct err *err);

#endif
