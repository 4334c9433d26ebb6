/*
 * Names of experiments in Git: refs/exps/<baseline[0:2]>/<baseline[2:40]>/<name> points at the
 * experiment's commit, whose parent is the baseline. Beside them live refs that only a run or the
 * queue uses.
 */
#ifndef SCM_EXPREF_H
#define SCM_EXPREF_H

#include "base/map.h"
#include "scm/scm.h"

#define EXPREF_PREFIX        "refs/exps/"
#define EXPREF_APPLY_HEAD    "refs/exps/apply/ORIG_HEAD"
#define EXPREF_APPLY_STASH   "refs/exps/apply/stash"
#define EXPREF_QUEUE         "refs/exps/celery/stash"  /* queued tasks, a stash */
#define EXPREF_FAILED        "refs/exps/celery/failed" /* failed ones, likewise */
#define EXPREF_EXEC_APPLY    "refs/exps/exec/EXEC_APPLY"
#define EXPREF_EXEC_BASELINE "refs/exps/exec/EXEC_BASELINE"
#define EXPREF_EXEC_BRANCH   "refs/exps/exec/EXEC_BRANCH"
#define EXPREF_EXEC_HEAD     "refs/exps/exec/EXEC_HEAD"
#define EXPREF_EXEC_MERGE    "refs/exps/exec/EXEC_MERGE"

/* One experiment. Release it. */
struct expref {
	char *ref;  /* the whole name of the ref */
	char *name; /* its last part; "" for an anonymous one */
	struct scm_id baseline;
	struct scm_id tip;
};
VEC_TYPE(exprefs, struct expref);

void expref_release(struct expref *e);
void exprefs_release(struct exprefs *list);

/* The ref of an experiment's name; heap string. */
char *expref_format(const struct scm_id *baseline, const char *name);
/* Split a ref; false when it is none of an experiment (those of runs and the queue are not). `tip`
 * is left unset. */
bool expref_parse(const char *ref, struct expref *out);

/* Experiments of one baseline, or of all (NULL), sorted by ref. Appends to `out`. */
int exprefs_load(
	struct scm *scm, const struct scm_id *baseline, struct exprefs *out, struct err *err);

/*
 * The experiment called `name` (or whose ref it is): that of HEAD's, else the only one of all
 * baselines.
 * `*out_ref` (when asked for) is the caller's; `tip` and `out_ref` may be NULL.
 * Fails: ERR_NOT_FOUND, ERR_EXISTS (several).
 */
int expref_resolve(
	struct scm *scm, const char *name, char **out_ref, struct scm_id *tip, struct err *err);

/* A name that git would accept as the last part of a ref. Fails: ERR_FAIL with DVC's wording. */
int expref_check_name(const char *name, struct err *err);
/* A random "adjective-noun" that no experiment of the baseline has, nor `taken` (may be NULL) as a
 * key. Heap string. */
char *expref_new_name(struct scm *scm, const struct scm_id *baseline, const struct map *taken);

#endif
