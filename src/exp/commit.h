/*
 * Makes an experiment of a finished run: a commit on top of the baseline, and the ref that names
 * it.
 */
#ifndef EXP_COMMIT_H
#define EXP_COMMIT_H

#include "exp/task.h"
#include "project/graph.h"

/*
 * DVC's hash of a run: SHA-256 (64 hex digits) of the lock entries of the stages. Heap string.
 * Fails: ERR_VALUE when a parameter cannot be written as JSON.
 */
int exp_hash(const struct stage_list *stages, char **out, struct err *err);

struct exp_commit_opts {
	const struct exp_task *task;
	const struct stage_list *visited;    /* their files are part of the experiment */
	const struct stage_list *reproduced; /* hashed for the default message */
	const struct strlist
		*include; /* more paths, relative to the root of the repository; or NULL */
	const struct strlist *include_ignored; /* the same, even if Git ignores them */
	struct strlist *untracked; /* gets the untracked files that are left out; or NULL */
	bool reuse_same; /* an experiment of that name with the same tree is no conflict */
};

/*
 * Commit all tracked files of x's work tree and the files of the stages as the experiment
 * task->name. HEAD and the index do not change. `*out_ref` (may be NULL) is a heap string. Fails:
 * ERR_EXISTS with DVC's wording for a name in use, unless task->flags.force.
 */
int exp_commit(struct exp *x, const struct exp_commit_opts *opts, struct scm_id *out,
	char **out_ref, struct err *err);

/* Make the ref of the experiment for a commit that exp_commit() has made in another repository, and
 * which is here already. `*out_ref` and failures: as exp_commit() with `reuse_same`. */
int exp_take_commit(struct exp *x, const struct exp_task *task, const struct scm_id *commit,
	char **out_ref, struct err *err);

/* Fails: ERR_EXISTS with DVC's wording, if the baseline has an experiment of that name. */
int exp_check_conflict(
	struct exp *x, const struct scm_id *baseline, const char *name, struct err *err);

#endif
