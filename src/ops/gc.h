/* Removing what nothing uses. */
#ifndef OPS_GC_H
#define OPS_GC_H

#include "ops/used.h"

struct gc_opts {
	bool workspace, cloud, not_in_remote, force, dry, skip_failed;
	struct used_revs revs;
	const char *date, *remote;
	int jobs;
	struct strlist repos; /* other projects that share the cache */
	const struct progress *progress;
};

struct gc_report {
	size_t cache, legacy;         /* objects removed */
	size_t remote, remote_legacy; /* with `cloud` */
	struct strlist would_go;      /* with `dry`: paths in the cache; the caller releases it */
};

/* Are the options sensible together? Fails: ERR_UNCAUGHT with DVC's wording. */
int ops_gc_check(const struct gc_opts *opts, struct err *err);
/* What would be kept, as DVC's warning says. Heap string. */
char *ops_gc_warning(const struct gc_opts *opts);
/*
 * Keep what the workspace uses and the revisions asked for; remove the rest. Fails: ERR_FAIL when
 * it cannot be told what is used (nothing is removed then), ERR_CONFIG, ERR_IO. The caller holds
 * the repository lock.
 */
int ops_gc(struct repo *repo, const struct gc_opts *opts, struct gc_report *out, struct err *err);

#endif
