/*
 * Keeping what `exp apply` is about to overwrite, as a stash of Git. Beside what `git status` shows
 * that is what Git was told not to look at: files with the flags skip-worktree or assume-unchanged,
 * ignored files in places that the experiment needs, and data that the cache does not have in the
 * places of its outputs (sources_keep() has stored what a pointer of the workspace names).
 */
#ifndef EXP_KEEP_H
#define EXP_KEEP_H

#include "exp/exp.h"

/* Could it be kept? Asked before anything changes. Fails: as keep_workspace(). */
int keep_check(struct exp *x, const struct scm_id *commit, struct err *err);

/*
 * Push the uncommitted state of the work tree onto refs/exps/apply/stash, before `commit` (of the
 * experiment `name`) is brought there. Earlier entries stay. Returns 1 when there was something to
 * keep, 0 when not. Fails: ERR_FAIL when a repository inside the work tree would be overwritten,
 * which no stash can hold; ERR_IO. Nothing is changed then.
 */
int keep_workspace(struct exp *x, const char *name, const struct scm_id *commit, struct err *err);

#endif
