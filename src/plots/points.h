/*
 * The points of a plot: each is a row of its file, plus x and y where they have other names, plus
 * rev, filename and field, which say where it is from. As DVC passes them to a template.
 */
#ifndef PLOTS_POINTS_H
#define PLOTS_POINTS_H

#include "plots/plots.h"

/* Which fields tell the sources of a plot apart. */
enum plot_varied {
	PLOT_VARIED_NONE,     /* there is one source */
	PLOT_VARIED_FILENAME, /* same field, several files */
	PLOT_VARIED_FIELD,
	PLOT_VARIED_BOTH, /* they become one field, "filename::field" */
};
enum plot_varied plot_varied(const struct plot *p);
/* The name of the field that tells them apart; NULL with one source. */
const char *plot_varied_field(enum plot_varied v);
/* Its value for a source. Heap string. */
char *plot_varied_value(enum plot_varied v, const char *short_file, const char *field);

/* Which of filename and field are left in the points. */
enum plot_keep {
	PLOT_KEEP_VARIED, /* those that tell sources apart */
	PLOT_KEEP_BOTH,   /* for a template that knows nothing of sources */
};

/* Append the points as a JSON list. False: it would have more than about `max_bytes`; what was
 * written is no JSON then. */
bool plot_points_to_json(
	struct buf *out, const struct plot *p, enum plot_keep keep, uint64_t max_bytes);

/* ---- Numbers, for drawings ---- */

size_t plot_series_count(const struct plot_series *s); /* rows that are shown */
/* The row of the i-th point. */
size_t plot_series_row(const struct plot_series *s, size_t i);
/* The cells that are drawn of a row. False: it has none of that name. */
bool plot_point_x(const struct plot *p, const struct plot_series *s, size_t row,
	struct plot_cell *out); /* without an x field: out->value is NULL and the row counts */
bool plot_point_y(
	const struct plot *p, const struct plot_series *s, size_t row, struct plot_cell *out);

#endif
