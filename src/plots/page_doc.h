/* The document that the page of plots shows (view/page.h): plots, the parameters in which revisions
 * differ, metrics, errors. */
#ifndef PLOTS_PAGE_DOC_H
#define PLOTS_PAGE_DOC_H

#include "plots/plots.h"
#include "plots/template.h"

/* Images up to this size, all of them together, become part of the page. */
#define PAGE_EMBED_BYTES ((size_t)8 << 20)

/*
 * Fill the templates. Plots with very many points have been thinned out (plots/thin.h). Images are
 * data: URLs if `embed`; else they have been written (plots/images.h) and `dir` is the directory of
 * the page. `title` is shown at its head. Lives in the arena of `p`.
 */
struct value *plots_page_doc(struct plots *p, struct plot_templates *templates, const char *title,
	const char *dir, bool embed);

size_t plots_image_bytes(const struct plots *p);

#endif
