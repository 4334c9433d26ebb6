/*
 * What `dag` draws: the graph of stages, or of outputs, as names and edges.
 */
#ifndef OPS_DAG_H
#define OPS_DAG_H

#include "project/graph.h"
#include "view/dag.h"

struct dag_opts {
	const char *target; /* a stage, a group, a file or an output; NULL: all is drawn */
	bool outs;          /* nodes are outputs, not stages */
	bool full;          /* what is connected with the target, not only what lies above it */
	bool collapse;      /* one node for each group of foreach or matrix */
};

/*
 * Build the graph into *out, which must be empty; nodes and edges in DVC's order. Fails: ERR_FAIL
 * for options that exclude each other and for what graph_build() refuses, ERR_NOT_FOUND for an
 * unknown target.
 */
int dag_build(struct repo *repo, const struct dag_opts *opts, struct dag *out, struct err *err);

#endif
