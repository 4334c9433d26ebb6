/*
 * Columns after Brandes and Köpf, "Fast and simple horizontal coordinate assignment" (2001). Nodes
 * are aligned with the median of their neighbours, which gives vertical blocks; then the blocks
 * are packed. This is done four times: from the left and from the right, each with the neighbours
 * above and those below. The column of a node is the mean of the two middle values of its four
 * columns.
 */
#include <math.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "view/dag_layout.h"

enum { DIRECTIONS = 4 };

/* A node in one of the four passes. The blocks and classes are linked lists as in the paper. */
struct spot {
	size_t root;  /* the first node of its block */
	size_t align; /* the next node of its block; the last one points to the first */
	size_t sink;  /* of a root: the class of blocks with which it is shifted */
	double shift; /* of a sink: how far its class is shifted; infinite: not at all */
	double x;     /* of a root: its column */
	bool placed;  /* of a root */
};

/* An edge that crosses an inner segment of a long edge. It is not used for alignment, so that the
 * long edge stays straight. */
struct conflict {
	size_t above, below;
};

struct placing {
	struct layout *l;
	struct spot *spots;
	VEC(struct conflict) conflicts; /* sorted */
	bool up;                        /* align with the neighbours above, else with those below */
	bool right;                     /* from right to left */
	double (*columns)[DIRECTIONS];  /* the results of the four passes */
};

static int by_ends(const void *a, const void *b)
{
	const struct conflict *x = a, *y = b;
	if (x->above != y->above)
		return x->above < y->above ? -1 : 1;
	return (x->below > y->below) - (x->below < y->below);
}

/* The upper neighbour of a bend if that is a bend, too; else SIZE_MAX. */
static size_t bend_above(const struct layout *l, size_t v)
{
	const struct layout_node *n = &l->nodes.items[v];
	return !n->name && !l->nodes.items[n->up.items[0]].name ? n->up.items[0] : SIZE_MAX;
}

/* Find the edges that cross an inner segment, a line between two bends. Between two such segments
 * of a layer, an edge must end within the range first..last of the layer above. */
static void find_conflicts(struct placing *p)
{
	const struct layout *l = p->l;
	for (size_t rank = 1; rank < l->layers.count; rank++) {
		const struct indexes *layer = &l->layers.items[rank];
		size_t most = l->layers.items[rank - 1].count - 1, first = 0, done = 0;
		for (size_t at = 0; at < layer->count; at++) {
			size_t v = layer->items[at], bend = bend_above(l, v);
			if (l->nodes.items[v].name || (bend == SIZE_MAX && at + 1 < layer->count))
				/* only the segments, and the end of the layer, limit the range */
				continue;

			size_t last = bend == SIZE_MAX ? most : l->nodes.items[bend].pos;

			for (; done <= at; done++) {
				const struct indexes *up = &l->nodes.items[layer->items[done]].up;
				VEC_EACH (up, u) {
					size_t pos = l->nodes.items[*u].pos;
					if (pos < first || pos > last)
						*vec_push(&p->conflicts) = (struct conflict){
							*u, layer->items[done]};
				}
			}

			first = last;
		}
	}
	vec_sort(&p->conflicts, by_ends);
}

static bool conflicting(const struct placing *p, size_t v, size_t with)
{
	struct conflict key = p->up ? (struct conflict){with, v} : (struct conflict){v, with};
	return p->conflicts.count &&
	       bsearch(&key, p->conflicts.items, p->conflicts.count, sizeof(key), by_ends);
}

/* The i-th layer in the direction of this pass, and the i-th node of a layer. */
static const struct indexes *nth_layer(const struct placing *p, size_t i)
{
	return &p->l->layers.items[p->up ? i : p->l->layers.count - 1 - i];
}

static size_t nth_node(const struct placing *p, const struct indexes *layer, size_t i)
{
	return layer->items[p->right ? layer->count - 1 - i : i];
}

static int by_index(const void *a, const void *b)
{
	const size_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/*
 * Try to align a node with its median neighbour; of two medians the outer one first. `last` is the
 * place of the last neighbour that was used in this layer, or SIZE_MAX: places must increase, or
 * blocks would cross.
 */
static void align_node(struct placing *p, size_t v, const struct indexes *before, size_t *last)
{
	const struct layout_node *n = &p->l->nodes.items[v];
	const struct indexes *near = p->up ? &n->up : &n->down;
	struct indexes places = {0};

	VEC_EACH (near, u)
		*vec_push(&places) = p->l->nodes.items[*u].pos;
	vec_sort(&places, by_index);

	/* one median of an odd number, two of an even number */
	for (size_t i = 0; places.count && i <= (places.count - 1) % 2; i++) {
		size_t middle = (places.count - 1) / 2 + i;
		size_t m = places.items[p->right ? places.count - 1 - middle : middle];
		size_t u = before->items[m];

		bool free_to = *last == SIZE_MAX || (p->right ? m < *last : m > *last);
		if (p->spots[v].align != v || !free_to || conflicting(p, v, u))
			continue;

		p->spots[u].align = v;
		p->spots[v].root = p->spots[u].root;
		p->spots[v].align = p->spots[v].root;
		*last = m;
	}
	vec_release(&places);
}

/* Vertical alignment: walk the layers and append each node to the block of a neighbour. */
static void make_blocks(struct placing *p)
{
	for (size_t i = 0; i < p->l->nodes.count; i++)
		p->spots[i] = (struct spot){.root = i, .align = i, .sink = i, .shift = INFINITY};

	for (size_t k = 1; k < p->l->layers.count; k++) {
		const struct indexes *layer = nth_layer(p, k), *before = nth_layer(p, k - 1);
		size_t last = SIZE_MAX;
		for (size_t i = 0; i < layer->count; i++)
			align_node(p, nth_node(p, layer, i), before, &last);
	}
}

/* The neighbour of v in its layer that is placed first, or SIZE_MAX. */
static size_t node_before(const struct placing *p, size_t v)
{
	const struct layout_node *n = &p->l->nodes.items[v];
	const struct indexes *layer = &p->l->layers.items[n->rank];
	if (p->right)
		return n->pos + 1 < layer->count ? layer->items[n->pos + 1] : SIZE_MAX;
	return n->pos ? layer->items[n->pos - 1] : SIZE_MAX;
}

/*
 * Place the block of root v behind the block of `before`, which is next to w, a node of the block
 * of v. Blocks of one class push each other; between two classes only the shift of the class is
 * limited.
 */
static void stand_behind(struct placing *p, size_t v, size_t w, size_t before)
{
	const struct layout_node *nodes = p->l->nodes.items;

	double apart = p->l->space + (nodes[before].width + nodes[w].width) / 2.0;
	size_t u = p->spots[before].root;

	if (p->spots[v].sink == v)
		p->spots[v].sink = p->spots[u].sink;

	if (p->spots[v].sink != p->spots[u].sink) {
		double *shift = &p->spots[p->spots[u].sink].shift;
		*shift = fmin(*shift, p->spots[v].x - (p->spots[u].x + apart));
	} else {
		p->spots[v].x = fmax(p->spots[v].x, p->spots[u].x + apart);
	}
}

/* Place a block after all blocks before it. There may be many, so a stack is used instead of
 * recursion. */
static void place_block(struct placing *p, size_t root)
{
	struct step {
		size_t root, at; /* a block, and the next node of it */
	};
	VEC(struct step) stack = {0};
	*vec_push(&stack) = (struct step){root, root};
	p->spots[root].placed = true;
	while (stack.count) {
		struct step *s = &stack.items[stack.count - 1];

		size_t before = node_before(p, s->at);
		if (before != SIZE_MAX) {
			size_t u = p->spots[before].root;
			if (!p->spots[u].placed) {
				p->spots[u].placed = true;
				*vec_push(&stack) = (struct step){u, u};
				continue; /* first the block before it */
			}
			stand_behind(p, s->root, s->at, before);
		}

		s->at = p->spots[s->at].align;
		if (s->at == s->root)
			stack.count--;
	}
	vec_release(&stack);
}

/* Horizontal compaction: place all blocks, then add the shifts of the classes. */
static void pack_blocks(struct placing *p, int direction)
{
	for (size_t k = 0; k < p->l->layers.count; k++) {
		const struct indexes *layer = nth_layer(p, k);
		for (size_t i = 0; i < layer->count; i++) {
			size_t v = nth_node(p, layer, i);
			if (p->spots[v].root == v && !p->spots[v].placed)
				place_block(p, v);
		}
	}

	double sign = p->right ? -1 : 1;
	for (size_t v = 0; v < p->l->nodes.count; v++) {
		const struct spot *root = &p->spots[p->spots[v].root];
		double shift = p->spots[root->sink].shift;
		p->columns[v][direction] = sign * (root->x + (shift < INFINITY ? shift : 0));
	}
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

void layout_place(struct layout *l)
{
	struct placing p = {.l = l};
	p.spots = mem_array(NULL, l->nodes.count + 1, sizeof(*p.spots));
	p.columns = mem_array(NULL, l->nodes.count + 1, sizeof(*p.columns));

	find_conflicts(&p);
	for (int direction = 0; direction < DIRECTIONS; direction++) {
		p.up = direction < 2;
		p.right = direction % 2;
		make_blocks(&p);
		pack_blocks(&p, direction);
	}

	for (size_t i = 0; i < l->nodes.count; i++) {
		struct layout_node *n = &l->nodes.items[i];
		/* the mean of the two middle values */
		sort_array(p.columns[i], DIRECTIONS, sizeof(double), by_value);
		n->x = (p.columns[i][1] + p.columns[i][2]) / 2;
		n->y = (double)n->rank * 2 * BOX_HEIGHT + BOX_HEIGHT / 2.0;
	}

	vec_release(&p.conflicts);
	free(p.columns);
	free(p.spots);
}
