/*
 * Files of Git LFS at a revision. Git has a pointer of three lines in their place; the content is
 * in a store beside the repository, or has to be asked for, which the user's own git-lfs does.
 */
#ifndef SCM_LFS_H
#define SCM_LFS_H

#include "base/buf.h"
#include "scm/scm.h"

/*
 * `bytes` are those of the file at `path` (from the top) in a commit. When they are a pointer, and
 * .gitattributes of that commit give the path to LFS, what they stand for takes their place; else
 * they stay. Size and SHA-256 are checked. Fails: ERR_UNEXPECTED when it cannot be had, or is not
 * what the pointer names.
 */
int lfs_smudge(struct scm *scm, const struct scm_id *commit, const char *path, struct buf *bytes,
	struct err *err);

#endif
