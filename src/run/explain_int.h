/* Shared by explain.c, explain_data.c and explain_time.c. */
#ifndef RUN_EXPLAIN_INT_H
#define RUN_EXPLAIN_INT_H

#include "run/explain.h"

/*
 * Fill in the recorded and the present data: hashes, sizes, and for directories which files differ.
 * `now` is the data that an earlier stage of the run will put there; NULL: look at the workspace.
 * Best effort: data that cannot be read is left out.
 */
void explain_data_of_dep(struct data *d, struct arena *a, const struct dep *dep,
	const struct recorded *now, struct explain_change *out);
void explain_data_of_out(
	struct data *d, struct arena *a, const struct out *o, struct explain_change *out);

/*
 * Fill in the expected times: of each stage, their sum, along the critical path, and with `jobs`
 * stages at a time. `graph` may be NULL (then there is no critical path). place[stage->order] is
 * the index in e->stages; SIZE_MAX: the stage is not part of the run.
 */
void explain_times(struct data *d, const struct graph *graph, const size_t *place, int jobs,
	struct explanation *e);

#endif
