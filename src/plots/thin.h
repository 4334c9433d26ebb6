/*
 * Leave out points of plots that have more than a drawing can show. Lines keep their form
 * (view/sample.h); other plots keep one of n rows, since in a cloud or a count peaks are not more
 * than other points. Series whose picture would not change are left alone.
 */
#ifndef PLOTS_THIN_H
#define PLOTS_THIN_H

#include "plots/plots.h"

enum {
	/* of a plot that is drawn as lines or points; above, it is sampled. A browser needs a
	 * second or two for them */
	THIN_POINTS = 10000,
	THIN_ROWS = 50000, /* of any other plot: some 4 MB of the page */
};

/* Sets `picked` of the series; it lives in the arena of `p`. A note for the reader becomes
 * plot->note. */
void plots_thin(struct plots *p);

#endif
