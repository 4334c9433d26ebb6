/* The JSON documents of `plots show --json` and `plots diff --json`, in DVC's form, which editors
 * read. */
#ifndef PLOTS_PLOTS_JSON_H
#define PLOTS_PLOTS_JSON_H

#include "plots/plots.h"
#include "plots/template.h"

/*
 * {"errors": [..], "data": {id: [..]}}; members without content are left out. With `split` the
 * anchors that an editor fills stay in the documents, and "anchor_definitions" has their values.
 * Images must have been written (plots/images.h). A plot whose template cannot be used has no
 * content and an error for each of its revisions. Lives in the arena of `p`.
 */
struct value *plots_to_json(struct plots *p, struct plot_templates *templates, bool split);

/* Is there such a template? Otherwise each revision of the plot gets an error that says so. */
bool plot_check_template(struct plots *p, struct plot *plot, struct plot_templates *templates);

/* All errors, in DVC's form and order: [{"name", "rev", "source", "type", "msg"}]. */
struct value *plots_errors(struct plots *p);

/*
 * The filled document of a plot that has points; with `split` (a map) as plot_template_fill(). NULL
 * when its template cannot be used: each of its revisions gets an error that says why. Lives in the
 * arena of `p`.
 */
struct value *plot_document(
	struct plots *p, struct plot *plot, struct plot_templates *templates, struct value *split);

#endif
