/* `fsck`: check that all tracked data is in the cache, and undamaged. */
#ifndef OPS_FSCK_H
#define OPS_FSCK_H

#include "data/used.h"
#include "text/value.h"

struct fsck_opts {
	/* check what the work tree uses; the default if neither a revision nor whole_cache is asked
	 * for */
	bool workspace;
	struct used_revs revs;
	bool whole_cache; /* check every object of the cache, even if no pointer names it */
	bool repair;      /* fetch good copies from the remote */
	bool restart;     /* do not continue an interrupted run */
	const char *remote;
	int jobs;
	const struct progress *progress;
};

enum fsck_kind {
	FSCK_MISSING,
	FSCK_CORRUPT,    /* the hash of the content differs from the object's name */
	FSCK_UNREADABLE, /* the system cannot read it */
	FSCK_MALFORMED,  /* a listing with the right hash, but malformed content */
	FSCK_POINTERS,   /* a .dvc file, dvc.yaml or dvc.lock that cannot be read */
};
const char *fsck_kind_name(enum fsck_kind kind); /* "missing", ... */

struct fsck_problem {
	enum fsck_kind kind;
	struct oid oid;  /* unset for FSCK_POINTERS */
	char *path;      /* the output, or the file in it; NULL: no pointer names the object */
	char *rev;       /* the first revision found that tracks it; NULL: the work tree */
	char *detail;    /* one line of explanation, or NULL */
	char *set_aside; /* path that the corrupt object was moved to, or NULL */
	bool repaired;
};

struct fsck_report {
	size_t pointers; /* distinct objects that pointers name: each version of each output */
	size_t objects;  /* objects checked: listings and files */
	size_t listings; /* of these, listings of directories */
	size_t resumed;  /* of these, verified by an interrupted run before */
	uint64_t bytes;  /* total size of the objects that exist */
	VEC(struct fsck_problem) problems;
};
void fsck_report_release(struct fsck_report *r);

/*
 * Check the cache. Damage is recorded in the report and is not a failure. Nothing is deleted:
 * `repair` moves a corrupt object to "corrupt" in the cache before it fetches a copy. Fails:
 * ERR_CONFIG, ERR_IO, ERR_NOT_FOUND (a revision). The caller releases `out`, also after a failure.
 */
int ops_fsck(
	struct repo *repo, const struct fsck_opts *opts, struct fsck_report *out, struct err *err);

/* The report as a document for --json; lives in `a`. */
struct value *fsck_report_value(struct arena *a, const struct fsck_report *r);

#endif
