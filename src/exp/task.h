/*
 * A task: an experiment that is to be run. It has a name, a baseline, and the options of `repro`. A
 * queued task is stored as a commit: its tree has the changed files, and its message has the
 * fields as JSON.
 */
#ifndef EXP_TASK_H
#define EXP_TASK_H

#include "base/strlist.h"
#include "exp/exp.h"
#include "run/repro.h"

enum { MAX_TIME_S = 1000000000, MAX_RETRIES = 1000 }; /* some thirty years */

/* The options of `repro` that are part of a task. */
struct exp_flags {
	bool force, interactive, single_item, pipeline, all_pipelines, recursive, downstream,
		force_downstream;
	bool pull, allow_missing, dry, keep_going, ignore_errors, no_commit, no_run_cache, glob;
};

struct exp_task {
	struct scm_id stash; /* its commit; unset for a run in the workspace */
	struct scm_id head;  /* HEAD when the task was made */
	struct scm_id baseline;
	char *name;
	char *message; /* of the experiment's commit; NULL: DVC's default */
	char *wdir;    /* the user's directory, relative to the root of the work tree ("": root) */
	struct exp_flags flags;
	int jobs;          /* stages at the same time; 0 means 1 */
	bool group_output; /* with several jobs: OUTPUT_GROUP */
	struct strlist targets, copy_paths, resources;
	/* What all its stages need, "name=amount" each (exec/resources.h); workers take it into
	 * account. */
	struct strlist needs;
	int64_t max_time_s; /* in the queue: end it after that; 0: no limit */
	int retries;        /* in the queue: run it again when it fails, so many times */
	bool of_dvc;        /* DVC has queued it */
	/* The devices that its worker has given it, "0,1"; NULL: not restricted. Not stored. */
	char *gpus;
};

void exp_task_release(struct exp_task *t);
VEC_TYPE(exp_tasks, struct exp_task);
void exp_tasks_release(struct exp_tasks *tasks);

/* Copy the options of the task; lists are borrowed from it. */
void exp_task_repro_opts(const struct exp_task *t, struct repro_opts *out);

/* The common base of all tasks of one call. It is taken once, even for a sweep of many tasks. */
struct exp_base {
	struct scm_id tree;         /* the tracked files as they are in the work tree */
	struct scm_id index_commit; /* the second parent, as in a Git stash */
};
int exp_base_take(struct exp *x, struct exp_base *out, struct err *err);

/*
 * Write the task's commit: the tree of the base with the edited files `params` (may be empty). Sets
 * t->stash. Writes no ref, so until one names the commit, Git's gc may remove it.
 */
int exp_task_store(struct exp *x, struct exp_task *t, const struct exp_base *base,
	const struct scm_change *params, size_t param_count, struct err *err);

/*
 * Read a task from its commit. For tasks of DVC the message has only name and baseline; the options
 * are read from the file tmp/repro.dat that DVC puts into the tree. Fails: ERR_NOT_FOUND, ERR_PARSE
 * (not a task).
 */
int exp_task_load(struct exp *x, const struct scm_id *stash, struct exp_task *out, struct err *err);

/* "dvc-exp:<head>:<baseline>:<name>", as in DVC's reflog of the queue. Heap string. */
char *exp_task_subject(const struct exp_task *t);

#endif
