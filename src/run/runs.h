/*
 * The run-cache for stages: finds the outputs of an earlier run with the same command and
 * dependencies, and saves those of a new one. The caller holds the repository lock.
 */
#ifndef RUN_RUNS_H
#define RUN_RUNS_H

#include "base/progress.h"
#include "data/data.h"

/* Can the run-cache hold runs of this stage? It needs a command, dependencies and outputs; all
 * local, no output persistent, as in DVC. */
bool runs_can_hash(const struct stage *s);

enum runs_flags {
	RUNS_KEEP_CORRUPT = 1 << 0, /* do not remove corrupt entries (a dry run) */
};

/*
 * Find an earlier run with the same command and the dependencies as recorded in `s`. `*out_entry`
 * gets an entry as in dvc.lock (in `a`) whose outputs are all in the cache; with `pull` they are
 * fetched from the remote first. NULL: none. A corrupt entry is removed with a warning.
 */
int runs_find(struct data *d, struct arena *a, const struct stage *s, bool pull, unsigned flags,
	const struct progress *progress, const struct value **out_entry, struct err *err);
/* Save an entry with the stage's recorded outputs. Outputs with `cache: false` are stored in the
 * cache too, so that the run can be restored. */
int runs_save(struct data *d, struct stage *s, struct err *err);
/* A copy of the stage (in `a`) with the outputs as recorded in an entry. The caller releases its
 * `outs` with vec_release(). */
struct stage *runs_stage_of_entry(
	struct arena *a, const struct stage *s, const struct value *entry);
/* Are all outputs of a lock entry in the cache? With `pull`, after fetching them. 1, 0 or failure.
 */
int runs_outs_cached(struct data *d, struct arena *a, const struct stage *s,
	const struct value *entry, bool pull, struct err *err);

#endif
