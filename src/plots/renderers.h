/*
 * Programs of the user that draw Vega-Lite documents. The first one that is there is taken:
 *
 *     python     of $VIRTUAL_ENV, python3, python: with the package vl-convert-python
 *     vl-convert the same as a program
 *     node       with vega and vega-lite, from the modules of the project, of NODE_PATH, or the
 *                global ones; only SVG
 *     vl2svg, vl2png (of the package vega-lite)
 *
 * Python and node draw all plots in one process; the others are started once for each plot. Modules
 * of the project are used only if Git does not track them: a clone must not run its own code here.
 */
#ifndef PLOTS_RENDERERS_H
#define PLOTS_RENDERERS_H

#include "base/buf.h"
#include "base/vec.h"
#include "project/repo.h"

enum plot_format { PLOT_SVG, PLOT_PNG };

struct picture {
	const char *spec; /* in: the Vega-Lite document as JSON; borrowed */
	struct buf bytes; /* out: the picture */
	char *error;      /* out: why there is none, one line; else NULL */
};

VEC_TYPE(pictures, struct picture);

void pictures_release(struct pictures *d);

/*
 * Draw all of them; each gets its bytes or its error. `timeout_ms` is for all together; a renderer
 * that has not ended by then is killed. Nothing is read from the network. Fails: ERR_NOT_FOUND (no
 * renderer; the message says what to install), ERR_FAIL (it did not end in time).
 */
int renderers_draw(struct repo *repo, enum plot_format format, unsigned timeout_ms,
	struct pictures *d, struct err *err);

#endif
