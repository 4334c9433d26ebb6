/*
 * A temporary directory in which an experiment runs apart from the workspace: a Git work tree of
 * its own with the files of the experiment's commit, which uses the cache of the repository.
 *
 * After a crash the directory remains. As nobody holds its mark any more, `exp clean` removes it.
 */
#ifndef EXEC_TEMPDIR_H
#define EXEC_TEMPDIR_H

#include "base/holdfile.h"
#include "project/repo.h"
#include "scm/scm.h"

/* Where the files come from, when it is not the user's own repository: on another host. */
struct tempdir_source {
	const char *git_dir;          /* of the Git repository, absolute */
	const char *dvc_dir;          /* ".dvc", relative to the root of the work tree */
	const struct value *settings; /* as a level of struct config; for .dvc/config.local */
	const char *cache_dir;        /* absolute */
};

struct tempdir_spec {
	struct repo *repo; /* the tempdir gets its local settings and its cache */
	struct scm *scm;   /* its Git repository */
	const struct tempdir_source
		*source;                /* NULL: as `repo` and `scm` say, else these are NULL */
	const char *parent;             /* the tempdir is made in this directory; absolute */
	struct scm_id commit, baseline; /* the files are those of `commit`, HEAD is `baseline` */
	const char *dir; /* base of `copy_paths`, relative to the root of the work tree */
	/* files that are not in the commit and are copied; not with `source` */
	const struct strlist *copy_paths;
	/*
	 * A lock that keeps `exp clean` from removing a tempdir which is not marked as in use yet.
	 * The caller holds it; it is released once the mark is set. May be NULL.
	 */
	struct lockfile *guard;
	/* Release the repository lock of the caller once the files are there, on failure too. Until
	 * then `gc` must not run, as it reads those files to find the objects in use. */
	bool unlock;
};

struct tempdir {
	char *root;             /* of the work tree, absolute; NULL: not made */
	char *admin;            /* .git/worktrees/<name>, absolute */
	struct holdfile in_use; /* the mark; held until the release */
};

#define TEMPDIR_INIT ((struct tempdir){.in_use = HOLDFILE_INIT})

/* Fill the empty `*out`. After a failure the caller must release it as well, to remove what was
 * made. Fails: ERR_IO, ERR_FAIL with git's message. */
int tempdir_make(struct tempdir *out, const struct tempdir_spec *spec, struct err *err);
/*
 * For the process that runs in a tempdir, of which `admin` is .git/worktrees/<name>: the tempdir is
 * in use until `*out` is released, even when the process that has made it is killed. Fails:
 * ERR_LOCKED, ERR_IO.
 */
int tempdir_hold(const char *admin, struct holdfile *out, struct err *err);
/* Does the process that has made it, or the one that runs in it, still run? */
bool tempdir_is_in_use(const char *admin);
/* Remove the directory. Best effort: `exp clean` removes what is left. */
void tempdir_release(struct tempdir *s);

#endif
