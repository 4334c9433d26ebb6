/* `cache migrate`: convert a cache of DVC 2.x (MD5 of text with LF line ends, objects directly in
 * the cache's root) to 3.x. */
#ifndef OPS_MIGRATE_H
#define OPS_MIGRATE_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/repo.h"

/* Add the 3.x name of every 2.x object in the cache, as a hard link where possible. The 2.x objects
 * stay. *out_count is the number of objects that got a new name; with `dry`, that of all 2.x
 * objects. Fails: ERR_IO. */
int ops_migrate_cache(struct repo *repo, bool dry, size_t *out_count, struct err *err);

/*
 * Record again, with 3.x hashes, every output that is recorded with a 2.x hash, and the
 * dependencies of its stage. As with `commit -f`, the workspace is recorded; an output that is not
 * in the workspace is converted from the cache; one that is in neither keeps its record, with a
 * warning. `out_files` receives the changed files as shown ("dvc.yaml (dvc.lock)"), sorted. With
 * `dry` nothing is changed. Fails: as ops_commit(). The caller holds the repository lock.
 */
int ops_migrate_files(struct repo *repo, bool dry, struct strlist *out_files,
	const struct progress *progress, struct err *err);

#endif
