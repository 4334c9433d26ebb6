/*
 * Where an output may stand in the workspace. Paths of outputs come from files that Git brings, so
 * they are not trusted: no output may be, contain or lie inside what makes the repository a
 * repository. Everything that replaces or removes data in the workspace goes through this module.
 *
 * Refused are the repository's root and every directory above it, a path with a `.git` or `.dvc`
 * component in any spelling that a file system takes for it (base/path.h), and a directory that
 * contains the Git directory of the repository, wherever that is.
 */
#ifndef PROJECT_PLACE_H
#define PROJECT_PLACE_H

#include "project/repo.h"
#include "store/checkout.h"

/* By the text of the absolute, normalized path alone; for files that are loaded. Fails: ERR_FAIL.
 */
int place_check(const struct repo *repo, const char *abs_path, struct err *err);

/*
 * The same just before something is written or removed, with symbolic links of the directories
 * above followed. A path below the root that a link leads out of the repository is refused, too.
 * Fails: ERR_FAIL.
 */
int place_check_links(const struct repo *repo, const char *abs_path, struct err *err);

/* Remove a file, link or whole tree after place_check_links(); fine when absent. Fails: ERR_FAIL,
 * ERR_IO. */
int place_remove(const struct repo *repo, const char *abs_path, struct err *err);

/* checkout_apply() after place_check_links(); fails as both. */
int place_apply(const struct repo *repo, struct checkout_plan *plan,
	const struct checkout_opts *opts, struct strlist *out_failed, struct err *err);

#endif
