/* What a template draws, by its name: for drawings that are not made by Vega, and for checks of the
 * data. */
#ifndef PLOTS_SHAPE_H
#define PLOTS_SHAPE_H

#include "plots/plots.h"

enum plot_shape {
	PLOT_SHAPE_LINE, /* also a template of the user's: the form that most plots have */
	PLOT_SHAPE_SCATTER,
	PLOT_SHAPE_OTHER, /* a template of the user's */
	PLOT_SHAPE_BARS,
	PLOT_SHAPE_MATRIX,  /* counts of pairs of texts */
	PLOT_SHAPE_HEATMAP, /* counts of pairs of numbers, in bins */
	PLOT_SHAPE_HISTOGRAM,
	PLOT_SHAPE_BOX,
	PLOT_SHAPE_PARALLEL,
};

enum plot_shape plot_shape(const struct plot *p);
bool plot_is_sorted(const struct plot *p);     /* bars, longest first */
bool plot_is_normalized(const struct plot *p); /* a matrix of shares */

/*
 * The area that the template shows beside a curve, from its points in the order of the file: "AUC"
 * below a ROC curve (trapezia), "AP" of precision (y) over recall (x), as scikit-learn defines it.
 * NULL: the template shows none. Points with a value that is not finite are left out.
 */
const char *plot_area(
	const struct plot *p, const double *x, const double *y, size_t count, double *out_area);

/*
 * Warn of cells that cannot be drawn since they are no finite numbers, where the template needs
 * numbers: file, row and column of the first one of each field, and how many there are. Appends to
 * the warnings of `p`.
 */
void plots_check_numbers(struct plots *p);

#endif
