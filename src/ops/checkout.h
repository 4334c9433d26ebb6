/* Bringing the workspace to what the pointers say. */
#ifndef OPS_CHECKOUT_H
#define OPS_CHECKOUT_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/repo.h"

struct index;

struct checkout_request {
	const struct strlist *targets; /* empty: everything, and outputs that no pointer names any
					  more are removed */
	bool with_deps, recursive;
	bool force;         /* overwrite and remove data that the cache does not have */
	bool relink;        /* make every file anew in the form that cache.type says */
	bool allow_missing; /* outputs that the cache does not have are no failure */
	const struct progress *progress;
};

struct checkout_report {
	/* outputs as shown, directories with a slash at the end and first, else sorted */
	struct strlist added, modified, deleted;
	size_t files_added, files_modified, files_deleted;
	struct strlist failed; /* outputs whose data the cache lacks */
};

#define CHECKOUT_REPORT_INIT ((struct checkout_report){0})
void checkout_report_release(struct checkout_report *r);

/*
 * Fails with DVC's wording: ERR_NOT_FOUND (a target); ERR_EXISTS: unsaved data is in the way
 * (nothing was changed then); ERR_FAIL: some outputs failed (`out->failed`; the others are there).
 * The caller holds the repository lock.
 */
int ops_checkout(struct repo *repo, const struct checkout_request *req, struct checkout_report *out,
	struct err *err);

/*
 * Append the absolute paths that a checkout of the outputs of `ix` (of any revision) would
 * overwrite or remove although the cache does not have them. Changes nothing. Fails: as
 * checkout_plan_make().
 */
int ops_checkout_unsaved(struct repo *repo, struct index *ix, struct strlist *out, struct err *err);

/* "1 file modified and 2 files added"; "" when nothing happened. `fetched` negative: not said. Heap
 * string. */
char *checkout_summary(const struct checkout_report *r, int64_t fetched);

#endif
