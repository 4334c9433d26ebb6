/*
 * The graph of stages: an edge from a stage to each stage that makes one of its dependencies.
 * Building it checks what DVC checks: no output twice, none inside another, no stage file inside an
 * output, no cycle.
 */
#ifndef PROJECT_GRAPH_H
#define PROJECT_GRAPH_H

#include "project/index.h"

struct graph;
VEC_TYPE(stage_list, struct stage *);

/* The index must outlive it. Fails: ERR_FAIL with DVC's wording. */
int graph_build(struct index *ix, struct graph **out, struct err *err);
/* All checks of index_check() and of the graph, made once for an index. Fails: as index_check(); as
 * graph_build(). */
int graph_check(struct index *ix, struct err *err);
/* The checks of outputs alone: duplicates and overlaps. `added` (may be NULL) is a stage that is
 * not in the index yet. */
int graph_check_outs(struct index *ix, struct stage *added, struct err *err);
/* Refuse (likewise) an output that contains the file of another stage. */
int graph_check_around(const struct index *ix, const struct out *o, struct err *err);
/* All checks, with `added` in the place of the stage of its name, or after all others. */
int graph_check_added(struct index *ix, struct stage *added, struct err *err);
void graph_free(struct graph *g);

/* What a stage depends on directly, in order of its dependencies; and who depends on it. Borrowed.
 */
const struct stage_list *graph_dependencies(const struct graph *g, const struct stage *s);
const struct stage_list *graph_dependents(const struct graph *g, const struct stage *s);

enum graph_flags {
	GRAPH_DOWNSTREAM = 1 << 0, /* from the given stages to those that depend on them */
	GRAPH_PIPELINE = 1 << 1,   /* everything connected with the given stages */
	GRAPH_FROZEN_CUT = 1 << 2, /* a frozen stage is cut from what it depends on */
};

/*
 * Append the stages in the order in which they run (a depth-first walk from the given stages,
 * dependencies first; with no stages given, from all). Order is that of the index and of dvc.yaml.
 */
void graph_order(const struct graph *g, struct stage *const *from, size_t count, unsigned flags,
	struct stage_list *out);

#endif
