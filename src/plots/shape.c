/* What the templates draw, and whether the data are fit for it. */
#include "plots/shape.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "plots/points.h"
#include "view/templates.h"

enum plot_shape plot_shape(const struct plot *p)
{
	static const struct {
		const char *template;
		enum plot_shape shape;
	} shapes[] = {{"linear", PLOT_SHAPE_LINE}, {"smooth", PLOT_SHAPE_LINE},
		{"simple", PLOT_SHAPE_LINE}, {"roc", PLOT_SHAPE_LINE},
		{"precision_recall", PLOT_SHAPE_LINE}, {"scatter", PLOT_SHAPE_SCATTER},
		{"scatter_jitter", PLOT_SHAPE_SCATTER}, {"experiments", PLOT_SHAPE_SCATTER},
		{"experiments_nominal", PLOT_SHAPE_SCATTER}, {"bar_horizontal", PLOT_SHAPE_BARS},
		{"bar_horizontal_sorted", PLOT_SHAPE_BARS}, {"confusion", PLOT_SHAPE_MATRIX},
		{"confusion_normalized", PLOT_SHAPE_MATRIX}, {"heatmap", PLOT_SHAPE_HEATMAP},
		{"histogram", PLOT_SHAPE_HISTOGRAM}, {"box", PLOT_SHAPE_BOX},
		{"parallel", PLOT_SHAPE_PARALLEL}};
	const char *name = p->template ? p->template : TEMPLATE_DEFAULT;
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		if (strcmp(shapes[i].template, name) == 0)
			return shapes[i].shape;
	return PLOT_SHAPE_OTHER;
}

bool plot_is_sorted(const struct plot *p)
{
	return p->template && strcmp(p->template, "bar_horizontal_sorted") == 0;
}

bool plot_is_normalized(const struct plot *p)
{
	return p->template && strcmp(p->template, "confusion_normalized") == 0;
}

const char *plot_area(
	const struct plot *p, const double *x, const double *y, size_t count, double *out_area)
{
	bool roc = p->template && strcmp(p->template, "roc") == 0;
	bool recall = p->template && strcmp(p->template, "precision_recall") == 0;
	double area = 0, last_x = (double)NAN, last_y = 0;
	for (size_t i = 0; (roc || recall) && i < count; i++) {
		if (!isfinite(x[i]) || !isfinite(y[i]))
			continue;
		if (!isnan(last_x) && roc)
			area += fabs(x[i] - last_x) * (y[i] + last_y) / 2;
		else if (!isnan(last_x)) /* the precision at the larger recall counts */
			area += fabs(x[i] - last_x) * (x[i] > last_x ? y[i] : last_y);
		last_x = x[i];
		last_y = y[i];
	}
	*out_area = area;
	return roc ? "AUC" : recall ? "AP" : NULL;
}

/* The cells of one axis of a series that are no numbers. */
struct bad_cells {
	size_t count, first_row;
	struct buf text; /* the first one */
};

typedef bool (*cell_fn)(
	const struct plot *p, const struct plot_series *s, size_t row, struct plot_cell *out);

static void find_bad(
	const struct plot *p, const struct plot_series *s, cell_fn cell_of, struct bad_cells *out)
{
	for (size_t row = 0; row < s->rows->rows; row++) {
		struct plot_cell cell;
		double number;
		bool there = cell_of(p, s, row, &cell);
		if (there && plot_cell_number(&cell, &number) && isfinite(number))
			continue;
		if (!out->count++) {
			out->first_row = row + 1;
			if (there)
				plot_cell_add_text(&out->text, &cell);
		}
	}
}

static void warn(struct plots *p, const struct plot_series *s, const char *column,
	const struct bad_cells *bad)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	const char *text = buf_str(&bad->text);
	buf_addf(&line, "'%s' of '%s', row %zu, column '%s': ", s->file, s->rev, bad->first_row,
		column);
	if (bad->text.len)
		buf_addf(&line, "'%.*s' is not a finite number", 40, text);
	else
		buf_adds(&line, "there is no value");
	if (bad->count > 1)
		buf_addf(&line, ", and %zu more", bad->count - 1);
	strlist_add_once(&p->warnings, buf_str(&line));
}

static void check(struct plots *p, const struct plot *plot, cell_fn cell_of, bool is_x)
{
	VEC_EACH (&plot->series, s) {
		struct bad_cells bad = {0};
		if (is_x && !s->x_field)
			continue;
		find_bad(plot, s, cell_of, &bad);
		if (bad.count)
			warn(p, s, is_x ? s->x_field : s->y_field, &bad);
		buf_release(&bad.text);
	}
}

/* Does the template take texts for the positions on the x axis? */
static bool x_is_nominal(const struct plot *p)
{
	return p->template && strcmp(p->template, "experiments_nominal") == 0;
}

void plots_check_numbers(struct plots *p)
{
	VEC_EACH (&p->items, plot) {
		enum plot_shape shape = plot_shape(plot);
		if (!plot->points)
			continue;
		if (shape <= PLOT_SHAPE_SCATTER || shape == PLOT_SHAPE_HISTOGRAM ||
			shape == PLOT_SHAPE_BOX || shape == PLOT_SHAPE_HEATMAP)
			check(p, plot, plot_point_y, false);
		if ((shape <= PLOT_SHAPE_SCATTER && !x_is_nominal(plot)) ||
			shape == PLOT_SHAPE_BARS || shape == PLOT_SHAPE_HEATMAP)
			check(p, plot, plot_point_x, true);
	}
}
