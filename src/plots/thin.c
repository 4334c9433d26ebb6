/* Chooses the points of big plots. */
#include "plots/thin.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "plots/points.h"
#include "plots/shape.h"
#include "view/sample.h"

/* Numbers of a series for the sampler; what is no number is a gap. */
static void read_numbers(const struct plot *p, const struct plot_series *s, double *x, double *y)
{
	for (size_t i = 0; i < s->rows->rows; i++) {
		struct plot_cell cell;
		x[i] = s->x_field ? (double)NAN : (double)i;
		if (s->x_field && plot_point_x(p, s, i, &cell) && !plot_cell_number(&cell, &x[i]))
			x[i] = (double)i; /* an axis of texts: in the order of the file */
		if (!plot_point_y(p, s, i, &cell) || !plot_cell_number(&cell, &y[i]))
			y[i] = (double)NAN;
	}
}

static void keep_form(struct arena *a, const struct plot *p, struct plot_series *s, size_t most)
{
	size_t count = s->rows->rows;
	double *x = mem_array(NULL, count, sizeof(*x)), *y = mem_array(NULL, count, sizeof(*y));
	size_t *chosen = mem_array(NULL, most, sizeof(*chosen));
	uint32_t *picked = ARENA_ARRAY(a, uint32_t, most);
	read_numbers(p, s, x, y);
	s->picked_count = sample_points(x, y, count, most, chosen);
	for (size_t i = 0; i < s->picked_count; i++)
		picked[i] = (uint32_t)chosen[i];
	s->picked = picked;
	free(x);
	free(y);
	free(chosen);
}

/* One of each `step` rows. Which one changes from group to group, because rows of files often
 * repeat in some rhythm; the same file always has the same ones. */
static void keep_some(struct arena *a, struct plot_series *s, size_t step)
{
	size_t count = s->rows->rows / step + (s->rows->rows % step != 0);
	uint32_t *picked = ARENA_ARRAY(a, uint32_t, count);
	for (size_t i = 0; i < count; i++) {
		size_t room = MIN(step, s->rows->rows - i * step);
		uint32_t drawn = (uint32_t)i * 2654435769U >> 16; /* Knuth's multiplicative hash */
		picked[i] = (uint32_t)(i * step + drawn % room);
	}
	s->picked = picked;
	s->picked_count = count;
}

static void thin(struct plots *p, struct plot *plot)
{
	enum plot_shape shape = plot_shape(plot);
	bool form = shape == PLOT_SHAPE_LINE;
	size_t limit = shape <= PLOT_SHAPE_SCATTER ? THIN_POINTS : THIN_ROWS, kept = 0;
	if (plot->points <= limit)
		return;
	size_t step = (plot->points + limit - 1) / limit;
	VEC_EACH (&plot->series, s) {
		size_t most = s->rows->rows / step + 2;
		if (s->rows->rows > UINT32_MAX || s->rows->rows <= most)
			continue;
		if (form)
			keep_form(&p->arena, plot, s, most);
		else
			keep_some(&p->arena, s, step);
	}
	VEC_EACH (&plot->series, s)
		kept += plot_series_count(s);
	plot->note = form ? arena_printf(&p->arena,
				    "%zu of %zu points, chosen so that the form of each line stays "
				    "(largest triangles)",
				    kept, plot->points)
			  : arena_printf(&p->arena, "%zu of %zu points: one of %zu", kept,
				    plot->points, step);
}

void plots_thin(struct plots *p)
{
	VEC_EACH (&p->items, plot)
		if (plot->points)
			thin(p, plot);
}
