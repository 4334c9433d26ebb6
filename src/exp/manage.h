/*
 * Finished experiments: list, rename, remove, make a branch, apply to the workspace; and save the
 * workspace as an experiment.
 *
 * The caller of functions that write holds the repository lock, and takes it before exp_open(), so
 * that HEAD and the names do not change meanwhile. exp_clean() takes the lock of the queue instead.
 */
#ifndef EXP_MANAGE_H
#define EXP_MANAGE_H

#include "base/progress.h"
#include "exp/queue.h"

/* Select the experiments of certain baselines. */
struct exp_select {
	const struct strlist *revs; /* baselines; none: HEAD */
	int num;                    /* as in struct scm_revs_opts */
	bool all;                   /* all baselines */
};
/* Append the experiments to `out`, in the order of their refs: by baseline, then by name. */
int exp_select(struct exp *x, const struct exp_select *which, struct exprefs *out, struct err *err);

/* The same from a list, for example that of a Git remote. Chosen items of `all` are moved. */
int exp_select_from(struct exp *x, const struct exp_select *which, struct exprefs *all,
	struct exprefs *out, struct err *err);

/* Remove experiments, and the ref of the last applied one if it is among them. */
int exp_remove_refs(struct exp *x, const struct exprefs *refs, struct err *err);
/*
 * Remove by name: experiments and queued or failed tasks. All names are looked up before anything
 * is removed. Fails: ERR_NOT_FOUND "'x' is not a valid experiment name".
 */
int exp_remove_named(struct exp *x, const struct strlist *names, struct err *err);
/* For --keep: append all experiments except those in `keep`. */
int exp_all_but(struct exp *x, const struct exprefs *keep, struct exprefs *out, struct err *err);
/* Append the experiment of each name. Fails: ERR_NOT_FOUND, naming all that were not found. */
int exp_find_named(
	struct exp *x, const struct strlist *names, struct exprefs *out, struct err *err);
/* Append copies of the items of `all` with these names; names without one go to `unknown`. Fails:
 * ERR_EXISTS for an ambiguous name. */
int exp_find_in(struct exp *x, const struct exprefs *all, const struct strlist *names,
	struct exprefs *out, struct strlist *unknown, struct err *err);
/* Fails with DVC's words about names that are no experiments. */
int exp_unresolved(const struct strlist *names, struct err *err);

/* Write the new ref, then delete the old one. A crash in between leaves both; the same rename again
 * finishes it. Fails: ERR_EXISTS for a name in use (without `force`), ERR_NOT_FOUND. */
int exp_rename(struct exp *x, const char *from, const char *to, bool force, struct err *err);

/* Make a Git branch (NULL: "<name>-branch") at the commit of the experiment. `*out_name` (of the
 * experiment) and `*out_branch` are heap strings. */
int exp_branch(struct exp *x, const char *experiment, const char *branch, char **out_name,
	char **out_branch, struct err *err);

/* Tells the user how to restore what exp_apply() has kept. */
#define EXP_APPLY_UNDO "`git reset --hard && git stash apply refs/exps/apply/stash` brings it back."

/*
 * Check out the files and the data of an experiment or a queued task; HEAD does not change.
 * Uncommitted changes are pushed onto the stash refs/exps/apply/stash first; then *out_kept is
 * true, on failure too. Fails: ERR_FAIL when the name is no experiment, or when something would be
 * overwritten that a stash cannot hold; ERR_LOCKED while an experiment runs in the workspace.
 */
int exp_apply(struct exp *x, const char *experiment, const struct progress *progress,
	bool *out_kept, struct err *err);

struct exp_save_opts {
	const char *name, *message; /* or NULL */
	const struct strlist *targets, *include;
	bool recursive, force;
	const struct progress *progress;
};
/* Commit the workspace as an experiment, without running stages. `*out_name` is a heap string. */
int exp_save(struct exp *x, const struct exp_save_opts *opts, char **out_name, struct scm_id *out,
	struct err *err);

/* Remove the work trees that crashed runs have left; one that is in use stays. And notes on
 * experiments that are gone. */
int exp_clean(struct exp *x, struct err *err);

#endif
