/*
 * A place where an experiment runs apart from the workspace: a Git work tree of its own, at the
 * experiment's commit, with the repository's cache.
 */
#ifndef RUN_TEMPDIR_H
#define RUN_TEMPDIR_H

#include "base/holdfile.h"
#include "project/repo.h"
#include "scm/scm.h"

/* In .git/worktrees/<name>/ of a tempdir: held by the process that runs an experiment in it. */
#define TEMPDIR_IN_USE "cairn.lock"

struct tempdir_spec {
	struct repo *repo;              /* its settings and its cache are taken over */
	struct scm *scm;                /* its Git side */
	const char *parent;             /* the tempdir is made in this directory; absolute */
	struct scm_id commit, baseline; /* its files are of `commit`, its HEAD is `baseline` */
	const char *dir;                /* of `copy_paths`, relative to the top of the work tree */
	const struct strlist
		*copy_paths; /* relative to `dir`; not in the commit, copied as they are */
	/*
	 * What keeps others from removing a tempdir before it is marked as in use; held by the
	 * caller, released as soon as it is marked. Or NULL.
	 */
	struct lockfile *guard;
	/* Release the repository lock that the caller holds, as soon as the files are there: `gc`
	 * learns from them what the experiment needs. On failure, too. */
	bool unlock;
};

struct tempdir {
	char *root;             /* its top, absolute; NULL: there is none */
	char *admin;            /* .git/worktrees/<name> */
	struct holdfile in_use; /* held until the release: `exp clean` leaves the tempdir alone */
};

#define TEMPDIR_INIT ((struct tempdir){.in_use = HOLDFILE_INIT})

/* Fills the empty `*out`. Fails: ERR_IO, ERR_FAIL (what git said); the rest is the release's. */
int tempdir_make(struct tempdir *out, const struct tempdir_spec *spec, struct err *err);
/* Remove it. Best effort: `exp clean` sweeps what is left. */
void tempdir_release(struct tempdir *s);

#endif
