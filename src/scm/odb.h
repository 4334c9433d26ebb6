/*
 * Reads objects that a tree or commit names. In a partial clone (`git clone --filter=blob:none`)
 * some of them are still at the remote. git fetches such objects when it reads them; libgit2 only
 * reports that they are not found. Here they are fetched by git. An object that is named but
 * cannot be read is never ERR_NOT_FOUND, which callers would take for "there is no such file".
 */
#ifndef SCM_ODB_H
#define SCM_ODB_H

#include "scm/scm_int.h"

/* The caller frees `*out`. Fails: ERR_IO when the object is missing and cannot be fetched, ERR_FAIL
 * when it cannot be read. */
int odb_tree(struct scm *scm, const git_oid *oid, git_tree **out, struct err *err);
int odb_blob(struct scm *scm, const git_oid *oid, git_blob **out, struct err *err);

/* As odb_tree(), but borrowed: until the scm is freed, or that many other trees were read. libgit2
 * keeps objects too, but no tree of more than 4 KiB, which it would unpack and sort again for each
 * path that is looked up. */
#define ODB_KEPT 16
int odb_tree_kept(struct scm *scm, const git_oid *oid, const git_tree **out, struct err *err);
/* Free the trees that are kept. */
void odb_forget(struct scm *scm);

/* The entry at a path of a tree; the caller frees it. Fails: ERR_NOT_FOUND (no message is set) when
 * there is no such path; as odb_tree(). */
int odb_entry(struct scm *scm, const git_tree *root, const char *path, git_tree_entry **out,
	struct err *err);

#endif
