/* Parallel coordinates: vertical axes side by side, and a line through them for each series. */
#include <math.h>

#include "base/alloc.h"
#include "view/chart_int.h"
#include "view/dots.h"

struct parallel {
	size_t axes;          /* drawn */
	struct extent *range; /* of each axis */
	int height;           /* rows of the axes */
	int top;
	int gap;  /* columns from one axis to the next */
	int left; /* column of the first axis */
};

static const struct chart_names *names_of(const struct frame *f, size_t axis)
{
	const struct chart_names *all = f->chart->axis_names;
	return all && all[axis].count ? &all[axis] : NULL;
}

static size_t axis_count(const struct chart *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->series_count; i++)
		n = MAX(n, c->series[i].count);
	return c->categories.count ? c->categories.count : n;
}

static void find_ranges(struct frame *f, struct parallel *p, size_t axes)
{
	p->range = mem_array(NULL, axes, sizeof(*p->range));
	for (size_t a = 0; a < axes; a++) {
		p->range[a] = EXTENT_INIT;
		for (size_t i = 0; i < f->chart->series_count; i++) {
			const struct chart_series *s = &f->chart->series[i];
			if (a < s->count)
				extent_add(&p->range[a], s->y[a]);
		}
	}
	for (size_t i = 0; i < f->chart->series_count; i++)
		for (size_t a = 0; a < MIN(axes, f->chart->series[i].count); a++)
			f->skipped += isinf(f->chart->series[i].y[a]) != 0;
}

static void plan(struct frame *f, struct parallel *p)
{
	enum { LEAST = 10 }; /* columns for one axis */
	size_t axes = axis_count(f->chart);
	p->axes = MIN(axes, (size_t)MAX(f->width / LEAST, 2));
	find_ranges(f, p, axes);
	if (p->axes < axes) {
		strlist_addf(&f->remarks, "not drawn: %zu of %zu axes", axes - p->axes, axes);
		p->range[p->axes - 1] = p->range[axes - 1]; /* the last one is kept */
	}

	p->height = MAX(f->height - 3, 3);
	p->top = 2;
	/* the texts of an axis are around it */
	p->gap = p->axes > 1 ? MAX(f->width / (int)p->axes, 2) : 0;
	p->left = p->gap / 2;
	f->legend_row = p->top;
}

/* The index in the data of an axis that is drawn. */
static size_t data_index(const struct frame *f, const struct parallel *p, size_t axis)
{
	return axis + 1 == p->axes ? axis_count(f->chart) - 1 : axis;
}

/* The place of a value on an axis: 0 at the lower end. A constant is in the middle. */
static double place(const struct extent *e, double value)
{
	if (e->hi - e->lo <= 0)
		return 0.5;
	return fmin(fmax((value - e->lo) / (e->hi - e->lo), 0), 1);
}

static struct ink line_ink(const struct frame *f, const struct parallel *p, size_t series)
{
	/* from low to high, readable on black and on white */
	static const uint32_t stops[] = {0x7a5cd0, 0x4299e1, 0x13adc7, 0x48bb78, 0xe0a020};
	const struct chart_series *s = &f->chart->series[series];
	size_t last = axis_count(f->chart) - 1;
	if (!f->chart->color_by_last || last >= s->count || !isfinite(s->y[last]))
		return frame_series_ink(f, series);
	double share = place(&p->range[p->axes - 1], s->y[last]);
	return (struct ink){.fg = INK_RGB(stops[MIN((size_t)(share * 5), (size_t)4)])};
}

static void draw_line(struct frame *f, const struct parallel *p, struct dots *d, size_t series)
{
	const struct chart_series *s = &f->chart->series[series];
	struct pen pen = {line_ink(f, p, series), chart_mark(series).ascii};
	bool inside = false;
	int last_x = 0, last_y = 0;

	for (size_t a = 0; a < p->axes; a++) {
		size_t i = data_index(f, p, a);
		if (i >= s->count || !isfinite(s->y[i])) {
			inside = false;
			continue;
		}
		int x = (p->left + (int)a * p->gap) * DOTS_X;
		double down = 1 - place(&p->range[a], s->y[i]);
		int y = (int)lround(down * (p->height - 1) * DOTS_Y + 1.4);
		dots_line(d, inside ? last_x : x, inside ? last_y : y, x, y, &pen);
		last_x = x;
		last_y = y;
		inside = true;
	}
}

/* The marks of a series where its line meets the axes. */
static void draw_marks(struct frame *f, const struct parallel *p, size_t series)
{
	const struct chart_series *s = &f->chart->series[series];
	struct mark mark = chart_mark(series);
	for (size_t a = 0; a < p->axes; a++) {
		size_t i = data_index(f, p, a);
		if (i >= s->count || !isfinite(s->y[i]))
			continue;
		double down = 1 - place(&p->range[a], s->y[i]);
		canvas_put(&f->canvas, p->left + (int)a * p->gap,
			p->top + (int)lround(down * (p->height - 1)), mark.ch, mark.ascii,
			line_ink(f, p, series));
	}
}

/* A value of an axis, centred over or under it. */
static void draw_value(struct frame *f, const struct parallel *p, size_t axis, double value, int y)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const struct chart_names *names = names_of(f, data_index(f, p, axis));
	if (!isfinite(value))
		return;
	if (names && value >= 0 && value < (double)names->count)
		buf_adds(&text, names_at(names, (size_t)value));
	else
		ticks_add_short(&text, value);
	int width = MAX(p->gap - 1, 1);
	(void)canvas_text(&f->canvas, p->left + (int)axis * p->gap - width / 2, y, width,
		CANVAS_MIDDLE, buf_str(&text), frame_label_ink());
}

static void draw_axis(struct frame *f, const struct parallel *p, size_t axis)
{
	int x = p->left + (int)axis * p->gap, width = p->gap ? p->gap - 1 : f->width;
	const char *name = names_at(&f->chart->categories, data_index(f, p, axis));
	(void)canvas_text(&f->canvas, x - width / 2, 0, width, CANVAS_MIDDLE, name,
		(struct ink){.bold = true});
	for (int y = 0; y < p->height; y++)
		canvas_put(&f->canvas, x, p->top + y, 0x2502, '|', frame_axis_ink());
	draw_value(f, p, axis, p->range[axis].hi, 1);
	draw_value(f, p, axis, p->range[axis].lo, p->top + p->height);
}

void chart_draw_parallel(struct frame *f)
{
	struct parallel p = {0};
	struct dots d;
	plan(f, &p);
	frame_begin(f, p.height + 3);
	dots_init(&d, f->width, p.height);

	for (size_t a = 0; a < p.axes; a++)
		draw_axis(f, &p, a);
	for (size_t i = 0; i < f->chart->series_count; i++)
		draw_line(f, &p, &d, i);
	dots_blit(&d, &f->canvas, 0, p.top);
	for (size_t i = 0; chart_has_marks(f->chart) && i < f->chart->series_count; i++)
		draw_marks(f, &p, i);
	dots_release(&d);
	mem_freep(&p.range);
}
