/* Writes plots as files, each whole or not at all, by a renderer of the user (plots/renderers.h).
 */
#ifndef PLOTS_EXPORT_H
#define PLOTS_EXPORT_H

#include "base/strlist.h"
#include "plots/renderers.h"

struct export_plot {
	const char *id;   /* of the plot; the file is named after it */
	const char *spec; /* the filled Vega-Lite document as JSON */
};

VEC_TYPE(export_plots, struct export_plot);

struct export_opts {
	struct repo *repo;
	const char *dir; /* absolute; created if needed */
	enum plot_format format;
	unsigned timeout_ms; /* for all plots together; 0: a minute, and 2 s for each plot */
};

/*
 * Write each plot into `dir` and append the paths to `out_paths`, in the order of the plots. Names
 * are those of export_names(); a file that was there is replaced.
 *
 * A document that asks for data from elsewhere (a URL) is refused, so nothing is downloaded. If
 * some plots cannot be drawn, the others are written all the same. Fails: ERR_FAIL (some cannot;
 * the message names the first one), those of renderers_draw(), ERR_IO.
 */
int plots_export(const struct export_opts *o, const struct export_plot *plots, size_t count,
	struct strlist *out_paths, struct err *err);

/*
 * The file names of plots, with the suffix of the format. Whatever is no letter, digit, '-', '_',
 * '.' or part of a UTF-8 sequence becomes '_', as does a dot at the beginning; long ids are cut.
 * A name that was taken before, also in other case, gets "-2", "-3", ...
 */
void export_names(const struct export_plot *plots, size_t count, enum plot_format format,
	struct strlist *out);

#endif
