/* Matrices of counts for plots/terminal.h: confusion matrices, and heat maps of numbers in bins. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plots/drawing.h"
#include "plots/shape.h"
#include "view/ticks.h"

enum {
	BINS = 10,      /* of each axis of a heat map, about */
	NAMES_MAX = 100 /* of each axis of a matrix; the others are not drawn */
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The texts of an axis in all series, sorted. */
static void collect_names(const struct drawing *d, bool is_x, struct texts *out)
{
	VEC_EACH (&d->plot->series, s)
		for (size_t i = 0; i < plot_series_count(s); i++) {
			struct plot_cell cell;
			size_t row = plot_series_row(s, i);
			if (is_x ? plot_point_x(d->plot, s, row, &cell)
				 : plot_point_y(d->plot, s, row, &cell))
				(void)texts_number(out, &cell);
		}
	vec_sort(&out->items, by_text);
	for (size_t i = 0; i < out->items.count; i++)
		(void)map_set(&out->numbers, out->items.items[i], (void *)(uintptr_t)(i + 1));
}

/* Divide each row by its sum. */
static void normalize(double *cells, size_t rows, size_t columns)
{
	for (size_t r = 0; r < rows; r++) {
		double sum = 0;
		for (size_t c = 0; c < columns; c++)
			sum += cells[r * columns + c];
		for (size_t c = 0; c < columns && sum > 0; c++)
			cells[r * columns + c] /= sum;
	}
}

static void add_matrix(struct drawing *d, const struct plot_series *s, double *cells, size_t count)
{
	*vec_push(&d->series) = (struct chart_series){
		.name = d->plot->revs.count > 1 || plot_varied(d->plot) ? drawing_series_name(d, s)
									: NULL,
		.y = cells,
		.count = count};
}

/* The names of an axis, at most NAMES_MAX of them. They live in the arena. */
static struct chart_names axis_names(struct drawing *d, const struct texts *texts)
{
	size_t count = MIN(texts->items.count, (size_t)NAMES_MAX);
	const char **names = ARENA_ARRAY(d->arena, const char *, count);
	for (size_t i = 0; i < count; i++)
		names[i] = texts->items.items[i];
	return (struct chart_names){names, count};
}

static void count_pairs(const struct drawing *d, const struct plot_series *s, struct texts *xs,
	struct texts *ys, double *cells)
{
	size_t columns = d->chart.categories.count, rows = d->chart.y_categories.count;
	for (size_t i = 0; i < plot_series_count(s); i++) {
		struct plot_cell x, y;
		size_t row = plot_series_row(s, i);
		if (!plot_point_x(d->plot, s, row, &x) || !plot_point_y(d->plot, s, row, &y))
			continue;
		size_t c = texts_number(xs, &x), r = texts_number(ys, &y);
		if (c < columns && r < rows)
			cells[r * columns + c]++;
	}
}

void drawing_add_matrices(struct drawing *d)
{
	AUTO(texts_release) struct texts xs = {.arena = d->arena}, ys = {.arena = d->arena};
	collect_names(d, true, &xs);
	collect_names(d, false, &ys);
	d->chart.kind = CHART_HEAT;
	d->chart.normalized = plot_is_normalized(d->plot);
	d->chart.categories = axis_names(d, &xs);
	d->chart.y_categories = axis_names(d, &ys);

	size_t columns = d->chart.categories.count, rows = d->chart.y_categories.count;
	VEC_EACH (&d->plot->series, s) {
		double *cells = ARENA_ARRAY(d->arena, double, rows *columns);
		count_pairs(d, s, &xs, &ys, cells);
		if (d->chart.normalized)
			normalize(cells, rows, columns);
		add_matrix(d, s, cells, rows * columns);
	}
}

/* ---- Heat maps ---- */

/* One axis in bins; bin i begins at tick i. */
struct bins {
	struct ticks ticks;
	size_t count;
};

static bool number_of(
	const struct drawing *d, const struct plot_series *s, size_t row, bool is_x, double *out)
{
	struct plot_cell cell;
	if (is_x && !s->x_field) {
		*out = (double)row;
		return true;
	}
	bool there = is_x ? plot_point_x(d->plot, s, row, &cell)
			  : plot_point_y(d->plot, s, row, &cell);
	return there && plot_cell_number(&cell, out) && isfinite(*out);
}

static void make_bins(const struct drawing *d, bool is_x, struct bins *out)
{
	struct extent range = EXTENT_INIT;
	double number;
	VEC_EACH (&d->plot->series, s)
		for (size_t i = 0; i < plot_series_count(s); i++)
			if (number_of(d, s, plot_series_row(s, i), is_x, &number))
				extent_add(&range, number);
	if (extent_is_empty(&range))
		extent_add(&range, 0);
	ticks_init(&out->ticks, &range, BINS, true);
	out->count = (size_t)(out->ticks.count > 1 ? out->ticks.count - 1 : 1);
}

static struct chart_names bin_names(struct drawing *d, const struct bins *b, bool downwards)
{
	const char **names = ARENA_ARRAY(d->arena, const char *, b->count);
	for (size_t i = 0; i < b->count; i++) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		ticks_add(&text, &b->ticks, ticks_at(&b->ticks, (int)i));
		names[downwards ? b->count - 1 - i : i] = arena_strdup(d->arena, buf_str(&text));
	}
	return (struct chart_names){names, b->count};
}

static size_t bin_of(const struct bins *b, double number)
{
	size_t bin = (size_t)(ticks_place(&b->ticks, number) * (double)b->count);
	return MIN(bin, b->count - 1);
}

/* The largest y is above, as on any axis; an empty bin is left blank. */
static void count_bins(const struct drawing *d, const struct plot_series *s, const struct bins *xs,
	const struct bins *ys, double *cells)
{
	for (size_t i = 0; i < xs->count * ys->count; i++)
		cells[i] = (double)NAN;
	for (size_t i = 0; i < plot_series_count(s); i++) {
		double x, y;
		size_t row = plot_series_row(s, i);
		if (!number_of(d, s, row, true, &x) || !number_of(d, s, row, false, &y))
			continue;
		double *cell = &cells[(ys->count - 1 - bin_of(ys, y)) * xs->count + bin_of(xs, x)];
		*cell = isnan(*cell) ? 1 : *cell + 1;
	}
}

void drawing_add_heatmaps(struct drawing *d)
{
	struct bins xs, ys;
	make_bins(d, true, &xs);
	make_bins(d, false, &ys);
	d->chart.kind = CHART_HEAT;
	d->chart.categories = bin_names(d, &xs, false);
	d->chart.y_categories = bin_names(d, &ys, true);
	VEC_EACH (&d->plot->series, s) {
		double *cells = ARENA_ARRAY(d->arena, double, xs.count *ys.count);
		count_bins(d, s, &xs, &ys, cells);
		add_matrix(d, s, cells, xs.count * ys.count);
	}
}
