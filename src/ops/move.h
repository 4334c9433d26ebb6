/* `move`: rename tracked data. */
#ifndef OPS_MOVE_H
#define OPS_MOVE_H

#include "base/progress.h"
#include "project/repo.h"

/*
 * Rename the output `from` to `to` (or into `to`, if that is a directory), together with its
 * .gitignore entry. A .dvc file with the name of the data is renamed, too. A move that was
 * interrupted is completed by the same command. Fails with DVC's wording: ERR_NOT_FOUND (no such
 * output), ERR_FAIL (it belongs to a pipeline), ERR_NO_PATH (the new directory does not exist),
 * ERR_EXISTS (something is at the new place). The caller holds the repository lock.
 */
int ops_move(struct repo *repo, const char *from, const char *to, const struct progress *progress,
	struct err *err);

#endif
