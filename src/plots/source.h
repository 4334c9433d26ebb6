/*
 * The content of one file that plots are drawn from: a table, or the bytes of an image. The suffix
 * decides, in lower case only, as in DVC.
 */
#ifndef PLOTS_SOURCE_H
#define PLOTS_SOURCE_H

#include "ops/reading.h"
#include "plots/plot_table.h"

struct plot_source {
	bool is_image;
	struct buf bytes;           /* of an image */
	struct plot_table table;    /* of anything else */
	bool empty;                 /* nothing to draw: 0 bytes, no row, an empty document */
	struct reading_error error; /* it cannot be read */
};

void plot_source_free(struct plot_source *s);

/* Is it the path of an image that browsers show? */
bool plot_is_image(const char *path);

/*
 * Read the file at `shown`, which is relative to the working directory. A failure is part of the
 * result. Owns: the caller frees the result, whose strings and values live in `a`.
 */
struct plot_source *plot_source_read(
	struct reader *r, const char *shown, bool has_header, struct arena *a);

#endif
