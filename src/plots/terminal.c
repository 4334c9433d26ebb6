/* Passes the series of a plot to the chart that its template stands for. */
#include "plots/terminal.h"

#include <math.h>

#include "plots/drawing.h"
#include "plots/shape.h"

/* ---- Numbers ---- */

static bool is_name(const struct plot_cell *c)
{
	double number;
	const char *text = c->value ? value_str(c->value) : c->len ? c->text : NULL;
	return text && *text && !plot_cell_number(c, &number);
}

/* Is there a cell on the x axis that is a text and no number? Then the axis has names. */
static bool x_is_named(const struct plot *p)
{
	VEC_EACH (&p->series, s)
		for (size_t i = 0; s->x_field && i < plot_series_count(s); i++) {
			struct plot_cell cell;
			if (plot_point_x(p, s, plot_series_row(s, i), &cell) && is_name(&cell))
				return true;
		}
	return false;
}

static double x_of(
	const struct drawing *d, const struct plot_series *s, size_t row, struct texts *names)
{
	struct plot_cell cell;
	double x = (double)NAN;
	if (!s->x_field)
		return (double)row;
	if (!plot_point_x(d->plot, s, row, &cell))
		return x;
	if (names)
		return (double)texts_number(names, &cell);
	(void)plot_cell_number(&cell, &x);
	return x;
}

static double y_of(const struct drawing *d, const struct plot_series *s, size_t row)
{
	struct plot_cell cell;
	double y = (double)NAN;
	if (plot_point_y(d->plot, s, row, &cell) && !plot_cell_number(&cell, &y))
		y = (double)NAN;
	return y;
}

static struct chart_series *add_series(struct drawing *d, const struct plot_series *s,
	const double *x, const double *y, size_t count)
{
	struct chart_series *out = vec_push(&d->series);
	*out = (struct chart_series){.name = drawing_series_name(d, s),
		.color = drawing_series_color(d, s),
		.x = x,
		.y = y,
		.count = count};
	return out;
}

/* Lines, points; with `names` the texts of the x axis. */
static void add_points(struct drawing *d, struct texts *names)
{
	VEC_EACH (&d->plot->series, s) {
		size_t count = plot_series_count(s);
		double *x = ARENA_ARRAY(d->arena, double, count);
		double *y = ARENA_ARRAY(d->arena, double, count);
		for (size_t i = 0; i < count; i++) {
			x[i] = x_of(d, s, plot_series_row(s, i), names);
			y[i] = y_of(d, s, plot_series_row(s, i));
		}
		double area;
		const char *measure = plot_area(d->plot, x, y, count, &area);
		struct chart_series *added = add_series(d, s, x, y, count);
		if (measure)
			added->name = arena_printf(
				d->arena, "%s %s %.3f", added->name, measure, area);
	}
}

/* Histograms and boxes: the values alone. */
static void add_values(struct drawing *d)
{
	VEC_EACH (&d->plot->series, s) {
		size_t count = plot_series_count(s);
		double *y = ARENA_ARRAY(d->arena, double, count);
		for (size_t i = 0; i < count; i++)
			y[i] = y_of(d, s, plot_series_row(s, i));
		add_series(d, s, NULL, y, count);
	}
}

/* Bars: y is the name of a bar and x its length. Of several rows with one name the last counts. */
static void add_bars(struct drawing *d, struct texts *names)
{
	VEC_EACH (&d->plot->series, s)
		for (size_t i = 0; i < plot_series_count(s); i++) {
			struct plot_cell cell;
			if (plot_point_y(d->plot, s, plot_series_row(s, i), &cell))
				(void)texts_number(names, &cell);
		}
	VEC_EACH (&d->plot->series, s) {
		double *length = ARENA_ARRAY(d->arena, double, names->items.count);
		for (size_t i = 0; i < names->items.count; i++)
			length[i] = (double)NAN;
		for (size_t i = 0; i < plot_series_count(s); i++) {
			struct plot_cell cell;
			size_t row = plot_series_row(s, i);
			if (plot_point_y(d->plot, s, row, &cell))
				length[texts_number(names, &cell)] = x_of(d, s, row, NULL);
		}
		add_series(d, s, NULL, length, names->items.count);
	}
}

/* One line for each row: its y of all series of the revision, which are the axes. */
static void add_lines(struct drawing *d)
{
	const struct plot *p = d->plot;
	size_t axes = p->ys.count;
	const char **names = ARENA_ARRAY(d->arena, const char *, axes);
	for (size_t i = 0; i < axes; i++)
		names[i] = p->ys.items[i].field;

	for (size_t first = 0; first + axes <= p->series.count; first += axes) {
		const struct plot_series *s = &p->series.items[first];
		for (size_t i = 0; i < plot_series_count(s); i++) {
			double *y = ARENA_ARRAY(d->arena, double, axes);
			for (size_t axis = 0; axis < axes; axis++)
				y[axis] = y_of(d, &s[axis], plot_series_row(s, i));
			*vec_push(&d->series) = (struct chart_series){.y = y, .count = axes};
		}
	}
	d->chart.kind = CHART_PARALLEL;
	d->chart.color_by_last = true;
	d->chart.x_label = d->chart.y_label = NULL;
	d->chart.categories = (struct chart_names){names, axes};
}

static void add_data(struct drawing *d, enum plot_shape shape, struct texts *names)
{
	struct chart *c = &d->chart;
	switch (shape) {
	case PLOT_SHAPE_BARS:
		c->kind = CHART_BARS;
		c->sorted = plot_is_sorted(d->plot);
		add_bars(d, names);
		break;
	case PLOT_SHAPE_MATRIX:
		drawing_add_matrices(d);
		return;
	case PLOT_SHAPE_HEATMAP:
		drawing_add_heatmaps(d);
		return;
	case PLOT_SHAPE_PARALLEL:
		add_lines(d);
		return;
	case PLOT_SHAPE_HISTOGRAM:
	case PLOT_SHAPE_BOX:
		c->kind = shape == PLOT_SHAPE_BOX ? CHART_BOX : CHART_HISTOGRAM;
		c->x_label = d->plot->y_label;
		c->y_label = NULL;
		add_values(d);
		return;
	default:
		c->kind = shape == PLOT_SHAPE_SCATTER ? CHART_SCATTER : CHART_LINE;
		add_points(d, x_is_named(d->plot) ? names : NULL);
	}
	c->categories = (struct chart_names){names->items.items, names->items.count};
}

void plot_draw(struct buf *out, const struct plot *p, const struct chart_style *style)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct drawing d = {.plot = p, .arena = &a};
	AUTO(texts_release) struct texts names = {.arena = &a};
	d.chart = (struct chart){.title = p->title, .x_label = p->x_label, .y_label = p->y_label};
	add_data(&d, plot_shape(p), &names);
	d.chart.series = d.series.items;
	d.chart.series_count = d.series.count;
	chart_draw(out, &d.chart, style);
	vec_release(&d.series);
}
