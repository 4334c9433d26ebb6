/* `move`: rename tracked data. */
#ifndef OPS_MOVE_H
#define OPS_MOVE_H

#include "base/progress.h"
#include "project/repo.h"

/*
 * Rename the output `from` to `to` (into it, when it is a directory), with its entry in .gitignore
 * and, when its .dvc file has its name, that file. Fails with DVC's wording: ERR_NOT_FOUND (no such
 * output), ERR_FAIL (it belongs to a pipeline), ERR_EXISTS (something is at the new path),
 * ERR_NO_PATH (the directory of the new path does not exist). The caller holds the repository lock.
 */
int ops_move(struct repo *repo, const char *from, const char *to, const struct progress *progress,
	struct err *err);

#endif
