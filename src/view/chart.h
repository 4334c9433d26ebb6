/*
 * Charts as text, for terminals and for files. The data come in as numbers; nothing is read and
 * nothing is printed here.
 *
 * For any data, names and width: no line is wider than the width, every line ends with a line feed,
 * and the only escape sequences are those of colours, if colours are asked for. With little room,
 * first the legend goes below the drawing, then names are shortened, then labels are left out.
 * Numbers that are not finite are not drawn: a line has a gap there, and (unless NAN means "none")
 * a remark below the chart counts them. Series differ by a mark as well as by colour.
 */
#ifndef VIEW_CHART_H
#define VIEW_CHART_H

#include "view/canvas.h"

enum chart_kind {
	CHART_LINE,      /* (x, y), connected in the order of x */
	CHART_SCATTER,   /* (x, y) */
	CHART_BARS,      /* y[i] is the value of category i; NAN: none. Bars grow to the right. */
	CHART_HISTOGRAM, /* y: the observations of a series; bins are chosen */
	CHART_BOX,       /* y: the observations of a series; one box each, whiskers as by Tukey */
	CHART_HEAT,     /* y: one matrix a series, by rows (y_categories x categories); NAN: none */
	CHART_PARALLEL, /* a series is one line; y[i] is its value on axis i; NAN: a gap */
};

enum { CHART_AUTO_COLOR = 0 };

struct chart_series {
	const char *name; /* NULL or "": not in the legend */
	uint32_t color;   /* INK_RGB(), or CHART_AUTO_COLOR: chart_palette by position */
	const double *x;  /* NULL: 0, 1, 2 ... */
	const double *y;
	size_t count;
};

/* The names of a nominal axis: position i is called names[i]. */
struct chart_names {
	const char *const *names;
	size_t count; /* 0: the axis is one of numbers */
};

/* All pointers are borrowed for the call. */
struct chart {
	enum chart_kind kind;
	/* NULL or "": none. Of bars, x is the values and y the categories; of a histogram, x is
	 * what was observed and y the count; of boxes there is no title of y. */
	const char *title, *x_label, *y_label;
	const struct chart_series *series;
	size_t series_count;
	struct chart_names categories;   /* names of x, of bars, of columns, of the parallel axes */
	struct chart_names y_categories; /* names of y (scatter), of the rows of a matrix */
	const struct chart_names
		*axis_names; /* parallel: names of the values of each axis; or NULL */

	bool sorted;        /* bars: largest first, by the first series */
	bool normalized;    /* heat: values are shares, from 0 to 1 */
	size_t bins;        /* histogram: wanted number; 0: by the number of observations */
	bool color_by_last; /* parallel: colour lines by their value on the last axis */
};

struct chart_style {
	int width;  /* columns; 0: CHART_WIDTH */
	int height; /* lines of the drawing with its axes, without title, legend and remarks; 0:
		       what suits the kind and the width. Bars, boxes and matrices take the lines
		       they need, at most this. */
	enum canvas_colors colors;
	bool unicode;
};

enum { CHART_WIDTH = 80 };

/* DVC's colours of revisions: the first gets the first, and so on, again from the start. */
extern const uint32_t chart_palette[7];

/* Append the drawing. */
void chart_draw(struct buf *out, const struct chart *c, const struct chart_style *s);

#endif
