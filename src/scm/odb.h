/*
 * Objects that a tree or a commit names, and that may still be at the remote: a partial clone
 * (`git clone --filter=blob:none`) has only some. Git fetches the others when it reads them;
 * libgit2 does not, and says of them only that they are not found. An object that something names
 * and that cannot be had is therefore never ERR_NOT_FOUND here, which would read as "there is no
 * such file".
 */
#ifndef SCM_ODB_H
#define SCM_ODB_H

#include "scm/scm_int.h"

/* The caller frees `*out`. Fails: ERR_IO when it is missing and cannot be fetched, or is corrupt.
 */
int odb_tree(struct scm *scm, const git_oid *oid, git_tree **out, struct err *err);
int odb_blob(struct scm *scm, const git_oid *oid, git_blob **out, struct err *err);

/*
 * The entry at a path of a tree; the caller frees it. Fails: ERR_NOT_FOUND (no message) when the
 * tree has none; as odb_tree().
 */
int odb_entry(struct scm *scm, const git_tree *root, const char *path, git_tree_entry **out,
	struct err *err);

#endif
