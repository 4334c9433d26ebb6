/*
 * One experiment to run: what it is called, what it starts from, and how `repro` is to be called. A
 * queued one lives in Git: its commit has the changed files as its tree, and these facts in its
 * message.
 */
#ifndef EXP_TASK_H
#define EXP_TASK_H

#include "base/strlist.h"
#include "exp/exp.h"
#include "run/repro.h"

/* The options of `repro` that travel with an experiment. */
struct exp_flags {
	bool force, interactive, single_item, pipeline, all_pipelines, recursive, downstream,
		force_downstream;
	bool pull, allow_missing, dry, keep_going, ignore_errors, no_commit, no_run_cache, glob;
};

struct exp_task {
	struct scm_id stash; /* the commit that holds it; unset for a run in the workspace */
	struct scm_id head;  /* of the user's branch when it was made */
	struct scm_id baseline;
	char *name;
	char *message; /* of the commit that it will make, or NULL */
	char *wdir; /* where it was called, relative to the top of the work tree ("" is the top) */
	struct exp_flags flags;
	int jobs;          /* stages at once; 0 is one */
	bool group_output; /* with jobs: OUTPUT_GROUP */
	struct strlist targets, copy_paths, resources;
};

void exp_task_release(struct exp_task *t);

/* Take over what decides how stages run; lists are borrowed. */
void exp_task_repro_opts(const struct exp_task *t, struct repro_opts *out);

/* What all tasks of one call start from: taken once, however many combinations a sweep has. */
struct exp_base {
	struct scm_id tree;         /* everything tracked, as it is in the work tree now */
	struct scm_id index_commit; /* second parent, as a stash of Git has it */
};
int exp_base_take(struct exp *x, struct exp_base *out, struct err *err);

/*
 * Write the task's commit: the base with `params` (edited files, may be empty) in place of what is
 * there. Sets t->stash; no ref is touched.
 */
int exp_task_store(struct exp *x, struct exp_task *t, const struct exp_base *base,
	const struct scm_change *params, size_t param_count, struct err *err);

/*
 * Read a task back from its commit. DVC's own have no facts in the message beside name and
 * baseline; their options are read from the file that DVC leaves in the tree. Fails: ERR_NOT_FOUND,
 * ERR_PARSE (not a task).
 */
int exp_task_load(struct exp *x, const struct scm_id *stash, struct exp_task *out, struct err *err);

/* "dvc-exp:<head>:<baseline>:<name>", as DVC has it in the log of the queue's ref. Heap string. */
char *exp_task_subject(const struct exp_task *t);

#endif
