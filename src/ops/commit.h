/* `commit`: record what is in the workspace now, as if it had been added or made by its stage. */
#ifndef OPS_COMMIT_H
#define OPS_COMMIT_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/graph.h"

struct commit_opts {
	const char *target; /* NULL: everything */
	bool with_deps, recursive;
	bool force;       /* record changes without asking */
	bool no_relink;   /* leave workspace files as they are, whatever cache.type says */
	bool keep_absent; /* skip tracked data that is not in the workspace; its record stays */
	/* receives the stages that were recorded, or NULL; borrowed from the index */
	struct stage_list *committed;
	bool (*confirm)(const char *question); /* NULL: every question is answered with no */
	const struct progress *progress;
};

/* Store the data in the cache, and record it in .dvc files and dvc.lock. Fails: ERR_NOT_FOUND (a
 * target, a missing output), ERR_FAIL (something changed, and the user neither forced nor confirmed
 * it), all with DVC's wording. The caller holds the repository lock. */
int ops_commit(struct repo *repo, const struct commit_opts *opts, struct err *err);

#endif
