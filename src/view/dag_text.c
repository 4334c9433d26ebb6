/*
 * A layered drawing (after Sugiyama, Tagawa and Toda, 1981): each node goes one layer below the
 * lowest node that it depends on, long edges get a bend in every layer they cross, nodes of a layer
 * are ordered by the middle of their neighbours, and then moved towards them as far as their
 * neighbours in the layer let them.
 */
#include <math.h>

#include "base/alloc.h"
#include "base/str.h"
#include "view/dag_int.h"

enum { BOX_HEIGHT = 3, GAP = 3, SPACE = 3, SWEEPS = 8 };

struct node {
	const char *name; /* NULL: a bend of a long edge */
	size_t layer;
	double width, x; /* in columns; x of the middle */
	double order;    /* sort key within the layer */
	size_t position; /* place within the layer */
	VEC(size_t) up, down;
};
VEC_TYPE(nodes, struct node);

struct layer {
	VEC(size_t) members; /* in order from left to right */
};

struct layout {
	struct nodes nodes;
	VEC(struct layer) layers;
};

static void release_layout(struct layout *l)
{
	VEC_EACH (&l->nodes, n) {
		vec_release(&n->up);
		vec_release(&n->down);
	}
	vec_release(&l->nodes);
	VEC_EACH (&l->layers, y)
		vec_release(&y->members);
	vec_release(&l->layers);
}

static void join(struct layout *l, size_t from, size_t to)
{
	*vec_push(&l->nodes.items[from].down) = to;
	*vec_push(&l->nodes.items[to].up) = from;
}

/* Longest path from the top; the graph has no cycle, so at most one round a node. */
static void set_layers(const struct dag *g, struct layout *l, const size_t *local)
{
	for (bool moved = true; moved;) {
		moved = false;
		VEC_EACH (&g->edges, e) {
			if (local[e->from] == SIZE_MAX)
				continue;
			struct node *a = &l->nodes.items[local[e->from]],
				    *b = &l->nodes.items[local[e->to]];
			if (b->layer < a->layer + 1) {
				b->layer = a->layer + 1;
				moved = true;
			}
		}
	}
}

static void add_edges(const struct dag *g, struct layout *l, const size_t *local)
{
	VEC_EACH (&g->edges, e) {
		if (local[e->from] == SIZE_MAX)
			continue;
		size_t from = local[e->from], to = local[e->to];
		for (size_t layer = l->nodes.items[from].layer + 1;
			layer < l->nodes.items[to].layer; layer++) {
			struct node *bend = vec_push(&l->nodes);
			bend->layer = layer;
			bend->width = 1;
			join(l, from, l->nodes.count - 1);
			from = l->nodes.count - 1;
		}
		join(l, from, to);
	}
}

static struct layout *sorting; /* qsort has no context argument; drawing is single-threaded */

static int by_order(const void *a, const void *b)
{
	const struct node *x = &sorting->nodes.items[*(const size_t *)a],
			  *y = &sorting->nodes.items[*(const size_t *)b];
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->position < y->position ? -1 : x->position > y->position;
}

static void number_layer(struct layout *l, struct layer *layer)
{
	for (size_t i = 0; i < layer->members.count; i++)
		l->nodes.items[layer->members.items[i]].position = i;
}

/* Order each layer by the mean position of the neighbours above (or below). */
static void sweep_order(struct layout *l, bool downwards)
{
	for (size_t k = 0; k < l->layers.count; k++) {
		struct layer *layer = &l->layers.items[downwards ? k : l->layers.count - 1 - k];
		VEC_EACH (&layer->members, m) {
			struct node *n = &l->nodes.items[*m];
			size_t count = downwards ? n->up.count : n->down.count;
			const size_t *near = downwards ? n->up.items : n->down.items;
			double sum = 0;
			for (size_t i = 0; i < count; i++)
				sum += (double)l->nodes.items[near[i]].position;
			n->order = count ? sum / (double)count : (double)n->position;
		}
		sorting = l;
		vec_sort(&layer->members, by_order);
		number_layer(l, layer);
	}
}

static void pack(struct layout *l)
{
	VEC_EACH (&l->layers, layer) {
		double x = 0;
		VEC_EACH (&layer->members, m) {
			struct node *n = &l->nodes.items[*m];
			n->x = x + n->width / 2;
			x += n->width + SPACE;
		}
	}
}

static double wanted_x(const struct layout *l, const struct node *n, bool downwards)
{
	size_t count = downwards ? n->up.count : n->down.count;
	const size_t *near = downwards ? n->up.items : n->down.items;
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += l->nodes.items[near[i]].x;
	return count ? sum / (double)count : n->x;
}

/* Move each node towards its neighbours, keeping the order and the space between nodes. */
static void sweep_x(struct layout *l, bool downwards)
{
	for (size_t k = 0; k < l->layers.count; k++) {
		struct layer *layer = &l->layers.items[downwards ? k : l->layers.count - 1 - k];
		size_t n = layer->members.count;
		for (size_t i = n; i-- > 0;) { /* to the right first, from the right end */
			struct node *node = &l->nodes.items[layer->members.items[i]];
			double want = wanted_x(l, node, downwards);
			if (i + 1 < n) {
				const struct node *next =
					&l->nodes.items[layer->members.items[i + 1]];
				want = fmin(
					want, next->x - (next->width + node->width) / 2 - SPACE);
			}
			node->x = fmax(node->x, want);
		}
		for (size_t i = 0; i < n; i++) {
			struct node *node = &l->nodes.items[layer->members.items[i]];
			double want = wanted_x(l, node, downwards);
			if (i > 0) {
				const struct node *before =
					&l->nodes.items[layer->members.items[i - 1]];
				want = fmax(want,
					before->x + (before->width + node->width) / 2 + SPACE);
			}
			node->x = fmin(node->x, want);
		}
	}
}

static void arrange(struct layout *l)
{
	VEC_EACH (&l->nodes, n)
		while (l->layers.count <= n->layer)
			(void)vec_push(&l->layers);
	for (size_t i = 0; i < l->nodes.count; i++)
		*vec_push(&l->layers.items[l->nodes.items[i].layer].members) = i;
	VEC_EACH (&l->layers, layer)
		number_layer(l, layer);
	for (int i = 0; i < SWEEPS; i++)
		sweep_order(l, i % 2 == 0);
	pack(l);
	for (int i = 0; i < SWEEPS; i++)
		sweep_x(l, i % 2 == 0);
}

struct canvas {
	int columns, lines;
	char **cells; /* one UTF-8 character a cell: NULL is a space */
};

static void put(struct canvas *c, int x, int y, const char *s, size_t len)
{
	if (x < 0 || y < 0 || x >= c->columns || y >= c->lines)
		return;
	char **cell = &c->cells[y * c->columns + x];
	free(*cell);
	*cell = mem_strndup(s, len);
}

static void draw_line(struct canvas *c, int x0, int y0, int x1, int y1)
{
	int dx = x1 - x0, dy = y1 - y0, steps = MAX(abs(dx), abs(dy));
	for (int i = 0; i <= steps; i++)
		put(c, x0 + (steps ? (int)nearbyint((double)i * dx / steps) : 0),
			y0 + (steps ? (int)nearbyint((double)i * dy / steps) : 0), "*", 1);
}

static int top_of(const struct node *n)
{
	return (int)n->layer * (BOX_HEIGHT + GAP);
}

static void draw_box(struct canvas *c, const struct node *n, double origin)
{
	int y = top_of(n), left = (int)nearbyint(n->x - n->width / 2 - origin),
	    right = left + (int)n->width - 1;
	for (int x = left; x <= right; x++) {
		bool corner = x == left || x == right;
		put(c, x, y, corner ? "+" : "-", 1);
		put(c, x, y + 2, corner ? "+" : "-", 1);
		put(c, x, y + 1, corner ? "|" : " ", 1);
	}
	size_t len = strlen(n->name);
	int x = left + 2;
	for (size_t at = 0; at < len; x++) {
		size_t start = at;
		(void)str_next_utf8(n->name, len, &at);
		put(c, x, y + 1, n->name + start, at - start);
	}
}

static void draw_edges(
	struct canvas *c, const struct layout *l, const struct node *n, double origin)
{
	int x = (int)nearbyint(n->x - origin);
	if (!n->name) /* through the layer of the boxes */
		draw_line(c, x, top_of(n), x, top_of(n) + BOX_HEIGHT - 1);
	VEC_EACH (&n->down, d) {
		const struct node *to = &l->nodes.items[*d];
		draw_line(c, x, top_of(n) + BOX_HEIGHT, (int)nearbyint(to->x - origin),
			top_of(to) - 1);
	}
}

static void draw(struct buf *out, const struct layout *l)
{
	struct canvas c = {.lines = (int)l->layers.count * (BOX_HEIGHT + GAP) - GAP};
	double left = INFINITY, right = -INFINITY;
	VEC_EACH (&l->nodes, n) {
		left = fmin(left, n->x - n->width / 2);
		right = fmax(right, n->x + n->width / 2);
	}
	double middle = (left + right) /
			2; /* a box of odd width has a column to spare on both sides, as DVC's */
	c.columns = (int)(ceil(right - middle) - floor(left - middle)) + 1;
	c.cells = mem_zalloc((size_t)c.columns * (size_t)c.lines * sizeof(*c.cells));
	VEC_EACH (&l->nodes, n)
		draw_edges(&c, l, n, left);
	VEC_EACH (&l->nodes, n)
		if (n->name)
			draw_box(&c, n, left);
	for (int y = 0; y < c.lines; y++) {
		for (int x = 0; x < c.columns; x++) {
			char *cell = c.cells[y * c.columns + x];
			buf_adds(out, cell ? cell : " ");
			free(cell);
		}
		buf_addc(out, '\n');
	}
	free(c.cells);
}

void dag_draw_text(struct buf *out, const struct dag *g)
{
	size_t count;
	size_t *component = mem_array(NULL, g->names.count + 1, sizeof(*component));
	size_t *local = mem_array(NULL, g->names.count + 1, sizeof(*local));
	dag_components(g, component, &count);
	for (size_t c = 0; c < count; c++) {
		AUTO(release_layout) struct layout l = {0};
		for (size_t i = 0; i < g->names.count; i++) {
			local[i] = SIZE_MAX;
			if (component[i] != c)
				continue;
			local[i] = l.nodes.count;
			struct node *n = vec_push(&l.nodes);
			n->name = g->names.items[i];
			n->width = (double)str_utf8_len(n->name, strlen(n->name)) + 4;
		}
		set_layers(g, &l, local);
		add_edges(g, &l, local);
		arrange(&l);
		draw(out, &l);
	}
	free(component);
	free(local);
}
