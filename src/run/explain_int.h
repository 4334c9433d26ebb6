/* What explain.c and explain_data.c share. */
#ifndef RUN_EXPLAIN_INT_H
#define RUN_EXPLAIN_INT_H

#include "run/explain.h"

/*
 * Fill in what is recorded and what is there now: hashes, sizes, and for directories which files
 * differ. `now` (may be NULL) is what a stage before it will put there; else the workspace is
 * asked. Best effort: what cannot be read is not told.
 */
void explain_data_of_dep(struct data *d, struct arena *a, const struct dep *dep,
	const struct recorded *now, struct explain_change *out);
void explain_data_of_out(
	struct data *d, struct arena *a, const struct out *o, struct explain_change *out);

/*
 * Fill in how long it takes: of each stage, in sum, along the critical path, and with `jobs` at
 * once. `graph` may be NULL; `place` gives by stage->order the index into e->stages, SIZE_MAX:
 * none.
 */
void explain_times(struct data *d, const struct graph *graph, const size_t *place, int jobs,
	struct explanation *e);

#endif
