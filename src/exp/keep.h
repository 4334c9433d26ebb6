/*
 * Keeps, as a Git stash, everything that `exp apply` is about to overwrite: the changes that `git
 * status` shows, and what it does not show: edited files with the flags skip-worktree or
 * assume-unchanged, ignored files at paths that the experiment needs, and data at the paths of its
 * outputs that is not in the cache. (Data that a pointer of the workspace names is stored by
 * sources_keep() before.)
 */
#ifndef EXP_KEEP_H
#define EXP_KEEP_H

#include "exp/exp.h"
#include "project/index.h"
#include "scm/worktree.h"

/* Append what `git status` shows and what lies in the way of `commit`, and check whether
 * keep_workspace() could keep everything, before anything is changed. Fails: as keep_workspace().
 */
int keep_check(
	struct exp *x, const struct scm_id *commit, struct worktree_changes *out, struct err *err);

/*
 * Push the uncommitted state of the work tree onto refs/exps/apply/stash, before `commit` of the
 * experiment `name` is checked out. `next` is its index. `changes` are those of keep_check(), to
 * which others are added. Earlier entries stay. Returns 1 if something was kept, else 0. Fails:
 * ERR_FAIL when a nested repository would be overwritten, which a stash cannot hold; ERR_IO. A
 * failure changes nothing.
 */
int keep_workspace(struct exp *x, const char *name, const struct scm_id *commit, struct index *next,
	struct worktree_changes *changes, struct err *err);

#endif
