/* `gc`: remove objects that nothing uses. */
#ifndef OPS_GC_H
#define OPS_GC_H

#include "base/vec.h"
#include "data/used.h"

struct gc_opts {
	bool workspace, cloud, not_in_remote, force, dry, skip_failed;
	struct used_revs revs;
	const char *remote;
	int jobs;
	/* roots of other projects that share the cache; what they use is kept */
	struct strlist repos;
	const struct progress *progress;
};

/* The result for one place: the cache, or a remote. */
struct gc_swept {
	const char *cache;       /* "repo" (3.x) or "legacy" (2.x); NULL for a remote */
	size_t removed;          /* number of objects */
	size_t aborted;          /* uploads in parts, broken off more than a week ago */
	struct strlist would_go; /* with `dry`: paths of the objects, listings first */
};
VEC_TYPE(gc_report, struct gc_swept);
void gc_report_release(struct gc_report *r);

/* Check the combination of options. Fails: ERR_FAIL with DVC's wording. */
int ops_gc_check(const struct gc_opts *opts, struct err *err);
/* DVC's warning, which says what will be kept. Heap string. */
char *ops_gc_warning(const struct gc_opts *opts);
/*
 * Remove every object that neither the workspace nor one of the revisions asked for uses, here and
 * in the other projects (opts->repos). With `cloud`, do the same in all remotes that are in use: an
 * object may have been pushed to any of them. Fails: ERR_FAIL (it cannot be determined what is
 * used; then nothing is removed), ERR_CONFIG, ERR_IO. The caller holds the repository lock and
 * releases `out`, also after a failure.
 */
int ops_gc(struct repo *repo, const struct gc_opts *opts, struct gc_report *out, struct err *err);

#endif
