/*
 * One stage: whether it must run, restoring it from the run-cache, running it, recording what it
 * made.
 */
#ifndef RUN_STAGE_RUN_H
#define RUN_STAGE_RUN_H

#include "base/progress.h"
#include "data/data.h"
#include "project/lock.h"
#include "run/changes.h"
#include "run/rwlock.h"
#include "run/save_deps.h"

struct executor_driver;
struct started;

struct run_opts {
	bool force;
	bool added; /* just written: it counts as changed, and a failure is reported as it is */
	bool dry;
	bool no_commit;
	bool no_run_cache;
	bool allow_missing;
	bool interactive;
	bool pull;
	const struct executor_driver *executor; /* where commands run; NULL: on this machine */
	char *const *env;                       /* more environment for commands, or NULL */
	const struct progress *progress;
	bool (*confirm)(const char *question); /* for `interactive`; NULL: no */
};

/* Does no other process write what the stage reads or writes? Fails: ERR_LOCKED, as rwlock_take().
 */
int stage_check_free(struct data *d, const struct stage *s, struct err *err);

enum stage_step {
	STAGE_SKIPPED = 0,  /* nothing was to be done */
	STAGE_RECORDED = 1, /* the data of an import was brought, and recorded in the stage */
	STAGE_DONE = 2,     /* it needs no command any more; stage_finish() is to be called */
	STAGE_RUN = 3, /* its command is to be run now (run/job.h), then stage_finish() called */
};

/*
 * The first half of reproducing a stage: skip it, restore it, or make everything ready for its
 * command. Its dependencies are then locked for reading and its outputs for writing, until the
 * caller releases `lock`. The caller holds the repository lock. Returns an enum stage_step; with
 * STAGE_RUN the empty `*started` gets what the command starts from. With opts->dry nothing is
 * changed, and STAGE_RUN only says that the command would run.
 */
int stage_begin(struct data *d, struct arena *a, struct stage *s, const struct run_opts *opts,
	struct rwlock *lock, struct started *started, struct err *err);
/* The second half: record (not in dvc.lock yet), store and remember what the command made. */
int stage_finish(struct data *d, struct arena *a, struct stage *s, const struct started *started,
	const struct run_opts *opts, struct err *err);

/* Does dvc.lock say what this very command made? Then, if no dependency differs, that is the
 * result.
 */
bool stage_has_result(const struct stage *s);
/*
 * What may stand in for running, for a stage with runs_can_hash(): with `deps_same` (and
 * stage_has_result()) the stage's own entry in dvc.lock, else one of the run-cache for the
 * dependencies as they are recorded in `s`. NULL when the cache does not have its outputs. With
 * opts->dry nothing is fetched and nothing changes.
 */
int stage_result(struct data *d, struct arena *a, const struct stage *s, bool deps_same,
	const struct run_opts *opts, const struct value **out, struct err *err);

/* Are all outputs there, of a stage that is only verified? Fails: ERR_NOT_FOUND "missing data
 * 'source': x". */
int stage_check_outs(struct data *d, const struct stage *s, struct err *err);

#endif
