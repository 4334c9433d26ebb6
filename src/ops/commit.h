/* Recording what is in the workspace now, as if it had been added or made by its stage. */
#ifndef OPS_COMMIT_H
#define OPS_COMMIT_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/graph.h"

struct commit_opts {
	const char *target; /* NULL: everything */
	bool with_deps, recursive;
	bool force;       /* do not ask about what has changed */
	bool no_relink;   /* leave workspace files as they are, whatever cache.type says */
	bool keep_absent; /* tracked data that is not there stays recorded as it is */
	struct stage_list *committed; /* gets the stages, or NULL; borrowed from the index */
	bool (*confirm)(const char *question);
	const struct progress *progress;
};

/*
 * Store the data and record it in .dvc files and dvc.lock. Fails: ERR_NOT_FOUND (a target, a
 * missing output), ERR_FAIL (changed, and neither forced nor confirmed), all with DVC's wording.
 * The caller holds the repository lock.
 */
int ops_commit(struct repo *repo, const struct commit_opts *opts, struct err *err);

#endif
