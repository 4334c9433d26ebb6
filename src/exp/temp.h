/*
 * Runs an experiment apart from the workspace: by a process of its own, in a temporary Git work
 * tree under .dvc/tmp/exps/ (exec/tempdir.h), with the cache of the repository.
 */
#ifndef EXP_TEMP_H
#define EXP_TEMP_H

#include "base/progress.h"
#include "exp/journal.h"

struct executor;

struct temp_opts {
	enum exp_location where;   /* EXP_IN_TEMP or EXP_IN_QUEUE */
	bool quiet;                /* the process prints no messages of its own */
	const char *stages_at;     /* --executor for the stages; NULL: as they say */
	struct executor *executor; /* NULL: on this machine */
	bool watch_kill;           /* `queue kill` cannot reach the process: look for its note */
	bool append;               /* EXP_IN_QUEUE: to the log of an earlier attempt */
	/* Called several times a second while the process runs, and once after its end. NULL:
	 * nobody looks. */
	void (*look)(void *ctx);
	void *look_ctx;
	/* what this process says about exp.auto_push; NULL: it goes to the log of the journal */
	const struct progress *progress;
};

/*
 * Run a stored task (exp_task_store()) and wait for its end: prepare a work tree, run `dvc exp
 * exec-run` of this program in it, keep the journal, remove the work tree. The output goes to the
 * host's descriptors (EXP_IN_TEMP) or to the log of the journal (EXP_IN_QUEUE). Returns 0 when the
 * experiment was made; 1 when the process failed, after it has reported why; negative when it could
 * not be run (also written to the log). As configured, the experiment is pushed then, from the
 * user's repository: addresses that are relative to it hold only there. ERR_CANCELLED: the user
 * asked to stop; a queued task then counts as queued again, unless its journal says that it is
 * done.
 *
 * A queued task with a limit of time (max_time_s) is ended after it: SIGTERM, 10 s later SIGKILL,
 * to all its processes. It then has failed, and the log says why. A task that `queue kill` names
 * while it is prepared is killed as soon as its process exists.
 *
 * For EXP_IN_TEMP the caller holds the repository lock. No ref names the task, and `gc` finds the
 * objects that it needs only through its work tree; so the lock is released when the work tree
 * exists, or on failure.
 */
int temp_run(
	struct exp *x, const struct exp_task *t, const struct temp_opts *opts, struct err *err);

/* Add an error to the log of a task that could not be run; best effort. */
void temp_log_error(const struct journal *j, const char *why);

/* The part of the child process, in the prepared work tree, which is the working directory. */
struct temp_child {
	const char *stash; /* id of the task's commit */
	const char *where; /* name of its location */
	const char *stages_at;
	bool quiet;
	const struct progress *progress;
};
int temp_child_run(struct repo *repo, const struct temp_child *opts, struct err *err);

#endif
