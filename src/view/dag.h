/*
 * Drawings of a graph: as text with boxes and lines, as Graphviz, as Mermaid. Nodes are given by
 * name, edges from a node to those that depend on it.
 */
#ifndef VIEW_DAG_H
#define VIEW_DAG_H

#include "base/buf.h"
#include "base/strlist.h"
#include "base/vec.h"

struct dag_edge {
	size_t from, to; /* indexes into names; data flows from -> to */
};
VEC_TYPE(dag_edges, struct dag_edge);

struct dag {
	struct strlist names;
	struct dag_edges edges;
};

#define DAG_INIT ((struct dag){0})

void dag_release(struct dag *g);
/* Stages that a foreach or matrix generated become one node of the group's name. */
void dag_collapse_groups(struct dag *g);
/* Keep what is connected with (or, unless `full`, above) the named nodes. */
void dag_filter(struct dag *g, const struct strlist *targets, bool full);

/* Each connected part is drawn by itself, data flowing down. */
void dag_draw_text(struct buf *out, const struct dag *g);
void dag_draw_dot(struct buf *out, const struct dag *g);
void dag_draw_mermaid(struct buf *out, const struct dag *g);

#endif
