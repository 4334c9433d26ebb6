/*
 * The journal of tasks. .dvc/tmp/exps/run/<commit>/ holds the state of a task (in DVC's format),
 * its log, and the process that runs it. Deleting a journal loses the progress but not the task,
 * which is in Git (exp/queue.h).
 *
 * Files that may come with a clone or an archive are not trusted: a process id is only used
 * together with the identity of the process (base/procid.h).
 */
#ifndef EXP_JOURNAL_H
#define EXP_JOURNAL_H

#include <limits.h>
#include <sys/types.h>

#include "exp/task.h"

/* The numbers are DVC's. */
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
	char *dir;   /* directory of this task, absolute; the others are files in it */
	char *info;  /* <id>.run: state, one line of JSON */
	char *log;   /* <id>.out: output of the task; NULL in the workspace, where it is not kept */
	char *proc;  /* <id>.json: process id and exit status, in DVC's format */
	char *who;   /* <id>.process: identity of the process (base/procid.h), as DVC's format has
			no field for it */
	char *kill;  /* <id>.killed: the user has killed the task */
	char *gpus;  /* <id>.gpus: ids of the devices that its worker was given, "0,1" */
	char *place; /* <id>.place: the executor that it was sent to (exp/sent.h) */
	char *held;  /* <id>.lock: locked by the worker while the task runs */
};

/* Set the paths of a task's files; touches no file. `id` is its commit, or "workspace". */
void journal_init(struct journal *j, const struct exp *x, enum exp_location where, const char *id);
void journal_release(struct journal *j);

/* Write the state. `result_hash` and `result_ref` may be NULL. */
int journal_set(const struct journal *j, const struct exp *x, const struct exp_task *t,
	enum exp_location where, const char *tree_root, enum exp_status status,
	const char *result_hash, const char *result_ref, struct err *err);
/* Read the state; EXP_PENDING if there is none. `*out_ref` (may be NULL) gets the ref of the
 * experiment that the task made, a heap string or NULL. */
enum exp_status journal_status(const struct journal *j, char **out_ref);

/* Remove what journal_set() and journal_set_process() have written. The directory goes only if
 * nothing else is in it: it may be a link, or lie behind one, and hold files of the user. */
void journal_remove_files(const struct journal *j);

/* What <id>.run says. All of it comes from a file that anybody may have written. */
struct journal_info {
	enum exp_status status;
	struct scm_id baseline; /* unset if the file does not say */
	char *name, *root;      /* NULL if the file does not say; `root` is that of the work tree */
};
/* False when there is no such file, or it cannot be read; then there is nothing to release. */
bool journal_read(const struct journal *j, struct journal_info *out);
void journal_info_release(struct journal_info *info);

/* Write the process that runs the task; with an exit status other than JOURNAL_RUNS, that it has
 * ended. */
enum { JOURNAL_RUNS = INT_MIN };
int journal_set_process(const struct journal *j, long pid, int exit_status, struct err *err);
/* The process that runs the task now; 0: none. Checked against its recorded identity, and it must
 * lead a process group, so that a signal never reaches an unrelated process. */
pid_t journal_process(const struct journal *j);

/* The same for a task that a worker of DVC runs, which notes no identity: the process must have
 * been started for this journal, as its command line says. It may belong to the group of the
 * worker. */
pid_t journal_dvc_process(const struct journal *j);

/* The recorded id of the process, which may have ended; 0: none. For display only. */
long journal_former_process(const struct journal *j);
/* The DVC root in the work tree that the task runs in. Heap string. */
char *journal_tree_root(const struct journal *j, const struct exp *x);

/*
 * The user kills the task (`force`: without time to finish anything). The note is made before a
 * signal is sent: a worker that is still preparing the task finds it once it has started the
 * process. It also tells a task that was killed from one that failed.
 */
int journal_set_killed(const struct journal *j, bool force, struct err *err);
/* `*out_force` may be NULL. */
bool journal_is_killed(const struct journal *j, bool *out_force);
/* Has the process that runs the task ended? False before it was started. */
bool journal_has_ended(const struct journal *j);
/* The exit status of the process; negative: the number of the signal that ended it, as in DVC.
 * INT_MIN: not known. */
int journal_exit_status(const struct journal *j);

/* Does a worker hold the task now? */
bool journal_is_held(const struct journal *j);
/* The same, but true when nobody ever held it: DVC knows no such lock. */
bool journal_may_be_held(const struct journal *j);
/* For the workspace: does the recorded process run? Its id goes to `*out_pid`. A process of DVC is
 * known by its id alone. */
bool journal_runs_here(const struct journal *j, long *out_pid);
/* Has the task made its experiment? */
bool journal_is_done(const struct journal *j);
/* Has it failed, or has the user killed it? For a task that no worker holds. */
bool journal_is_lost(const struct journal *j);

#endif
