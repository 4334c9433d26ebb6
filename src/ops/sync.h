/* Data between the cache and remotes. */
#ifndef OPS_SYNC_H
#define OPS_SYNC_H

#include "data/used.h"
#include "store/transfer.h"

struct sync_opts {
	const struct strlist *targets; /* empty: everything */
	const char *remote;            /* NULL: the default one, and those that outputs name */
	int jobs;
	bool with_deps, recursive, glob;
	bool run_cache;
	int64_t max_bytes; /* of ops_fetch(), with `kinds`: see selection_narrow() */
	unsigned kinds;
	struct used_revs revs;
	const struct progress *progress;
};

/*
 * Send what the cache has and the remotes lack. *out_count is the number of objects that went
 * (listings and run-cache entries counted, as in DVC). Fails: ERR_CONFIG (no such remote),
 * ERR_NOT_FOUND (a target), ERR_FAIL (some objects did not go; the others did).
 */
int ops_push(struct repo *repo, const struct sync_opts *opts, size_t *out_count, struct err *err);

/* The reverse. Without any remote nothing is fetched, and that is no failure. */
int ops_fetch(struct repo *repo, const struct sync_opts *opts, size_t *out_count, struct err *err);

/* `status -c`: "new" (not in the remote), "deleted" (not in the cache), "missing" (in neither) by
 * path. */
int ops_cloud_status(struct repo *repo, const struct sync_opts *opts, struct arena *a,
	struct value **out, struct err *err);

#endif
