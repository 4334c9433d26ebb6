/*
 * From the definition of a plot to its series: which fields of which files are x and y, by DVC's
 * rules. A definition may name them, by the field or by file and field; what it leaves out is
 * inferred from the data.
 */
#ifndef PLOTS_SERIES_H
#define PLOTS_SERIES_H

#include "plots/plots.h"
#include "plots/source.h"

/* The sources of one revision, by path. */
struct plot_sources {
	struct map by_path; /* path -> struct plot_source, borrowed */
};

/*
 * Append the series of one revision to `p`. `id` is the plot's id in its dvc.yaml, `files` the
 * sources of the revision's own definition, `properties` those merged over all revisions. The
 * first call that adds points also sets the fields, labels and sources of the plot. Strings live
 * in `a`, or are borrowed. Fails: ERR_VALUE, with `*out_why` set to DVC's exception.
 */
int plot_add_series(struct plot *p, const char *rev, const char *id, const struct value *properties,
	const struct strlist *files, const struct plot_sources *sources, struct arena *a,
	struct reading_error *out_why);

#endif
