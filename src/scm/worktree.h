/*
 * The index and the work tree, through the user's own git: their configuration, filters, hooks and
 * ignore files count. Nothing here opens libgit2 by itself. `root` is a directory of the work tree;
 * paths are relative to it.
 */
#ifndef SCM_WORKTREE_H
#define SCM_WORKTREE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strlist.h"
#include "base/vec.h"
#include "scm/scm.h"

/* Those of `paths` (files, or directories with something tracked in them) that the index has. */
int worktree_tracked(
	const char *root, const struct strlist *paths, struct strlist *out, struct err *err);
/* Those of `paths` that Git ignores; end a directory's path with '/'. Tracked ones never are. */
int worktree_ignored(
	const char *root, const struct strlist *paths, struct strlist *out, struct err *err);

enum worktree_add_flags {
	WORKTREE_ADD_FORCE = 1 << 0,  /* ignored ones too */
	WORKTREE_ADD_UPDATE = 1 << 1, /* tracked ones only */
};
/* git add; an empty list does nothing. */
int worktree_add(const char *root, const struct strlist *paths, unsigned flags, struct err *err);

/* One line of git status. */
struct worktree_change {
	char index,
		tree; /* the two letters of git status --porcelain: ' ', M, A, D, R, T, U, '?' */
	char *path;
};
VEC_TYPE(worktree_changes, struct worktree_change);
enum worktree_status_flags {
	WORKTREE_UNTRACKED = 1 << 0, /* untracked files too, each file by itself */
};
/* What differs from HEAD, relative to the top of the work tree, sorted by path. Renames are a
 * removal and an addition. */
int worktree_status(
	const char *root, unsigned flags, struct worktree_changes *out, struct err *err);
void worktree_changes_release(struct worktree_changes *changes);
/*
 * Append the untracked files at or below `paths` (relative to the top of the work tree) that
 * `changes` does not have, those that Git ignores too; a repository inside ends with '/'. Sort it
 * again.
 */
int worktree_add_untracked(const char *root, const struct strlist *paths,
	struct worktree_changes *changes, struct err *err);
void worktree_changes_sort(struct worktree_changes *changes); /* by path */

/*
 * The tree `base` (unset: the empty one) with each of `files` (sorted, as worktree_status() gives
 * them) as it is in the work tree now: as git would store it, absent when it is gone or out of the
 * index. Repositories inside are left out.
 */
int worktree_write_changes(struct scm *scm, const struct worktree_changes *files,
	const struct scm_id *base, struct scm_id *out, struct err *err);

/*
 * The tree that a commit of everything tracked would have: HEAD's with all that the index and the
 * work tree changed, and those untracked files that `add` names or that lie below a directory in it
 * (paths relative to the top of the work tree). Of those that Git ignores, only what `force` (may
 * be NULL) names is taken along. Neither the index nor a ref is touched. `*untracked` (may be NULL)
 * gets the other untracked files.
 */
int worktree_write_tree(struct scm *scm, const struct strlist *add, const struct strlist *force,
	struct strlist *untracked, struct scm_id *out, struct err *err);

#endif
