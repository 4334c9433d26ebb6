/*
 * Sharing experiments through a Git remote: their refs, refs/exps/<baseline[0:2]>/<rest>/<name>,
 * are pushed and fetched under the same names, as DVC does, and their data goes to and comes from
 * the DVC remote.
 *
 * Order: a push sends the data first and then the refs that need it, so that whoever sees an
 * experiment can have its data. A pull writes the refs first, as DVC does: only the commits tell
 * which data there is, and the same pull again fetches what is missing.
 *
 * Notes (exp/notes.h) go with their experiments under the same names. A push never replaces notes
 * of the remote; a pull merges them with those here.
 *
 * What the remote sends is not trusted: refs of runs and of the queue below refs/exps/, refs with
 * malformed names, and refs that lead to no commit are not taken.
 *
 * The caller holds the repository lock for functions that transfer data or write refs.
 */
#ifndef EXP_SHARE_H
#define EXP_SHARE_H

#include "base/progress.h"
#include "exp/manage.h"

/* Which experiments, and how. */
struct exp_share {
	const char *git_remote;      /* the name of a Git remote, or an address */
	const struct strlist *names; /* empty or NULL: those that `which` selects */
	struct exp_select which;
	bool force;
	bool cache;         /* transfer their data, too */
	bool run_cache;     /* and the run-cache */
	const char *remote; /* of DVC; NULL: the default one */
	int jobs;
	const struct progress *progress;
};

/* Names of experiments, sorted by ref. */
struct exp_pushed {
	struct strlist sent, up_to_date, diverged;
	struct strlist held;  /* not sent, since their data could not be sent */
	struct strlist notes; /* experiments whose notes were sent (exp/notes.h) */
	size_t uploaded;      /* objects */
	char *shown;          /* the remote as messages may show it */
};
void exp_pushed_release(struct exp_pushed *p);
/*
 * Push experiments. A ref on the other side that is no ancestor is "diverged" and stays, unless
 * `force`. Fails: ERR_NOT_FOUND (no such experiment or Git remote), ERR_FAIL: "failed to
 * push cache" (the refs that need it are not sent; without any DVC remote they are, with a
 * warning), or refs that the remote refuses. `out` is filled as far as things went, on failure too.
 */
int exp_push(struct exp *x, const struct exp_share *how, struct exp_pushed *out, struct err *err);

struct exp_pulled {
	struct strlist pulled, up_to_date, diverged;
	struct strlist notes;   /* experiments whose notes here have changed */
	struct strlist refused; /* "<ref>: <reason>", of refs that are no experiments */
	char *shown;
};
void exp_pulled_release(struct exp_pulled *p);
/* Pull experiments: their commits and refs, then their data. Fails: as exp_push(), and as
 * ops_fetch(); `out` is filled then, too. */
int exp_pull(struct exp *x, const struct exp_share *how, struct exp_pulled *out, struct err *err);

/* Append the experiments of a Git remote, sorted by ref; `tip` need not be here. */
int exp_list_remote(struct exp *x, const char *git_remote, const struct exp_select *which,
	struct exprefs *out, struct err *err);

/*
 * Remove experiments from a Git remote: those of how->names, else of how->which; with `keep` all
 * others. Only refs that were seen are removed, and only if they still point where they did.
 * Appends the names. Fails: ERR_NOT_FOUND "Experiment 'x' does not exist in 'origin'".
 */
int exp_remove_remote(struct exp *x, const struct exp_share *how, bool keep,
	struct strlist *out_removed, struct err *err);

/* Rename an experiment on a Git remote, in one transaction there. The one here keeps its name.
 * Fails: ERR_NOT_FOUND, ERR_EXISTS without `force`. */
int exp_rename_remote(struct exp *x, const char *git_remote, const char *from, const char *to,
	bool force, struct err *err);

/* ---- exp.auto_push */

/* Pushes each experiment when it is made, as configured. */
struct exp_auto_push {
	bool enabled;
	const char *git_remote; /* borrowed from the configuration or the environment */
};
/* Before the experiment is committed: is it to be pushed, by DVC_EXP_AUTO_PUSH or exp.auto_push,
 * and can it be? If not, that is a warning. */
void exp_auto_push_begin(struct exp *x, struct exp_auto_push *out, const struct progress *progress);
/* Push the experiment with its data and the run-cache. A failure is a warning. */
void exp_auto_push(struct exp *x, const struct exp_auto_push *how, const char *ref,
	const struct progress *progress);

#endif
