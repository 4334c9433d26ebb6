/*
 * Templates of plots: Vega-Lite documents with anchors, strings such as "<DVC_METRIC_DATA>", that
 * are replaced by what a plot shows. A template is a file of the user or one that is built in
 * (view/templates.h). See docs/internals/plots.md for the anchors.
 */
#ifndef PLOTS_TEMPLATE_H
#define PLOTS_TEMPLATE_H

#include "base/err.h"
#include "plots/points.h"
#include "project/repo.h"

struct plot_templates {
	const struct repo *repo;
	struct arena *arena;
	struct map known; /* name -> struct template */
};

void plot_templates_release(struct plot_templates *t);

/*
 * The template of that name; NULL is the default, "linear". Looked for: .dvc/plots/<name>, the same
 * with the suffix .json, <name> as a path, then the built-in ones. `*out` lives in the arena and
 * must not be changed. Fails: ERR_NOT_FOUND "Template 'x' not found.", ERR_PARSE, ERR_VALUE (no
 * JSON object).
 */
int plot_template_find(
	struct plot_templates *t, const char *name, const struct value **out, struct err *err);

/*
 * Replace the anchors. With `out_split` (a map) those that an editor fills itself stay, and their
 * values are added to it. All lives in `a`; the points are a VALUE_JSON. Fails: ERR_VALUE "Template
 * 'x' is not using '<DVC_METRIC_DATA>' anchor", and a document of more than 1 GiB.
 */
int plot_template_fill(const struct value *template, const struct plot *p, struct arena *a,
	struct value **out, struct value *out_split, struct err *err);

#endif
