/* `add`: track files and directories. */
#ifndef OPS_ADD_H
#define OPS_ADD_H

#include "base/strlist.h"
#include "project/repo.h"

struct add_opts {
	const struct strlist *targets; /* as the user wrote them */
	bool no_commit;                /* record the hashes, but store nothing in the cache */
	bool glob;                     /* targets are glob patterns */
	bool no_relink; /* leave workspace files as they are, whatever cache.type says */
	const struct progress *progress;
	/* receives the .dvc files (as shown) of targets that are tracked but could not be made
	 * links, because no type in cache.type works here */
	struct strlist *link_failures;
};

/*
 * Track each target with a .dvc file: a new one beside the target, or the .dvc file of the output
 * that the target is or lies in. All targets are checked before the first one is stored; then they
 * are stored one by one, and a failure keeps those before it. Fails: ERR_NOT_FOUND, ERR_FAIL with
 * DVC's wording; ERR_IO. The caller holds the repository lock.
 */
int ops_add(struct repo *repo, const struct add_opts *opts, struct err *err);

struct add_to_opts {
	const char *out; /* path of the copy to make and track; NULL: the name of the source */
	bool force;      /* replace what is at the path of the copy */
	/* copy the data to a remote only, neither into the workspace nor into the cache */
	bool to_remote;
	const char *remote;
	int jobs;
};
/* Copy one file or directory from outside the project and track the copy. Fails: ERR_EXISTS,
 * ERR_FAIL with DVC's wording. The caller holds the repository lock. */
int ops_add_to(
	struct repo *repo, const char *target, const struct add_to_opts *opts, struct err *err);

/* Refuse the output `o`, which is or contains `abs_path`, if a stage of a dvc.yaml produces it.
 * Returns ERR_FAIL with DVC's wording then, else 0. */
struct out;
int add_check_owner(
	const struct repo *repo, const struct out *o, const char *abs_path, struct err *err);

/*
 * Append the targets to `out`; with `glob` append the paths that they match. Patterns work as in
 * Python's glob with "**" (relative to the working directory, names sorted; a hidden name is
 * matched only by a pattern that begins with a dot). Fails: ERR_FAIL when there are targets and
 * none matches.
 */
int ops_expand(const struct strlist *targets, bool glob, struct strlist *out, struct err *err);

#endif
