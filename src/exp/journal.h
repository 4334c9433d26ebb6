/*
 * The journal of tasks that run apart from the workspace: .dvc/tmp/exps/run/<commit>/ holds for
 * each its state (as DVC writes it), its log, and who runs it. Deleting it loses progress, not
 * tasks: those are in Git (exp/queue.h).
 */
#ifndef EXP_JOURNAL_H
#define EXP_JOURNAL_H

#include <sys/types.h>

#include "exp/task.h"

/* As DVC numbers them. */
enum exp_status {
	EXP_PENDING = 0,
	EXP_PREPARING = 1,
	EXP_RUNNING = 2,
	EXP_SUCCESS = 3,
	EXP_FAILED = 4,
	EXP_CANCELED = 5,
	EXP_FINISHED = 6,
};

enum exp_location { EXP_IN_WORKSPACE, EXP_IN_TEMP, EXP_IN_QUEUE };
const char *exp_location_name(enum exp_location where); /* "workspace", "tempdir", "dvc-task" */

struct journal {
	char *dir;  /* absolute; of this task */
	char *info; /* <id>.run: state, one line of JSON */
	char *log;  /* <id>.out */
	char *proc; /* <id>.json: the process and its exit status */
	char *who;  /* <id>.process: which process, as base/procid.h writes it; DVC's file has no
		       room */
	char *held; /* <id>.lock: locked by the worker as long as the task runs */
};

/* The names of a task's files; nothing is touched. `id` is its commit, or "workspace". */
void journal_init(struct journal *j, const struct exp *x, enum exp_location where, const char *id);
void journal_release(struct journal *j);

/* Note the state. `result_hash` and `result_ref` may be NULL. */
int journal_set(const struct journal *j, const struct exp *x, const struct exp_task *t,
	enum exp_location where, const char *tree_root, enum exp_status status,
	const char *result_hash, const char *result_ref, struct err *err);
/* The state noted, or EXP_PENDING. `*out_ref` (when asked for) is the experiment that came out, a
 * heap string or NULL. */
enum exp_status journal_status(const struct journal *j, char **out_ref);

/* Note the process that runs the task, or (with a status of 0 or more) how it ended. */
int journal_set_process(const struct journal *j, long pid, int exit_status, struct err *err);
/* The process that runs the task right now and leads a group of its own, whatever a file that came
 * with a clone says; 0 when there is none. */
pid_t journal_process(const struct journal *j);

/* The process that ran it, done or not; 0 when there is none. */
long journal_former_process(const struct journal *j);
/* The root of the tree that it runs in, as the repository's root lies in it. Heap string. */
char *journal_tree_root(const struct journal *j, const struct exp *x);

/* Does a worker hold the task right now? */
bool journal_is_held(const struct journal *j);
/* Has it made its experiment? */
bool journal_is_done(const struct journal *j);

#endif
