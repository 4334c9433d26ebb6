/*
 * The index and the work tree, through the user's own git, so that their configuration, filters,
 * hooks and ignore files apply. Functions without a `struct scm` do not load libgit2. `root` is a
 * directory of the work tree; paths are relative to it.
 */
#ifndef SCM_WORKTREE_H
#define SCM_WORKTREE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strlist.h"
#include "base/vec.h"
#include "scm/scm.h"

/* Append those of `paths` that are in the index: tracked files, and directories with a tracked
 * file. */
int worktree_tracked(
	const char *root, const struct strlist *paths, struct strlist *out, struct err *err);
/* Append those of `paths` that Git ignores. A directory's path must end with '/'. Tracked files are
 * never ignored. */
int worktree_ignored(
	const char *root, const struct strlist *paths, struct strlist *out, struct err *err);

enum worktree_add_flags {
	WORKTREE_ADD_FORCE = 1 << 0,  /* also ignored files */
	WORKTREE_ADD_UPDATE = 1 << 1, /* only tracked files */
};
/* Run git add; an empty list does nothing. */
int worktree_add(const char *root, const struct strlist *paths, unsigned flags, struct err *err);

/* One line of git status. */
struct worktree_change {
	char index, tree; /* the letters of git status --porcelain: ' ', M, A, D, R, T, U, '?' */
	char *path;
};
VEC_TYPE(worktree_changes, struct worktree_change);
enum worktree_status_flags {
	WORKTREE_UNTRACKED = 1 << 0, /* also untracked files, each one by itself */
};
/* The differences from HEAD, sorted by path; paths are relative to the top of the work tree. A
 * rename is a removal and an addition. */
int worktree_status(
	const char *root, unsigned flags, struct worktree_changes *out, struct err *err);
void worktree_changes_release(struct worktree_changes *changes);
/*
 * Append the untracked files at or below `paths` (relative to the top of the work tree) that are
 * not yet in `changes`, including files that Git ignores. A nested repository ends with '/'. Call
 * worktree_changes_sort() afterwards.
 */
int worktree_add_untracked(const char *root, const struct strlist *paths,
	struct worktree_changes *changes, struct err *err);
void worktree_changes_sort(struct worktree_changes *changes); /* by path */

/*
 * Write the tree `base` (unset: the empty tree) with each of `files` (sorted, from
 * worktree_status()) as it is in the work tree now: with the bytes that git would store, or absent
 * when it was removed from the work tree or the index. Nested repositories are left out.
 */
int worktree_write_changes(struct scm *scm, const struct worktree_changes *files,
	const struct scm_id *base, struct scm_id *out, struct err *err);

/*
 * Write the tree that a commit of everything tracked would have: HEAD's, with all changes of the
 * index and the work tree, and the untracked files at or below a path in `add` (relative to the
 * top of the work tree). Files that Git ignores are included only if `force` (may be NULL) names
 * them. The index and refs are not changed. `*untracked` (may be NULL) gets the other untracked
 * files.
 */
int worktree_write_tree(struct scm *scm, const struct strlist *add, const struct strlist *force,
	struct strlist *untracked, struct scm_id *out, struct err *err);

#endif
