/*
 * Edited data of `.dvc` files. As in DVC, an experiment starts from the present data. So edited
 * data is stored in the cache and recorded before outputs are checked out, and no edit is lost.
 * `exp apply` also replaces outputs of stages, and keeps them in the same way.
 */
#ifndef EXP_SOURCES_H
#define EXP_SOURCES_H

#include "base/buf.h"
#include "exp/task.h"

/* New contents of .dvc files, for an experiment that runs in another directory. Empty when nothing
 * was edited. */
struct sources_file {
	char *path; /* relative to the root of the work tree */
	struct buf text;
};
struct sources_edits {
	VEC(struct sources_file) files;
};
void sources_edits_release(struct sources_edits *edits);

/*
 * Store and record edited data that the targets of the task depend on (no targets: all data). The
 * new .dvc files go to `edits`, and the files in the workspace stay; if it is NULL, the files
 * themselves are written. The caller holds the repository lock.
 */
int sources_record(struct exp *x, const struct exp_task *t, const struct progress *progress,
	struct sources_edits *edits, struct err *err);
/*
 * Store and record everything that `exp apply` may replace: edited data of .dvc files, and data at
 * the paths of stages' outputs that is not in the cache, which is recorded in dvc.lock. A dvc.yaml
 * or .dvc file that cannot be loaded is skipped: the experiment may be what repairs it. `next` is
 * the index of what is applied: an output that it records with the same hash is not replaced, so
 * its objects are not looked for in the cache. NULL: nothing is known. Returns 1 when something was
 * recorded, else 0.
 */
int sources_keep(
	struct exp *x, const struct index *next, const struct progress *progress, struct err *err);
/* Replace `*tree` by the same tree with these files in it. */
int sources_put(
	struct exp *x, const struct sources_edits *edits, struct scm_id *tree, struct err *err);

#endif
