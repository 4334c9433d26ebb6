/*
 * The graph of stages: an edge leads from a stage to each stage whose output is one of its
 * dependencies. Building the graph makes the checks of DVC: no output twice, none inside another,
 * no stage file inside an output, no cycle.
 */
#ifndef PROJECT_GRAPH_H
#define PROJECT_GRAPH_H

#include "project/index.h"

struct graph;
VEC_TYPE(stage_list, struct stage *);

/* Build the graph; the index must outlive it. Fails: ERR_FAIL with DVC's wording. */
int graph_build(struct index *ix, struct graph **out, struct err *err);
/* Make all checks of index_check() and of graph_build(), once for an index. Fails: as these. */
int graph_check(struct index *ix, struct err *err);
/* Check only the outputs: duplicates and overlaps. `added` (may be NULL) is a stage that is not in
 * the index yet. */
int graph_check_outs(struct index *ix, struct stage *added, struct err *err);
/* Refuse an output that contains the file of another stage. Fails: ERR_FAIL with DVC's wording. */
int graph_check_around(const struct index *ix, const struct out *o, struct err *err);
/* Make all checks with `added` in place of the stage of the same name, or after all others if there
 * is none. */
int graph_check_added(struct index *ix, struct stage *added, struct err *err);
void graph_free(struct graph *g);

/* The stages on which a stage depends directly, in order of its dependencies; and those that depend
 * on it directly. Borrowed. */
const struct stage_list *graph_dependencies(const struct graph *g, const struct stage *s);
const struct stage_list *graph_dependents(const struct graph *g, const struct stage *s);

enum graph_flags {
	GRAPH_DOWNSTREAM = 1 << 0, /* from the given stages to those that depend on them */
	GRAPH_PIPELINE = 1 << 1,   /* all stages that are connected with the given ones */
	GRAPH_FROZEN_CUT = 1 << 2, /* ignore the dependencies of frozen stages */
};

/*
 * Append the stages in the order in which they run: a depth-first walk from the given stages
 * (`count` 0: from all), dependencies first. Otherwise the order is that of the index and of
 * dvc.yaml.
 */
void graph_order(const struct graph *g, struct stage *const *from, size_t count, unsigned flags,
	struct stage_list *out);

#endif
