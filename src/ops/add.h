/* Tracking files and directories. */
#ifndef OPS_ADD_H
#define OPS_ADD_H

#include "base/strlist.h"
#include "project/repo.h"

struct add_opts {
	const struct strlist *targets; /* as the user wrote them */
	bool no_commit;                /* record, but store nothing in the cache */
	bool glob;                     /* targets are patterns */
	bool no_relink; /* leave workspace files as they are, whatever cache.type says */
	const struct progress *progress;
	/* gets the .dvc files (as shown) of what is tracked but could not be made a link, since no
	 * type of cache.type works here */
	struct strlist *link_failures;
};

/*
 * Track each target with a .dvc file: a new one beside it, or that of the output that it is (or
 * lies in). Either all targets can be tracked or nothing is done; then they are stored one by one.
 * Fails: ERR_NOT_FOUND, ERR_FAIL with DVC's wording; ERR_IO. The caller holds the repository lock.
 */
int ops_add(struct repo *repo, const struct add_opts *opts, struct err *err);

struct add_to_opts {
	const char *out; /* track the data at this path, which becomes a copy; NULL: its own name */
	bool force;      /* replace what is there */
	bool to_remote;  /* send the data to a remote, and put it neither here nor into the cache */
	const char *remote;
	int jobs;
};
/* Track one file or directory of any place by a copy of it. Fails: ERR_EXISTS, ERR_FAIL with DVC's
 * wording. The caller holds the repository lock. */
int ops_add_to(
	struct repo *repo, const char *target, const struct add_to_opts *opts, struct err *err);

/* Refuse (ERR_FAIL, DVC's wording) the output `o` at or around `abs_path` when a stage of a
 * dvc.yaml makes it. */
struct out;
int add_check_owner(
	const struct repo *repo, const struct out *o, const char *abs_path, struct err *err);

/*
 * Append the targets; with `glob` what they match as Python's glob with "**" does (relative to the
 * working directory, sorted by name; hidden names only by patterns that begin with a dot). Fails:
 * ERR_FAIL when there were targets and nothing is left of them.
 */
int ops_expand(const struct strlist *targets, bool glob, struct strlist *out, struct err *err);

#endif
