/* `dag`: the graph of stages, or of outputs, as names and edges; view/dag.h draws it. */
#ifndef OPS_DAG_H
#define OPS_DAG_H

#include "project/graph.h"
#include "view/dag.h"

struct dag_opts {
	const char *target; /* a stage, a group, a file or an output; NULL: the whole graph */
	bool outs;          /* nodes are outputs, not stages */
	bool full;          /* everything connected with the target, not only what it depends on */
	bool collapse;      /* one node for each foreach or matrix group */
};

/* Build the graph into `*out`, which must be empty. Nodes and edges are in DVC's order. Fails:
 * ERR_FAIL (options that exclude each other; whatever graph_build() refuses), ERR_NOT_FOUND (an
 * unknown target). The caller releases `*out`, also after a failure. */
int dag_build(struct repo *repo, const struct dag_opts *opts, struct dag *out, struct err *err);

#endif
