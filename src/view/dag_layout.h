/*
 * A layered layout of one connected part of a graph, after Sugiyama, Tagawa and Toda (1981). Each
 * node is placed one layer below the lowest node that it depends on. Long edges get a bend in
 * every layer that they cross. Layers are ordered so that few edges cross, and columns are
 * assigned by the method of Brandes and Köpf (2001).
 *
 * DVC draws with the grandalf library. These methods leave choices open (the initial order of
 * nodes, the number of sweeps, which neighbour wins); they are made as in grandalf, so that the
 * same graph has the same drawing. There is one exception: where several long edges cross one
 * layer, their initial order is that of the edges; in DVC it depends on memory addresses.
 */
#ifndef VIEW_DAG_LAYOUT_H
#define VIEW_DAG_LAYOUT_H

#include "view/dag.h"

enum { BOX_HEIGHT = 3 };

VEC_TYPE(indexes, size_t);

struct layout_node {
	const char *name;    /* borrowed; NULL: a bend of a long edge */
	int width;           /* in columns, borders included */
	size_t rank;         /* index of the layer, from the top */
	size_t pos;          /* place in the layer, from the left */
	double bar;          /* that place scaled to 0..1; later the sort key of the layer */
	struct indexes up;   /* neighbours in the layer above */
	struct indexes down; /* neighbours in the layer below */
	double x, y;         /* the middle of the first line of the box */
};

struct layout_edge {
	size_t from, to;   /* `to` is in a lower layer */
	size_t first_bend; /* index of the node of the bend below `from`; the others follow it */
	size_t bends;
	bool turned; /* turned round, because it would close a cycle; drawn upwards */
};

struct layout {
	VEC(struct layout_node) nodes;
	VEC(struct layout_edge) edges;
	VEC(struct indexes) layers; /* nodes from left to right; layers from the top down */
	int space;                  /* minimum of columns between boxes */
};

#define LAYOUT_INIT ((struct layout){0})

void layout_release(struct layout *l);
/* Lay out the nodes whose component is `which` (see dag_components()). */
void layout_make(struct layout *l, const struct dag *g, const size_t *component, size_t which);
/* The last step of layout_make(): coordinates of nodes whose layers and order are known. */
void layout_place(struct layout *l);

#endif
