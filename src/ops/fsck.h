/* Checking that everything that is tracked is in the cache, and sound. */
#ifndef OPS_FSCK_H
#define OPS_FSCK_H

#include "data/used.h"
#include "text/value.h"

struct fsck_opts {
	bool workspace; /* what the work tree points at; also when no revision is asked for */
	struct used_revs revs;
	bool whole_cache; /* every object, whether or not something points at it */
	bool repair;      /* bring good copies from the remote */
	bool restart;     /* do not go on from an interrupted run */
	const char *remote;
	int jobs;
	const struct progress *progress;
};

enum fsck_kind {
	FSCK_MISSING,
	FSCK_CORRUPT,    /* the object's bytes have another name */
	FSCK_UNREADABLE, /* the system refused to read it */
	FSCK_MALFORMED,  /* a listing that is sound, but makes no sense */
	FSCK_POINTERS, /* the files of the work tree or a revision that point at data are broken */
};
const char *fsck_kind_name(enum fsck_kind kind); /* "missing", ... */

struct fsck_problem {
	enum fsck_kind kind;
	struct oid oid;  /* unset for FSCK_POINTERS */
	char *path;      /* the output, or the file in it; NULL when nothing points at the object */
	char *rev;       /* where it is tracked (the first that was found); NULL: the work tree */
	char *detail;    /* one line more, or NULL */
	char *set_aside; /* where the corrupt object was moved to, or NULL */
	bool repaired;
};

struct fsck_report {
	size_t pointers; /* outputs with data, each with each of its versions once */
	size_t objects;  /* listings and files that were looked for */
	size_t listings; /* of them */
	size_t resumed;  /* of them, verified by the run that was interrupted */
	uint64_t bytes;  /* of all objects that are there */
	VEC(struct fsck_problem) problems;
};
void fsck_report_release(struct fsck_report *r);

/*
 * Check. What is wrong is a problem in the report, no failure; nothing is ever deleted: what
 * `repair` replaces is moved to "corrupt" in the cache. Fails: ERR_CONFIG, ERR_IO, ERR_NOT_FOUND (a
 * revision). The caller releases `out`, also after a failure.
 */
int ops_fsck(
	struct repo *repo, const struct fsck_opts *opts, struct fsck_report *out, struct err *err);

/* The report as a document, for --json. */
struct value *fsck_report_value(struct arena *a, const struct fsck_report *r);

#endif
