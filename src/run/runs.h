/*
 * The run-cache as stages use it: looking up what a command would make, and remembering what it
 * made.
 */
#ifndef RUN_RUNS_H
#define RUN_RUNS_H

#include "base/progress.h"
#include "data/data.h"

/* May this stage's results be remembered? (a command, dependencies and outputs, all local, none
 * persistent) */
bool runs_can_hash(const struct stage *s);

enum runs_flags {
	RUNS_KEEP_CORRUPT = 1 << 0, /* only look: no entry is removed */
};

/*
 * What an earlier run with the same command and recorded dependencies made: an entry as in
 * dvc.lock, whose outputs are all in the cache (with `pull`: brought from the remote). NULL when
 * there is none. A corrupt entry is removed, with a warning.
 */
int runs_find(struct data *d, struct arena *a, const struct stage *s, bool pull, unsigned flags,
	const struct progress *progress, const struct value **out_entry, struct err *err);
/* Remember the stage's recorded outputs; outputs that are not cached otherwise go into the cache,
 * too. */
int runs_save(struct data *d, struct stage *s, struct err *err);
/* A copy of the stage (in `a`) with the outputs that an entry says; release its `outs` with
 * vec_release(). */
struct stage *runs_stage_of_entry(
	struct arena *a, const struct stage *s, const struct value *entry);
/* Are all outputs of a lock entry in the cache (with `pull`: after bringing them)? 1 or
 * 0. */
int runs_outs_cached(struct data *d, struct arena *a, const struct stage *s,
	const struct value *entry, bool pull, struct err *err);

#endif
