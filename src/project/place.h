/*
 * The places in the workspace where an output may be. Paths of outputs come from files in Git and
 * are not trusted. No output may be, contain or lie inside anything that belongs to the repository
 * itself. All code that replaces or removes data in the workspace uses this module.
 *
 * Refused are: the repository's root and every directory above it; a path with a component `.git`
 * or `.dvc`, in any spelling that some file system treats as equal (base/path.h); a directory that
 * contains the Git directory, wherever that is.
 */
#ifndef PROJECT_PLACE_H
#define PROJECT_PLACE_H

#include "project/repo.h"
#include "store/checkout.h"

/* Check only the text of the absolute, normalized path; for files that are being loaded. Fails:
 * ERR_FAIL. */
int place_check(const struct repo *repo, const char *abs_path, struct err *err);

/*
 * The same immediately before something is written or removed, with symbolic links in the
 * directories above resolved. A path below the root that leads out of the repository through a
 * link is refused as well. Fails: ERR_FAIL.
 */
int place_check_links(const struct repo *repo, const char *abs_path, struct err *err);

/* Remove a file, link or whole tree after place_check_links(). No error when it does not exist.
 * Fails: ERR_FAIL, ERR_IO. */
int place_remove(const struct repo *repo, const char *abs_path, struct err *err);

/* checkout_apply() after place_check_links(). Fails: as both. */
int place_apply(const struct repo *repo, struct checkout_plan *plan,
	const struct checkout_opts *opts, struct strlist *out_failed, struct err *err);

#endif
