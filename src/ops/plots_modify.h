/* `plots modify`: changes how an output of a stage is drawn, by editing its entry in dvc.yaml. */
#ifndef OPS_PLOTS_MODIFY_H
#define OPS_PLOTS_MODIFY_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/repo.h"

struct plots_modify_opts {
	const char *target; /* an output, relative to the working directory */
	const char *template, *x, *y, *x_label, *y_label, *title; /* NULL: left as it is */
	bool no_header;
	/* properties to remove before the others are set; "" alone: none, but the output must be
	 * a plot */
	const struct strlist *unset;
};

/*
 * Set and remove properties of the output. One that is no plot yet moves from `outs` or `metrics`
 * of its stage to `plots`, with its other flags. All other text of dvc.yaml stays as it is, and
 * dvc.lock is not touched. The caller holds the repository lock.
 *
 * Fails: ERR_NOT_FOUND (no such output), ERR_VALUE (no such template), ERR_FAIL (an unknown
 * property, an output that is no plot, a stage of foreach or matrix, a .dvc file), with DVC's
 * words where DVC fails as well. Nothing is changed then.
 */
int plots_modify(struct repo *repo, const struct plots_modify_opts *o,
	const struct progress *progress, struct err *err);

/*
 * The file of a plot template: `name` in .dvc/plots, there with the suffix .json in place of its
 * own, or a path relative to the working directory. It comes before a built-in template of that
 * name. Heap string; NULL: there is no such file (a directory does not count).
 */
char *plot_template_file(const struct repo *repo, const char *name);

#endif
