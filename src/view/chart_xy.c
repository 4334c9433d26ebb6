/* Lines and points on two axes. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "view/chart_int.h"
#include "view/dots.h"

/* Where the plot is, and its scales. */
struct plot {
	struct frame *f;
	struct x_axis x;
	struct y_axis y;
	struct ticks x_ticks, y_ticks;
	int top; /* row of the canvas */
	struct dots dots;
};

static double x_of(const struct chart_series *s, size_t i)
{
	return s->x ? s->x[i] : (double)i;
}

static bool is_drawn(const struct chart_series *s, size_t i)
{
	return isfinite(x_of(s, i)) && isfinite(s->y[i]);
}

/* ---- scales ---- */

static void find_extents(struct frame *f, struct extent *x, struct extent *y)
{
	for (size_t k = 0; k < f->chart->series_count; k++) {
		const struct chart_series *s = &f->chart->series[k];
		for (size_t i = 0; i < s->count; i++) {
			if (is_drawn(s, i)) {
				extent_add(x, x_of(s, i));
				extent_add(y, s->y[i]);
			} else {
				f->skipped++;
			}
		}
	}
}

static void plan(struct plot *p)
{
	struct frame *f = p->f;
	struct extent x = EXTENT_INIT, y = EXTENT_INIT;
	int x_title = is_shown(f->chart->x_label), y_title = is_shown(f->chart->y_label);
	find_extents(f, &x, &y);

	p->top = y_title;
	p->y = (struct y_axis){.height = MAX(f->height - 2 - x_title - y_title, 2),
		.names = &f->chart->y_categories};
	y_axis_ticks(&p->y, &y, f->width / 3, &p->y_ticks);

	int left = p->y.label_width ? p->y.label_width + 2 : 1;
	p->x = (struct x_axis){left, MAX(f->width - left, 1), &f->chart->categories};
	x_axis_ticks(&p->x, &x, &p->x_ticks);
	f->legend_row = p->top;
}

/* Dots of a value. The ticks of an axis are in the middle of cells. */
static int dot_x(const struct plot *p, double value)
{
	return (int)lround(ticks_place(&p->x_ticks, value) * (p->x.width - 1) * DOTS_X + 0.4);
}

static int dot_y(const struct plot *p, double value)
{
	double down = 1 - ticks_place(&p->y_ticks, value);
	return (int)lround(down * (p->y.height - 1) * DOTS_Y + 1.4);
}

/* ---- lines ---- */

struct order {
	const struct chart_series *series;
	size_t *at; /* indexes of points in the order of x, stable */
};

static int by_x(const void *a, const void *b, void *series)
{
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	double x = x_of(series, i), y = x_of(series, k);
	if (x != y && !isnan(x) && !isnan(y))
		return x < y ? -1 : 1;
	if (isnan(x) != isnan(y))
		return isnan(x) ? 1 : -1;
	return i < k ? -1 : i > k;
}

/* The order of the points; the caller frees it. */
static size_t *order_of(const struct chart_series *s)
{
	size_t *at = mem_array(NULL, s->count + 1, sizeof(*at));
	bool sorted = true;
	for (size_t i = 0; i < s->count; i++) {
		at[i] = i;
		sorted = sorted && (!i || x_of(s, i - 1) <= x_of(s, i));
	}
	if (!sorted)
		sort_array_with(at, s->count, sizeof(*at), by_x, (void *)(uintptr_t)s);
	return at;
}

/* Marks along a line, in columns that differ from those of other lines. */
struct marks {
	const struct plot *plot;
	struct mark mark;
	struct ink ink;
	int gap, next; /* columns between two (0: only points that stand alone have one), and the
			* column of the next one */
};

static void draw_mark(const struct marks *m, int x, int y)
{
	canvas_put(&m->plot->f->canvas, m->plot->x.x + x / DOTS_X, m->plot->top + y / DOTS_Y,
		m->mark.ch, m->mark.ascii, m->ink);
}

/* Marks on a piece of the line between two dots. */
static void mark_piece(struct marks *m, int x0, int y0, int x1, int y1)
{
	for (; m->next <= x1 / DOTS_X; m->next += m->gap) {
		int x = m->next * DOTS_X;
		if (x < x0 / DOTS_X * DOTS_X)
			continue;
		int y = x1 == x0 ? y1
				 : y0 + (int)lround(
						(double)(y1 - y0) * (MAX(x, x0) - x0) / (x1 - x0));
		draw_mark(m, x, y);
	}
}

/* Walk over the points of a line: its dots, or with `marks` the marks on it. */
static void walk_line(struct plot *p, size_t series, const struct pen *pen, struct marks *marks)
{
	const struct chart_series *s = &p->f->chart->series[series];
	AUTO(mem_freep) size_t *order = order_of(s);
	bool inside = false; /* is there a point before this one? */
	int last_x = 0, last_y = 0;

	for (size_t n = 0; n < s->count; n++) {
		size_t i = order[n];
		if (!is_drawn(s, i)) {
			inside = false;
			continue;
		}
		int x = dot_x(p, x_of(s, i)), y = dot_y(p, s->y[i]);
		bool alone = !inside && (n + 1 == s->count || !is_drawn(s, order[n + 1]));
		if (marks && (alone || (n + 1 == s->count && marks->gap)))
			draw_mark(marks, x, y);
		else if (marks && inside && marks->gap)
			mark_piece(marks, last_x, last_y, x, y);
		else if (!marks)
			dots_line(&p->dots, inside ? last_x : x, inside ? last_y : y, x, y, pen);
		last_x = x;
		last_y = y;
		inside = true;
	}
}

static void draw_lines(struct plot *p)
{
	struct frame *f = p->f;
	size_t count = f->chart->series_count;
	int shared = (int)MIN(count, 50), gap = count > 1 ? MAX(12, shared * 3) : 0;
	for (size_t i = 0; i < count; i++) {
		struct pen pen = {frame_series_ink(f, i), chart_mark(i).ascii};
		walk_line(p, i, &pen, NULL);
	}
	dots_blit(&p->dots, &f->canvas, p->x.x, p->top);

	for (size_t i = 0; i < count; i++) {
		struct marks m = {p, chart_mark(i), frame_series_ink(f, i), gap,
			gap * (int)(i % 50) / shared + 2};
		walk_line(p, i, NULL, &m);
	}
}

/* ---- points ---- */

/* Dots show more of many points, but are hard to see when they are few, and have no marks. */
static bool in_dots(const struct frame *f)
{
	enum { MANY = 300 };
	size_t n = 0;
	for (size_t i = 0; i < f->chart->series_count; i++)
		n += f->chart->series[i].count;
	return f->unicode && n > MANY && (f->chart->series_count == 1 || f->colors != CANVAS_PLAIN);
}

static void draw_points(struct plot *p)
{
	struct frame *f = p->f;
	bool dots = in_dots(f);
	for (size_t k = 0; k < f->chart->series_count; k++) {
		const struct chart_series *s = &f->chart->series[k];
		struct marks m = {p, chart_mark(k), frame_series_ink(f, k), 0, 0};
		struct pen pen = {m.ink, m.mark.ascii};
		for (size_t i = 0; i < s->count; i++) {
			if (!is_drawn(s, i))
				continue;
			int x = dot_x(p, x_of(s, i)), y = dot_y(p, s->y[i]);
			if (dots)
				dots_set(&p->dots, x, y, &pen);
			else
				draw_mark(&m, x, y);
		}
	}
	dots_blit(&p->dots, &f->canvas, p->x.x, p->top);
}

/* ---- the whole ---- */

static void draw_axes(struct plot *p)
{
	struct frame *f = p->f;
	int axis = p->top + p->y.height;
	y_axis_draw(f, &p->y, &p->y_ticks, p->top);
	x_axis_draw(f, &p->x, &p->x_ticks, axis);
	if (is_shown(f->chart->y_label))
		(void)canvas_text(&f->canvas, 0, 0, f->width, CANVAS_LEFT, f->chart->y_label,
			(struct ink){.bold = true});
	if (is_shown(f->chart->x_label))
		(void)canvas_text(&f->canvas, p->x.x, axis + 2, p->x.width, CANVAS_MIDDLE,
			f->chart->x_label, (struct ink){.bold = true});
}

void chart_draw_xy(struct frame *f)
{
	struct plot p = {.f = f};
	plan(&p);
	frame_begin(f, p.top + p.y.height + 2 + is_shown(f->chart->x_label));
	dots_init(&p.dots, p.x.width, p.y.height);

	draw_axes(&p);
	if (f->chart->kind == CHART_LINE)
		draw_lines(&p);
	else
		draw_points(&p);
	dots_release(&p.dots);
}
