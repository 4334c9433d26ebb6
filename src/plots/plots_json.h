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

/*
 * The filled document of one plot that has points. Fails as plot_template_find() and
 * plot_template_fill(). `keep` as there.
 */
int plot_document(struct plots *p, const struct plot *plot, struct plot_templates *templates,
	enum plot_keep keep, struct value **out, struct err *err);

#endif
