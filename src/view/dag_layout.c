/* Layers, and the order in them. The columns, a method of its own, are in dag_place.c. */
#include "view/dag_layout.h"

#include "base/alloc.h"
#include "base/str.h"

/* Two columns of border and a space on both sides of the name. */
enum { BOX_PADDING = 4 };

void layout_release(struct layout *l)
{
	VEC_EACH (&l->nodes, n) {
		vec_release(&n->up);
		vec_release(&n->down);
	}
	VEC_EACH (&l->layers, layer)
		vec_release(layer);
	vec_release(&l->nodes);
	vec_release(&l->edges);
	vec_release(&l->layers);
}

/* ---- the nodes and edges of one component ---- */

/*
 * Sort the edges as DVC's graph library does: by the node that depends, then in the order in which
 * they were added. Edges from a node to itself are left out, since the layout has no place for
 * them.
 */
static void sorted_edges(
	const struct dag *g, const size_t *component, size_t which, struct dag_edges *out)
{
	size_t *start = mem_zalloc((g->names.count + 2) * sizeof(*start));

	VEC_EACH (&g->edges, e)
		start[e->to + 1]++;
	for (size_t i = 0; i < g->names.count; i++)
		start[i + 1] += start[i];

	struct dag_edge *sorted = mem_array(NULL, g->edges.count + 1, sizeof(*sorted));
	VEC_EACH (&g->edges, e)
		sorted[start[e->to]++] = *e;

	for (size_t i = 0; i < g->edges.count; i++)
		if (component[sorted[i].to] == which && sorted[i].from != sorted[i].to)
			*vec_push(out) = sorted[i];
	free(sorted);
	free(start);
}

/*
 * The initial order of nodes. At first each node is a set of its own; then every edge appends the
 * set of its lower end to the set of its upper end. Gives the index of each node in *local
 * (SIZE_MAX: not of this component).
 */
static void merged_order(const struct dag *g, const size_t *component, size_t which,
	const struct dag_edges *edges, size_t *local, struct indexes *order)
{
	size_t n = g->names.count, *set = mem_array(NULL, n + 1, sizeof(*set));
	struct indexes *members = mem_zalloc((n + 1) * sizeof(*members));
	size_t last = SIZE_MAX;
	for (size_t i = 0; i < n; i++) {
		set[i] = i;
		local[i] = SIZE_MAX;
		if (component[i] == which) {
			*vec_push(&members[i]) = i;
			last = i;
		}
	}

	VEC_EACH (edges, e) {
		size_t into = set[e->from], gone = set[e->to];
		if (into == gone)
			continue;

		VEC_EACH (&members[gone], m) {
			set[*m] = into;
			*vec_push(&members[into]) = *m;
		}
		vec_release(&members[gone]);
	}

	/* the component is connected, so all its nodes are in one set now */
	if (last != SIZE_MAX)
		VEC_EACH (&members[set[last]], m) {
			local[*m] = order->count;
			*vec_push(order) = *m;
		}

	for (size_t i = 0; i < n; i++)
		vec_release(&members[i]);
	free(members);
	free(set);
}

static int by_width(const void *a, const void *b)
{
	const int *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static void add_nodes(struct layout *l, const struct dag *g, const struct indexes *order)
{
	VEC_EACH (order, i) {
		const char *name = g->names.items[*i];
		struct layout_node *n = vec_push(&l->nodes);
		n->name = name;
		n->width = (int)str_utf8_len(name, strlen(name)) + BOX_PADDING;
	}
}

/* The edges at each node, in the order of the edges: those that end there (`in`) or begin there. */
struct incidence {
	size_t *start, *edge;
};

/* Counting sort, as adjacency_of(). */
static struct incidence incidence_of(const struct layout *l, bool in)
{
	size_t n = l->nodes.count;
	struct incidence at = {mem_zalloc((n + 2) * sizeof(size_t)),
		mem_array(NULL, l->edges.count + 1, sizeof(size_t))};

	VEC_EACH (&l->edges, e)
		at.start[(in ? e->to : e->from) + 2]++;
	for (size_t i = 2; i < n + 2; i++)
		at.start[i] += at.start[i - 1];

	VEC_EACH (&l->edges, e)
		at.edge[at.start[(in ? e->to : e->from) + 1]++] = (size_t)(e - l->edges.items);
	return at;
}

static void release_incidence(struct incidence *at)
{
	free(at->start);
	free(at->edge);
}

/*
 * Groups that are drawn as one node may depend on each other in a cycle. A depth-first search
 * turns round every edge that leads back to a node on the current path. It starts at the nodes
 * without dependencies; the second round is for nodes that cannot be reached from one.
 */
static void turn_back_edges(struct layout *l)
{
	AUTO(release_incidence) struct incidence out = incidence_of(l, false),
						 in = incidence_of(l, true);
	enum { UNSEEN, OPEN, DONE };
	char *state = mem_zalloc(l->nodes.count + 1);
	/* number of edges at the node that were followed */
	size_t *next = mem_zalloc((l->nodes.count + 1) * sizeof(*next));
	struct indexes path = {0};

	for (int round = 0; round < 2; round++)
		for (size_t root = 0; root < l->nodes.count; root++) {
			bool is_root = in.start[root] == in.start[root + 1];
			if (state[root] != UNSEEN || (round == 0 && !is_root))
				continue;

			*vec_push(&path) = root;
			state[root] = OPEN;

			while (path.count) {
				size_t v = path.items[path.count - 1];
				if (out.start[v] + next[v] == out.start[v + 1]) {
					state[v] = DONE;
					path.count--;
					continue;
				}

				struct layout_edge *e =
					&l->edges.items[out.edge[out.start[v] + next[v]++]];
				e->turned = state[e->to] == OPEN;
				if (state[e->to] == UNSEEN) {
					state[e->to] = OPEN;
					*vec_push(&path) = e->to;
				}
			}
		}
	VEC_EACH (&l->edges, e)
		if (e->turned) {
			size_t from = e->from;
			e->from = e->to;
			e->to = from;
		}
	vec_release(&path);
	free(next);
	free(state);
}

/* ---- layers ---- */

static void put_into_layer(struct layout *l, size_t node, size_t rank)
{
	while (l->layers.count <= rank)
		(void)vec_push(&l->layers);
	l->nodes.items[node].rank = rank;
	*vec_push(&l->layers.items[rank]) = node;
}

/* Assign layers: a node is ranked when all nodes that it depends on are ranked, one layer below the
 * lowest of them. */
static void rank_nodes(struct layout *l, const struct incidence *in, const struct incidence *out)
{
	/* dependencies that are not ranked yet */
	size_t *waits = mem_zalloc((l->nodes.count + 1) * sizeof(*waits));
	struct indexes ready = {0};

	for (size_t i = 0; i < l->nodes.count; i++) {
		waits[i] = in->start[i + 1] - in->start[i];
		if (!waits[i])
			*vec_push(&ready) = i;
	}

	for (size_t at = 0; at < ready.count; at++) {
		size_t v = ready.items[at], rank = 0;
		for (size_t k = in->start[v]; k < in->start[v + 1]; k++)
			rank = MAX(rank, l->nodes.items[l->edges.items[in->edge[k]].from].rank + 1);

		put_into_layer(l, v, rank);

		for (size_t k = out->start[v]; k < out->start[v + 1]; k++) {
			size_t to = l->edges.items[out->edge[k]].to;
			if (--waits[to] == 0)
				*vec_push(&ready) = to;
		}
	}
	vec_release(&ready);
	free(waits);
}

static bool all_below(const struct layout *l, const struct incidence *out, size_t v, size_t rank)
{
	for (size_t k = out->start[v]; k < out->start[v + 1]; k++)
		if (l->nodes.items[l->edges.items[out->edge[k]].to].rank < rank)
			return false;
	return true;
}

static void move_to_layer(struct layout *l, size_t node, size_t rank)
{
	struct indexes *old = &l->layers.items[l->nodes.items[node].rank];
	size_t at = 0;
	while (old->items[at] != node)
		at++;
	memmove(&old->items[at], &old->items[at + 1], (old->count - at - 1) * sizeof(*old->items));
	old->count--;
	put_into_layer(l, node, rank);
}

/* Shorten long edges: move their upper end down when all its edges lead to this layer or to lower
 * ones. */
static void lower_nodes(struct layout *l, const struct incidence *in, const struct incidence *out)
{
	/* from the bottom up, so that a node can follow one that was moved */
	for (size_t rank = l->layers.count; rank-- > 1;)
		for (size_t i = 0; i < l->layers.items[rank].count; i++) {
			size_t v = l->layers.items[rank].items[i];
			for (size_t k = in->start[v]; k < in->start[v + 1]; k++) {
				size_t above = l->edges.items[in->edge[k]].from;
				if (all_below(l, out, above, rank))
					move_to_layer(l, above, rank - 1);
			}
		}
}

/* Add a node without a name to every layer that an edge crosses. `width` is the room that
 * it takes. */
static void add_bends(struct layout *l, int width)
{
	VEC_EACH (&l->edges, e) {
		size_t top = l->nodes.items[e->from].rank, bottom = l->nodes.items[e->to].rank;
		e->first_bend = l->nodes.count;
		e->bends = bottom - top - 1;
		for (size_t rank = top + 1; rank < bottom; rank++) {
			vec_push(&l->nodes)->width = width;
			put_into_layer(l, l->nodes.count - 1, rank);
		}
	}
}

/* The i-th point of an edge; point 0 is its upper end. */
static size_t edge_point(const struct layout_edge *e, size_t i)
{
	return i == 0 ? e->from : i > e->bends ? e->to : e->first_bend + i - 1;
}

static void join_neighbours(struct layout *l)
{
	VEC_EACH (&l->edges, e)
		for (size_t i = 0; i <= e->bends; i++) {
			size_t above = edge_point(e, i), below = edge_point(e, i + 1);
			*vec_push(&l->nodes.items[above].down) = below;
			*vec_push(&l->nodes.items[below].up) = above;
		}
}

/* ---- the order within layers ---- */

static void number_layer(struct layout *l, const struct indexes *layer)
{
	double step = layer->count > 1 ? 1.0 / (double)(layer->count - 1) : 1.0;
	for (size_t i = 0; i < layer->count; i++) {
		l->nodes.items[layer->items[i]].pos = i;
		l->nodes.items[layer->items[i]].bar = (double)i * step;
	}
}

static const struct indexes *neighbours(const struct layout *l, size_t node, bool up)
{
	return up ? &l->nodes.items[node].up : &l->nodes.items[node].down;
}

static int by_index(const void *a, const void *b)
{
	const size_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/*
 * Count the crossings of edges between this layer and the layer above (or below). Two edges cross
 * when their ends are in inverse order, so this counts inversions, with a tree of prefix sums
 * (Fenwick) over the places of the other layer.
 */
static size_t count_crossings(
	const struct layout *l, const struct indexes *layer, bool up, size_t places)
{
	size_t *tree = mem_zalloc((places + 1) * sizeof(*tree)), seen = 0, crossings = 0;
	struct indexes near = {0};
	VEC_EACH (layer, v) {
		near.count = 0;
		const struct indexes *ns = neighbours(l, *v, up);
		VEC_EACH (ns, n)
			*vec_push(&near) = l->nodes.items[*n].pos;
		vec_sort(&near, by_index);

		VEC_EACH (&near, p) {
			size_t before = 0;
			/* edges seen so far that end at this place or left of it */
			for (size_t i = *p + 1; i; i &= i - 1)
				before += tree[i];

			crossings += seen - before; /* the others end right of it */

			for (size_t i = *p + 1; i <= places; i += i & -i)
				tree[i]++;
			seen++;
		}
	}
	vec_release(&near);
	free(tree);
	return crossings;
}

/* context of by_bar(): vec_sort() has none. Only one thread draws */
static const struct layout *sorting;

static int by_bar(const void *a, const void *b)
{
	const struct layout_node *x = &sorting->nodes.items[*(const size_t *)a],
				 *y = &sorting->nodes.items[*(const size_t *)b];
	if (x->bar != y->bar)
		return x->bar < y->bar ? -1 : 1;
	/* equal nodes keep the order of their places */
	return (x->pos > y->pos) - (x->pos < y->pos);
}

/* Swap two adjacent nodes when that saves crossings. Returns the number of remaining crossings. */
static size_t swap_neighbours(struct layout *l, struct indexes *layer, bool up)
{
	size_t total = 0;
	for (size_t i = 0; i + 1 < layer->count; i++) {
		const struct indexes *left = neighbours(l, layer->items[i], up),
				     *right = neighbours(l, layer->items[i + 1], up);

		size_t as_is = 0, swapped = 0;
		VEC_EACH (right, r)
			VEC_EACH (left, n) {
				bool cross = l->nodes.items[*n].bar > l->nodes.items[*r].bar;
				as_is += cross;
				swapped += !cross;
			}

		if (swapped < as_is) {
			size_t first = layer->items[i];
			layer->items[i] = layer->items[i + 1];
			layer->items[i + 1] = first;
		}
		total += MIN(swapped, as_is);
	}
	return total;
}

/* Order one layer by the mean place of the neighbours that its nodes have in the layer above (or
 * below). */
static size_t order_layer(struct layout *l, size_t rank, bool up)
{
	if (up ? rank == 0 : rank + 1 == l->layers.count)
		return 0;

	struct indexes *layer = &l->layers.items[rank];
	size_t crossings = count_crossings(
		l, layer, up, l->layers.items[up ? rank - 1 : rank + 1].count);
	if (!crossings)
		return 0;

	VEC_EACH (layer, v) {
		const struct indexes *near = neighbours(l, *v, up);
		double sum = 0;
		VEC_EACH (near, n)
			sum += l->nodes.items[*n].bar;
		if (near->count) /* a node without neighbours keeps its place */
			l->nodes.items[*v].bar = sum / (double)near->count;
	}

	sorting = l;
	vec_sort(layer, by_bar);
	crossings = swap_neighbours(l, layer, up);
	number_layer(l, layer);
	return crossings;
}

/* Sweep down, up, and down again. The way up is skipped when the first way down left no
 * crossing. */
static void order_layers(struct layout *l)
{
	VEC_EACH (&l->layers, layer)
		number_layer(l, layer);

	size_t crossings = 0;
	for (size_t rank = 0; rank < l->layers.count; rank++)
		crossings += order_layer(l, rank, true);

	for (size_t rank = l->layers.count; crossings && rank-- > 0;)
		(void)order_layer(l, rank, false);

	for (size_t rank = 0; rank < l->layers.count; rank++)
		(void)order_layer(l, rank, true);
}

void layout_make(struct layout *l, const struct dag *g, const size_t *component, size_t which)
{
	struct dag_edges edges = {0};
	struct indexes order = {0};
	size_t *local = mem_array(NULL, g->names.count + 1, sizeof(*local));

	/* the nodes and edges of this component, with indexes of their own */
	sorted_edges(g, component, which, &edges);
	merged_order(g, component, which, &edges, local, &order);
	add_nodes(l, g, &order);
	VEC_EACH (&edges, e)
		*vec_push(&l->edges) = (struct layout_edge){
			.from = local[e->from], .to = local[e->to]};
	free(local);
	vec_release(&order);
	vec_release(&edges);

	/* bends are as wide as the median node; boxes are as far apart as the narrowest node is
	 * wide */
	VEC(int) widths = {0};
	VEC_EACH (&l->nodes, n)
		*vec_push(&widths) = n->width;
	vec_sort(&widths, by_width);
	int median = widths.items[widths.count / 2];
	l->space = widths.items[0];
	vec_release(&widths);

	turn_back_edges(l);
	AUTO(release_incidence) struct incidence in = incidence_of(l, true),
						 out = incidence_of(l, false);
	rank_nodes(l, &in, &out);
	lower_nodes(l, &in, &out);
	add_bends(l, median);
	join_neighbours(l);
	order_layers(l);
	layout_place(l);
}
