/*
 * Data that `.dvc` files track and that was edited since: an experiment starts from what is there
 * now, as in DVC. So it is stored and recorded before anything restores outputs, which also means
 * that no edit is lost.
 */
#ifndef EXP_SOURCES_H
#define EXP_SOURCES_H

#include "exp/task.h"

struct sources_file {
	char *path, *text;
	size_t len;
};
/* .dvc files as they were; empty when nothing was edited. */
struct sources_undo {
	VEC(struct sources_file) files;
};
void sources_undo_release(struct sources_undo *undo);

/*
 * Store what was edited among the data that the task's targets need (no targets: all of it) and
 * record it in its .dvc files. `undo` (may be NULL) gets their former text. The caller holds the
 * repository lock.
 */
int sources_record(struct exp *x, const struct exp_task *t, const struct progress *progress,
	struct sources_undo *undo, struct err *err);
/* Put the files back; the data stays in the cache. Call it on failure, too. */
int sources_restore(const struct sources_undo *undo, struct err *err);

#endif
