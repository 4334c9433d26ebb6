/* `checkout`: make the workspace match the pointers. */
#ifndef OPS_CHECKOUT_H
#define OPS_CHECKOUT_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/repo.h"

struct index;

struct checkout_request {
	/* empty: everything; outputs that no pointer names any more are removed then */
	const struct strlist *targets;
	bool with_deps, recursive;
	bool force;         /* overwrite and remove data even if the cache does not have it */
	bool relink;        /* create every file again, with the link type that cache.type names */
	bool allow_missing; /* an output that the cache lacks is not a failure */
	/* the stages run next: no warning that what they have not made yet is not created. DVC
	 * warns. */
	bool runs_next;
	const struct progress *progress;
};

struct checkout_report {
	/* outputs as shown to the user: directories first, with a slash at the end; sorted */
	struct strlist added, modified, deleted;
	size_t files_added, files_modified, files_deleted;
	struct strlist failed; /* outputs whose data the cache lacks */
};

#define CHECKOUT_REPORT_INIT ((struct checkout_report){0})
void checkout_report_release(struct checkout_report *r);

/*
 * Check out the targets. All outputs are compared before the first one is changed. Fails with DVC's
 * wording: ERR_NOT_FOUND (a target); ERR_EXISTS (unsaved data would be lost, and nothing was
 * changed); ERR_FAIL (the outputs in `out->failed` could not be checked out; the others were). The
 * caller holds the repository lock and releases `out`.
 */
int ops_checkout(struct repo *repo, const struct checkout_request *req, struct checkout_report *out,
	struct err *err);

/* Append the absolute paths that a checkout of the outputs of `ix` (of any revision) would
 * overwrite or remove although the cache does not have their content. Changes nothing. Fails: as
 * checkout_plan_make(). */
int ops_checkout_unsaved(struct repo *repo, struct index *ix, struct strlist *out, struct err *err);

/* A summary such as "1 file modified and 2 files added"; "" when nothing happened. A negative
 * `fetched` is left out. Heap string. */
char *checkout_summary(const struct checkout_report *r, int64_t fetched);

#endif
