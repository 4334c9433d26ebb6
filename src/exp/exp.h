/*
 * What every command about experiments starts from: the repository with its Git side open.
 */
#ifndef EXP_EXP_H
#define EXP_EXP_H

#include "base/holdfile.h"
#include "project/repo.h"
#include "scm/expref.h"
#include "scm/scm.h"

struct exp {
	struct repo *repo; /* borrowed */
	struct scm *scm;
	struct scm_id head;
	char *branch; /* HEAD's, or NULL */
	char *dir;    /* .dvc/tmp/exps, absolute */
};

#define EXP_INIT ((struct exp){0})

/*
 * Fails with DVC's words: ERR_FAIL when there is no Git, ERR_NO_COMMIT when it has no commit yet.
 * Owns: the caller releases it; `repo` outlives it.
 */
int exp_open(struct exp *x, struct repo *repo, struct err *err);
void exp_release(struct exp *x);

/* Hold the lock of the queue and its journal, for short sections. */
int exp_lock(struct exp *x, struct lockfile *lock, struct err *err);

/*
 * Hold the workspace while an experiment runs in it or is brought into it, so that no two mix their
 * files. Fails: ERR_LOCKED.
 */
int exp_hold_workspace(struct exp *x, struct holdfile *held, struct err *err);

#endif
