/* `push`, `fetch` and `status --cloud`: transfer data between the cache and remotes, or compare
 * them. */
#ifndef OPS_SYNC_H
#define OPS_SYNC_H

#include "data/used.h"
#include "store/remote.h"

struct sync_opts {
	const struct strlist *targets; /* empty: everything */
	const char *remote;            /* NULL: the default remote, and those that outputs name */
	int jobs;
	bool with_deps, recursive, glob;
	bool run_cache;
	bool verify; /* ask a remote over the network for every object, whatever is remembered */
	int64_t max_bytes; /* for ops_fetch(), with `kinds`: see selection_narrow() */
	unsigned kinds;
	struct used_revs revs;
	bool no_workspace; /* only the revisions */
	const struct progress *progress;
};

/* Send the objects that the cache has and the remotes lack. *out_count is the number of objects
 * sent; as in DVC, it includes listings and run-cache entries. Fails: ERR_CONFIG (no such remote),
 * ERR_NOT_FOUND (a target), ERR_FAIL (some objects could not be sent; the others were). */
int ops_push(struct repo *repo, const struct sync_opts *opts, size_t *out_count, struct err *err);

/* The reverse. Without any remote nothing is fetched, and that is not a failure. */
int ops_fetch(struct repo *repo, const struct sync_opts *opts, size_t *out_count, struct err *err);

enum cloud_state {
	CLOUD_NEW,     /* in the cache, not in the remote */
	CLOUD_DELETED, /* in the remote, not in the cache */
	CLOUD_MISSING, /* in neither */
};
struct cloud_change {
	char *path; /* the output, or a file in it */
	enum cloud_state state;
};
struct cloud_status {
	/* grouped by remote, in the order of the outputs; a path that several revisions have occurs
	 * once for each content */
	VEC(struct cloud_change) changes;
};
void cloud_status_release(struct cloud_status *s);

/* List the data that the cache and the remotes do not both have. Transfers nothing except missing
 * directory listings. Fails: as ops_push(). The caller releases `out`, also after a failure. */
int ops_cloud_status(
	struct repo *repo, const struct sync_opts *opts, struct cloud_status *out, struct err *err);

#endif
