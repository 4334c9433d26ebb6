/* Plots as text, drawn by view/chart.h: what each template draws, in the characters of a terminal.
 */
#ifndef PLOTS_TERMINAL_H
#define PLOTS_TERMINAL_H

#include "plots/plots.h"
#include "view/chart.h"

/* Append the drawing of a plot that has points. A template of the user's is drawn as lines. */
void plot_draw(struct buf *out, const struct plot *p, const struct chart_style *style);

#endif
