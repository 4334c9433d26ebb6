/* Files of Git LFS at a revision. Git stores a pointer of a few lines in their place. The content
 * is in a store beside the repository; otherwise the user's own git-lfs fetches it. */
#ifndef SCM_LFS_H
#define SCM_LFS_H

#include "base/buf.h"
#include "scm/scm.h"

/*
 * `bytes` is the content, as Git has it, of the file at `path` (relative to the top) in a commit.
 * If it is a pointer and the commit's .gitattributes assign the path to LFS, it is replaced by the
 * content, otherwise left alone. Size and SHA-256 are checked. Fails: ERR_NO_DATA when the
 * content cannot be obtained or does not match the pointer.
 */
int lfs_smudge(struct scm *scm, const struct scm_id *commit, const char *path, struct buf *bytes,
	struct err *err);

#endif
