/* Three-way merges for Git's merge drivers: of .dvc files (two branches that each changed files of
 * one tracked directory), and of dvc.lock, stage by stage. */
#ifndef OPS_MERGE_H
#define OPS_MERGE_H

#include "base/strlist.h"
#include "project/repo.h"

/* Paths of the three versions. The result is written to `our`. */
struct merge_files {
	const char *ancestor, *our, *their;
};

/*
 * Merge two .dvc files that track one directory each, file by file. Listings that the cache lacks
 * are fetched. Fails: ERR_FAIL with DVC's wording (both sides changed a file; not a directory;
 * different options), ERR_NOT_FOUND (a listing cannot be found), ERR_PARSE. After a failure `our`
 * is unchanged.
 */
int ops_merge_dvc(struct repo *repo, const struct merge_files *files, struct err *err);

/*
 * Merge two dvc.lock files. An entry holds what one run of its stage (or one update of its dataset)
 * recorded, so it is taken whole from the side that changed it. If both sides changed it, both
 * versions are written between conflict markers, and its name is added to `out_conflicts`. Fails:
 * ERR_PARSE (a side is no lock file), ERR_IO. After a failure `our` is unchanged.
 */
int ops_merge_lock(const struct merge_files *files, struct strlist *out_conflicts, struct err *err);

#endif
