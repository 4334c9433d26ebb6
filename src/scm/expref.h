/*
 * The refs of experiments. refs/exps/<baseline[0:2]>/<baseline[2:40]>/<name> points to the commit
 * of the experiment, whose parent is the baseline. Other refs below refs/exps/ are used by runs
 * and by the queue.
 */
#ifndef SCM_EXPREF_H
#define SCM_EXPREF_H

#include "base/map.h"
#include "scm/scm.h"

#define EXPREF_PREFIX        "refs/exps/"
#define EXPREF_APPLY_HEAD    "refs/exps/apply/ORIG_HEAD"
#define EXPREF_APPLY_STASH   "refs/exps/apply/stash"
#define EXPREF_QUEUE         "refs/exps/celery/stash"  /* queued tasks, a stash */
#define EXPREF_FAILED        "refs/exps/celery/failed" /* failed tasks, a stash */
#define EXPREF_EXEC_APPLY    "refs/exps/exec/EXEC_APPLY"
#define EXPREF_EXEC_BASELINE "refs/exps/exec/EXEC_BASELINE"
#define EXPREF_EXEC_BRANCH   "refs/exps/exec/EXEC_BRANCH"
#define EXPREF_EXEC_HEAD     "refs/exps/exec/EXEC_HEAD"
#define EXPREF_EXEC_MERGE    "refs/exps/exec/EXEC_MERGE"

/* An experiment; released by expref_release(). */
struct expref {
	char *ref;  /* full name of the ref */
	char *name; /* last component; "" for an anonymous experiment */
	struct scm_id baseline;
	struct scm_id tip;
};
VEC_TYPE(exprefs, struct expref);

void expref_release(struct expref *e);
void exprefs_release(struct exprefs *list);

/* The full name of the ref of an experiment. Heap string. */
char *expref_format(const struct scm_id *baseline, const char *name);
/* Split a full ref name. False when it is not an experiment's; refs of runs and the queue are not.
 * `tip` is left unset. */
bool expref_parse(const char *ref, struct expref *out);

/* Append the experiments of one baseline, or of all when it is NULL, sorted by ref. */
int exprefs_load(
	struct scm *scm, const struct scm_id *baseline, struct exprefs *out, struct err *err);

/*
 * Find an experiment in a list, as expref_resolve() does in a repository. `head` may be NULL.
 * `*out` is borrowed from the list. Fails: ERR_NOT_FOUND, ERR_EXISTS (several; the message names
 * their refs), in DVC's words.
 */
int exprefs_find(const struct exprefs *all, const struct scm_id *head, const char *name,
	const struct expref **out, struct err *err);

/*
 * Find the experiment with that name or full ref name. An experiment of the HEAD commit has
 * precedence; otherwise the name must be unique over all baselines. `*out_ref` is a heap string;
 * `out_ref` and `tip` may be NULL. Fails: ERR_NOT_FOUND, ERR_EXISTS (several).
 */
int expref_resolve(
	struct scm *scm, const char *name, char **out_ref, struct scm_id *tip, struct err *err);

/* Is `name` valid as the last component of a ref? Fails: ERR_FAIL with DVC's message. */
int expref_check_name(const char *name, struct err *err);
/* A random "adjective-noun" that is not the name of an experiment of the baseline, nor a key of
 * `taken` (may be NULL). Heap string. */
char *expref_new_name(struct scm *scm, const struct scm_id *baseline, const struct map *taken);

#endif
