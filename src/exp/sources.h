/*
 * Data that `.dvc` files track and that was edited since: an experiment starts from what is there
 * now, as in DVC. So it is stored and recorded before anything restores outputs, which also means
 * that no edit is lost. `exp apply`, which replaces outputs of stages too, keeps those as well.
 */
#ifndef EXP_SOURCES_H
#define EXP_SOURCES_H

#include "base/buf.h"
#include "exp/task.h"

/* .dvc files as they should be, for an experiment that runs elsewhere; empty when nothing was
 * edited. */
struct sources_file {
	char *path; /* relative to the top of the work tree */
	struct buf text;
};
struct sources_edits {
	VEC(struct sources_file) files;
};
void sources_edits_release(struct sources_edits *edits);

/*
 * Store what was edited among the data that the task's targets need (no targets: all of it) and
 * record it: in `edits`, and the .dvc files of the workspace stay as they are; or (NULL) in the
 * files. The caller holds the repository lock.
 */
int sources_record(struct exp *x, const struct exp_task *t, const struct progress *progress,
	struct sources_edits *edits, struct err *err);
/*
 * The same for everything that is about to be replaced, in the files: data of .dvc files, and what
 * stands in the place of stages' outputs and is not in the cache, which goes into dvc.lock. Files
 * that cannot be loaded are left out: they may be just what the experiment puts right.
 */
int sources_keep(struct exp *x, const struct progress *progress, struct err *err);
/* The tree `*tree` with these files in it. */
int sources_put(
	struct exp *x, const struct sources_edits *edits, struct scm_id *tree, struct err *err);

#endif
