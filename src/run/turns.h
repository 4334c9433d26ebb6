/*
 * Decides which step of a run may start next, as far as the graph is concerned: a step waits for
 * earlier steps that are its neighbours in the graph. It starts no command and reads no file.
 */
#ifndef RUN_TURNS_H
#define RUN_TURNS_H

#include "project/graph.h"

struct turns {
	const struct graph *graph;       /* NULL only with `most` 1 */
	const struct stage_list *stages; /* the steps, in the order of a serial run */
	const size_t *place;             /* by stage->order: 1 + its index in stages; 0: none */
	size_t most;                     /* limit of steps that run at the same time */
	size_t first;                    /* all steps before this index have started */
	struct turn {
		enum { TURN_WAITING, TURN_RUNNING, TURN_DONE } state;
		size_t waits_for; /* number of earlier neighbours that are not done */
	} * items;
};

/* At first all steps wait. The graph, stages and places are borrowed. */
void turns_init(struct turns *t, const struct graph *graph, const struct stage_list *stages,
	const size_t *place, size_t most);
void turns_release(struct turns *t);

/*
 * The first step at or after `from` that may start; the number of steps if none may. With `most` 1
 * it is the next one in order, whether or not another runs; the caller limits the number.
 */
size_t turns_next(struct turns *t, size_t from);
void turns_start(struct turns *t, size_t step);
/* The step has succeeded, failed or is left out: the steps that waited for it no longer do. */
void turns_end(struct turns *t, size_t step);

/* Append the stages that a failure of `s` leaves out with --keep-going: all that depend on it. */
void turns_left_out(const struct graph *graph, struct stage *s, struct stage_list *out);

#endif
