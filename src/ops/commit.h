/* Recording what is in the workspace now, as if it had been added or made by its stage. */
#ifndef OPS_COMMIT_H
#define OPS_COMMIT_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/repo.h"

struct commit_opts {
	const char *target; /* NULL: everything */
	bool with_deps, recursive;
	bool force;     /* do not ask about what has changed */
	bool no_relink; /* leave workspace files as they are, whatever cache.type says */
	bool (*confirm)(const char *question);
	const struct progress *progress;
};

/*
 * Store the data and record it in .dvc files and dvc.lock. Fails: ERR_NOT_FOUND (a target, a
 * missing output), ERR_FAIL (changed, and neither forced nor confirmed), all with DVC's wording.
 * The caller holds the repository lock.
 */
int ops_commit(struct repo *repo, const struct commit_opts *opts, struct err *err);

/*
 * Write what is recorded in stages of one file to that file, a .dvc file (of one stage), or to
 * their entries of dvc.lock (which is then named to `progress`, once). `a` takes the entries.
 */
struct stage;
int ops_record_stages(struct repo *repo, struct arena *a, struct stage *const *stages, size_t count,
	const struct progress *progress, struct err *err);

#endif
