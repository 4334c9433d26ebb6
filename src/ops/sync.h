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

enum cloud_state {
	CLOUD_NEW,     /* in the cache, not in the remote */
	CLOUD_DELETED, /* in the remote, not in the cache */
	CLOUD_MISSING, /* in neither */
};
struct cloud_change {
	char *path; /* of the output or the file in it */
	enum cloud_state state;
};
struct cloud_status {
	VEC(struct cloud_change) changes; /* remote by remote, as the outputs are found; a path that
					     several revisions have comes once for each of its
					     contents */
};
void cloud_status_release(struct cloud_status *s);

/*
 * Which data the cache and its remotes do not both have. Moves nothing but the listings of
 * directories. Fails: as ops_push(). The caller releases `out`, also after a failure.
 */
int ops_cloud_status(
	struct repo *repo, const struct sync_opts *opts, struct cloud_status *out, struct err *err);

#endif
