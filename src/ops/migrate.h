/* From DVC 2.x (MD5 after CRLF became LF, objects right below the cache's root) to 3.x. */
#ifndef OPS_MIGRATE_H
#define OPS_MIGRATE_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/repo.h"

/*
 * Give every 2.x object of the cache its 3.x name, too, as a hard link where possible. *out_count:
 * how many 2.x objects there are (`dry`), or how many got a new name. Fails: ERR_IO.
 */
int ops_migrate_cache(struct repo *repo, bool dry, size_t *out_count, struct err *err);

/*
 * Record all outputs (and dependencies of the same stages) that are recorded as of 2.x anew, from
 * the workspace, as `commit -f` would; what is not in the workspace is taken from the cache, and
 * stays as it is (with a warning) when it is not there either. `out_files` gets their files as
 * shown
 * ("dvc.yaml (dvc.lock)"), sorted; with `dry` nothing is changed. Fails: as ops_commit().
 */
int ops_migrate_files(struct repo *repo, bool dry, struct strlist *out_files,
	const struct progress *progress, struct err *err);

#endif
