/*
 * What happens to finished experiments: listing, renaming, removing, making a branch of one,
 * bringing one back into the workspace, saving the workspace as one.
 *
 * The caller of whatever writes holds the repository lock, and takes it before exp_open(), so that
 * HEAD and the names that are looked up stay what they are. exp_clean() takes the queue's instead.
 */
#ifndef EXP_MANAGE_H
#define EXP_MANAGE_H

#include "base/progress.h"
#include "exp/queue.h"

/* Experiments whose baseline is one of those revisions (see struct scm_revs_opts), or of all with
 * `all`. */
struct exp_select {
	const struct strlist *revs; /* none: HEAD */
	int num;
	bool all;
};
/* In order of their refs: baseline by baseline, names sorted. Appends to `out`. */
int exp_select(struct exp *x, const struct exp_select *which, struct exprefs *out, struct err *err);

/* Remove refs, and what else points at them. */
int exp_remove_refs(struct exp *x, const struct exprefs *refs, struct err *err);
/*
 * Remove by name: experiments and queued or failed tasks. All names are looked up before anything
 * is removed. Fails: ERR_NOT_FOUND "'x' is not a valid experiment name".
 */
int exp_remove_named(struct exp *x, const struct strlist *names, struct err *err);
/* What --keep asks for: all experiments but those in `keep`. */
int exp_all_but(struct exp *x, const struct exprefs *keep, struct exprefs *out, struct err *err);
/* Find each by its name. Fails: ERR_NOT_FOUND. */
int exp_find_named(
	struct exp *x, const struct strlist *names, struct exprefs *out, struct err *err);

/* Fails: ERR_EXISTS for a name in use (without `force`), ERR_NOT_FOUND. */
int exp_rename(struct exp *x, const char *from, const char *to, bool force, struct err *err);

/* A Git branch (NULL: "<name>-branch") at the experiment. `*out_name` and `*out_branch` are the
 * caller's. */
int exp_branch(struct exp *x, const char *experiment, const char *branch, char **out_name,
	char **out_branch, struct err *err);

/* How a user gets back what exp_apply() has kept. */
#define EXP_APPLY_UNDO "`git reset --hard && git stash apply refs/exps/apply/stash` brings it back."

/*
 * Make the work tree that of an experiment or a queued task, HEAD unmoved, and bring its data. What
 * was uncommitted is pushed onto the stash refs/exps/apply/stash; then *out_kept is true, also on
 * failure. Fails: ERR_FAIL for something that is no experiment, or that would overwrite what no
 * stash can hold.
 */
int exp_apply(struct exp *x, const char *experiment, const struct progress *progress,
	bool *out_kept, struct err *err);

struct exp_save_opts {
	const char *name, *message; /* or NULL */
	const struct strlist *targets, *include;
	bool recursive, force;
	const struct progress *progress;
};
/* Commit the workspace as it is. `*out_name` is the caller's. */
int exp_save(struct exp *x, const struct exp_save_opts *opts, char **out_name, struct scm_id *out,
	struct err *err);

/* Sweep what crashed runs have left: their trees and journals. */
int exp_clean(struct exp *x, struct err *err);

#endif
