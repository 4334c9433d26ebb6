/*
 * The repository and its Git repository, opened for commands about experiments; and the two locks
 * that these commands share. Claiming the workspace never waits, so it is taken before or after the
 * repository lock; the lock of the queue is taken last.
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
	struct scm_id head; /* the commit of HEAD when it was opened */
	char *branch;       /* the branch of HEAD; NULL: detached */
	char *dir;          /* .dvc/tmp/exps, absolute */
};

#define EXP_INIT ((struct exp){0})

/*
 * The caller releases it; `repo` must outlive it. Fails with DVC's wording: ERR_FAIL without Git,
 * ERR_NO_COMMIT without any commit.
 */
int exp_open(struct exp *x, struct repo *repo, struct err *err);
void exp_release(struct exp *x);

/* Take the lock of the queue and its journal. Waits without limit: hold it only for a moment, never
 * while something runs. */
int exp_lock(struct exp *x, struct lockfile *lock, struct err *err);

/*
 * Claim the workspace while an experiment runs in it or is applied to it, so that two experiments
 * do not mix their files. Does not wait. A crash releases it. Fails: ERR_LOCKED.
 */
int exp_hold_workspace(struct exp *x, struct holdfile *held, struct err *err);

#endif
