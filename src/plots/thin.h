/*
 * Leave out points of plots that have more than a drawing can show. Lines and point clouds keep
 * their form (view/sample.h); other plots keep every n-th row. Series whose picture would not
 * change are left alone.
 */
#ifndef PLOTS_THIN_H
#define PLOTS_THIN_H

#include "plots/plots.h"

enum {
	THIN_POINTS = 20000, /* of a plot that is drawn as lines or points; above, it is sampled */
	THIN_ROWS = 200000,  /* of any other plot */
};

/* Sets `picked` of the series; it lives in the arena of `p`. A note for the reader becomes
 * plot->note. */
void plots_thin(struct plots *p);

#endif
