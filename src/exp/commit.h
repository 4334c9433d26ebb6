/*
 * From a run to an experiment: the commit on top of the baseline, and the ref that names it.
 */
#ifndef EXP_COMMIT_H
#define EXP_COMMIT_H

#include "exp/task.h"
#include "project/graph.h"

/*
 * DVC's hash of what ran: SHA-256 (64 hex digits) over the lock entries of the stages. Heap string.
 * Fails: ERR_VALUE when a parameter is nothing that JSON knows.
 */
int exp_hash(const struct stage_list *stages, char **out, struct err *err);

struct exp_commit_opts {
	const struct exp_task *task;
	const struct stage_list *visited;    /* their files are part of the experiment */
	const struct stage_list *reproduced; /* what the message's hash is made of */
	const struct strlist
		*include; /* more paths, relative to the root of the repository; or NULL */
	const struct strlist *include_ignored; /* the same, also when Git ignores them */
	struct strlist *untracked;             /* gets what is not part of it; or NULL */
	bool reuse_same; /* an experiment of that name with the same tree is no conflict */
};

/*
 * Commit everything tracked in x's work tree, and the files of the stages, as the experiment
 * task->name. Neither HEAD nor the index moves. `*out_ref` (when asked for) is the caller's. Fails:
 * ERR_EXISTS with DVC's wording, unless task->flags.force.
 */
int exp_commit(struct exp *x, const struct exp_commit_opts *opts, struct scm_id *out,
	char **out_ref, struct err *err);

/* ERR_EXISTS as DVC words it, when the baseline has such an experiment already. */
int exp_check_conflict(
	struct exp *x, const struct scm_id *baseline, const char *name, struct err *err);

#endif
