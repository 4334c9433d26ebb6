/* Draws boxes and lines of characters. Coordinates are rounded to the nearest cell, halves to the
 * even one as in Python, so that drawings equal DVC's. */
#include <math.h>

#include "base/alloc.h"
#include "base/str.h"
#include "view/dag_int.h"
#include "view/dag_layout.h"

struct point {
	double x, y;
};

struct canvas {
	int columns, lines;
	double left, top; /* coordinates of the layout at the first cell */
	uint32_t *cells;  /* code points; 0: blank */
};

/* Parts outside of the canvas are dropped: rounding may exceed it by one cell. */
static void put(struct canvas *c, int x, int y, uint32_t what)
{
	if (x >= 0 && y >= 0 && x < c->columns && y < c->lines)
		c->cells[(size_t)y * (size_t)c->columns + (size_t)x] = what;
}

/* `done` of `all` steps along one axis: the steps along the other axis, of `delta`. */
static int part_of(int done, int delta, int all)
{
	return all ? (int)nearbyint((double)done * delta / all) : 0;
}

/* One cell per step along the longer axis, always from left to right or from the top down: the
 * direction decides how halves are rounded. */
static void draw_line(struct canvas *c, int x0, int y0, int x1, int y1)
{
	if (x0 > x1) {
		int x = x0, y = y0;
		x0 = x1, y0 = y1;
		x1 = x, y1 = y;
	}
	int dx = x1 - x0, dy = y1 - y0;
	if (dx >= abs(dy)) {
		for (int x = x0; x <= x1; x++)
			put(c, x, y0 + part_of(x - x0, dy, dx), '*');
	} else if (dy > 0) {
		for (int y = y0; y <= y1; y++)
			put(c, x0 + part_of(y - y0, dx, dy), y, '*');
	} else {
		for (int y = y1; y <= y0; y++)
			put(c, x1 + part_of(y - y1, dx, dy), y, '*');
	}
}

static int column(const struct canvas *c, double x)
{
	return (int)nearbyint(x - c->left);
}

static int line(const struct canvas *c, double y)
{
	return (int)nearbyint(y - c->top);
}

static void draw_box(struct canvas *c, const struct layout_node *n)
{
	int left = column(c, n->x - n->width / 2.0), right = left + n->width - 1;
	int top = line(c, n->y);
	for (int x = left; x <= right; x++) {
		bool corner = x == left || x == right;
		put(c, x, top, corner ? '+' : '-');
		put(c, x, top + 1, corner ? '|' : ' ');
		put(c, x, top + 2, corner ? '+' : '-');
	}
	size_t len = strlen(n->name);
	int x = left + 2;
	for (size_t at = 0; at < len; x++)
		put(c, x, top + 1, str_next_utf8(n->name, len, &at));
}

/* The point where the line from the middle of a box to `to` leaves the box. As in grandalf, the box
 * extends one line and half its width, rounded down, to both sides. */
static struct point leave_box(const struct layout_node *n, struct point to)
{
	double dx = to.x - n->x, dy = to.y - n->y;
	const long half_width = (long)n->width / 2, half_height = BOX_HEIGHT / 2;
	double half = (double)half_width, up = (double)half_height;

	/* which side does the line cross: left or right, or top or bottom? */
	double t = fabs(dx) * up > fabs(dy) * half ? half / fabs(dx) : up / fabs(dy);
	return (struct point){n->x + t * dx, n->y + t * dy};
}

VEC_TYPE(points, struct point);

static struct point middle(const struct layout *l, size_t node)
{
	return (struct point){l->nodes.items[node].x, l->nodes.items[node].y};
}

/* All points of an edge, in the direction of the edge in the graph. */
static void route(const struct layout *l, const struct layout_edge *e, struct points *out)
{
	size_t first = e->turned ? e->to : e->from, last = e->turned ? e->from : e->to;

	out->count = 0;
	*vec_push(out) = middle(l, first);
	for (size_t i = 0; i < e->bends; i++)
		*vec_push(out) = middle(l, e->first_bend + (e->turned ? e->bends - 1 - i : i));
	*vec_push(out) = middle(l, last);

	/* computed before either is replaced: an edge without bends has only these two points */
	size_t n = out->count;
	struct point start = leave_box(&l->nodes.items[first], out->items[1]);
	struct point end = leave_box(&l->nodes.items[last], out->items[n - 2]);

	out->items[0] = start;
	out->items[n - 1] = end;
}

struct extent {
	double left, right, top, bottom;
};

static void include(struct extent *e, double x, double y)
{
	e->left = fmin(e->left, x);
	e->right = fmax(e->right, x);
	e->top = fmin(e->top, y);
	e->bottom = fmax(e->bottom, y);
}

/* The extent of all boxes and lines. `points` is scratch memory. */
static struct extent extent_of(const struct layout *l, struct points *points)
{
	struct extent e = {INFINITY, -INFINITY, INFINITY, -INFINITY};
	VEC_EACH (&l->nodes, n)
		if (n->name) {
			include(&e, n->x - n->width / 2.0, n->y);
			include(&e, n->x + n->width / 2.0, n->y + BOX_HEIGHT);
		}

	VEC_EACH (&l->edges, edge) {
		route(l, edge, points);
		VEC_EACH (points, p)
			include(&e, p->x, p->y);
	}
	return e;
}

static void print(struct buf *out, const struct canvas *c)
{
	for (int y = 0; y < c->lines; y++) {
		const uint32_t *row = c->cells + (size_t)y * (size_t)c->columns;
		for (int x = 0; x < c->columns; x++)
			buf_utf8(out, row[x] ? row[x] : ' ');
		buf_addc(out, '\n');
	}
}

static void draw(struct buf *out, const struct layout *l)
{
	struct points points = {0};
	struct extent e = extent_of(l, &points);
	struct canvas c = {.columns = (int)(ceil(e.right) - floor(e.left)) + 1,
		.lines = (int)nearbyint(e.bottom - e.top),
		.left = e.left,
		.top = e.top};
	c.cells = mem_zalloc((size_t)c.columns * (size_t)c.lines * sizeof(*c.cells));

	VEC_EACH (&l->edges, edge) {
		route(l, edge, &points);
		for (size_t i = 1; i < points.count; i++)
			draw_line(&c, column(&c, points.items[i - 1].x),
				line(&c, points.items[i - 1].y), column(&c, points.items[i].x),
				line(&c, points.items[i].y));
	}

	VEC_EACH (&l->nodes, n)
		if (n->name)
			draw_box(&c, n); /* the boxes cover the ends of the lines */

	print(out, &c);
	free(c.cells);
	vec_release(&points);
}

void dag_draw_text(struct buf *out, const struct dag *g)
{
	size_t count;
	size_t *component = mem_array(NULL, g->names.count + 1, sizeof(*component));
	dag_components(g, component, &count);
	for (size_t i = 0; i < count; i++) {
		AUTO(layout_release) struct layout l = LAYOUT_INIT;
		layout_make(&l, g, component, i);
		draw(out, &l);
	}
	free(component);
}
