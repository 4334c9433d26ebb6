/*
 * A layered layout of one connected part of a graph, after Sugiyama, Tagawa and Toda (1981): each
 * node goes one layer below the lowest node that it depends on, long edges get a bend in every
 * layer that they cross, layers are ordered so that few edges cross, and columns are chosen by the
 * method of Brandes and Köpf (2001).
 *
 * DVC draws with the grandalf library. Every choice that these methods leave open (the order of the
 * nodes to begin with, how many sweeps, which neighbour wins) is made here as it is made there, so
 * that the same graph looks the same. The one exception: where several long edges cross one layer,
 * their first order is that of the edges, where DVC's depends on memory addresses.
 */
#ifndef VIEW_DAG_LAYOUT_H
#define VIEW_DAG_LAYOUT_H

#include "view/dag.h"

enum { BOX_HEIGHT = 3 };

VEC_TYPE(indexes, size_t);

struct layout_node {
	const char *name;    /* borrowed; NULL: a bend of a long edge */
	int width;           /* in columns, borders included */
	size_t rank;         /* which layer */
	size_t pos;          /* place within the layer, from the left */
	double bar;          /* the same between 0 and 1; sort key while layers are ordered */
	struct indexes up;   /* neighbours in the layer above */
	struct indexes down; /* and below */
	double x, y;         /* the middle of the box's first line */
};

struct layout_edge {
	size_t from, to;   /* down the layers */
	size_t first_bend; /* index of the bend below `from`; the others follow it */
	size_t bends;
	bool turned; /* drawn upwards: it would close a cycle */
};

struct layout {
	VEC(struct layout_node) nodes;
	VEC(struct layout_edge) edges;
	VEC(struct indexes) layers; /* nodes from left to right, from the top down */
	int space;                  /* columns between boxes at least */
};

#define LAYOUT_INIT ((struct layout){0})

void layout_release(struct layout *l);
/* Lay out the nodes whose component is `which` (see dag_components()). */
void layout_make(struct layout *l, const struct dag *g, const size_t *component, size_t which);
/* The second half of it: columns and lines of nodes that have their layers and order. */
void layout_place(struct layout *l);

#endif
