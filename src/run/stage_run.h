/*
 * Reproduces one stage, in two halves: decide, restore or prepare it for its command; then, after
 * the command (run/job.h), record and store the outputs.
 */
#ifndef RUN_STAGE_RUN_H
#define RUN_STAGE_RUN_H

#include "base/progress.h"
#include "data/data.h"
#include "project/lock.h"
#include "run/changes.h"
#include "run/rwlock.h"
#include "run/save_deps.h"

struct executor;
struct started;

struct run_opts {
	bool force;
	bool added; /* the stage is new (`stage add --run`): it counts as changed, and its error is
		       reported without the words of a run */
	bool dry;
	bool no_commit;
	bool no_run_cache;
	bool allow_missing;
	bool interactive;
	bool pull;
	/* where commands run; NULL: on this machine. In struct repro_opts: for all stages, whatever
	 * they say; NULL: as run/places.h says. */
	struct executor *executor;
	bool ends_all;   /* when asked to stop, end what runs elsewhere, too: its files will go away
			  */
	bool dry_submit; /* with `dry`: also show what would be submitted elsewhere */
	bool quiet;      /* do not show commands before their output */
	char *const *env; /* "NAME=value", added for commands; may be NULL */
	const struct progress *progress;
	bool (*confirm)(const char *question); /* asked with `interactive`; NULL means "no" */
};

/* Check that no other process is writing the dependencies or outputs of the stage. Fails:
 * ERR_LOCKED, as rwlock_take(). */
int stage_check_free(struct data *d, const struct stage *s, struct err *err);

enum stage_step {
	STAGE_SKIPPED = 0,  /* unchanged, or only data was pulled: nothing to record */
	STAGE_RECORDED = 1, /* an import: its data was fetched and recorded in the stage */
	STAGE_DONE = 2,     /* its outputs are in place: call stage_finish() */
	STAGE_RUN = 3,      /* run its command (run/job.h), then call stage_finish() */
};

/*
 * The first half: skip the stage, restore it, or prepare it for its command. Unless it is skipped,
 * its dependencies are then locked for reading and its outputs for writing until the caller
 * releases `lock`. The caller holds the repository lock. Returns an enum stage_step; with STAGE_RUN
 * the empty `*started` gets the dependencies of the command. With opts->dry nothing is changed, and
 * STAGE_RUN means that the command would run.
 */
int stage_begin(struct data *d, struct arena *a, struct stage *s, const struct run_opts *opts,
	struct rwlock *lock, struct started *started, struct err *err);
/* The second half: record the outputs in the stage, store them, and add an entry to the run-cache.
 * The caller writes dvc.lock afterwards. */
int stage_finish(struct data *d, struct arena *a, struct stage *s, const struct started *started,
	const struct run_opts *opts, struct err *err);

/* Does dvc.lock have the outputs of the present command? If no dependency has changed, they are the
 * result that running it would give. */
bool stage_has_result(const struct stage *s);
/*
 * Find an entry that can be restored instead of running the stage, which has runs_can_hash(). With
 * `deps_same` (and stage_has_result()) it is the stage's own entry in dvc.lock; otherwise one of
 * the run-cache for the dependencies as recorded in `s`. `*out` is in `a`; NULL if the cache lacks
 * any of the outputs. With opts->dry nothing is fetched and nothing changes.
 */
int stage_result(struct data *d, struct arena *a, const struct stage *s, bool deps_same,
	const struct run_opts *opts, const struct value **out, struct err *err);

/* Check that all outputs of a stage that is only verified exist. Fails: ERR_NOT_FOUND "missing data
 * 'source': x". */
int stage_check_outs(struct data *d, const struct stage *s, struct err *err);

#endif
