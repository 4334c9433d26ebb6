/* Removing what nothing uses. */
#ifndef OPS_GC_H
#define OPS_GC_H

#include "base/vec.h"
#include "data/used.h"

struct gc_opts {
	bool workspace, cloud, not_in_remote, force, dry, skip_failed;
	struct used_revs revs;
	const char *remote;
	int jobs;
	struct strlist repos; /* other projects that share the cache */
	const struct progress *progress;
};

/* One place that was swept. */
struct gc_swept {
	const char *cache;       /* "repo" (3.x) or "legacy" (2.x); NULL for a remote */
	size_t removed;          /* objects */
	struct strlist would_go; /* with `dry`: their paths, listings first */
};
VEC_TYPE(gc_report, struct gc_swept);
void gc_report_release(struct gc_report *r);

/* Are the options sensible together? Fails: ERR_FAIL with DVC's wording. */
int ops_gc_check(const struct gc_opts *opts, struct err *err);
/* What would be kept, as DVC's warning says. Heap string. */
char *ops_gc_warning(const struct gc_opts *opts);
/*
 * Keep what the workspace uses and the revisions asked for (of the other projects, too); remove the
 * rest. What one remote keeps is kept in all of them: an object may have been pushed to any. Fails:
 * ERR_FAIL when it cannot be told what is used (nothing is removed then), ERR_CONFIG, ERR_IO. The
 * caller holds the repository lock and releases `out`, also after a failure.
 */
int ops_gc(struct repo *repo, const struct gc_opts *opts, struct gc_report *out, struct err *err);

#endif
