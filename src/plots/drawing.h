/* A chart in the making: the parts that the files behind plots/terminal.h share. */
#ifndef PLOTS_DRAWING_H
#define PLOTS_DRAWING_H

#include "base/map.h"
#include "plots/points.h"
#include "view/chart.h"

/* A chart in the making. Everything lives in `arena`. */
struct drawing {
	const struct plot *plot;
	struct arena *arena;
	struct chart chart;
	VEC(struct chart_series) series;
};

/* Texts in the order in which they were met, each with its number. */
struct texts {
	struct arena *arena;
	struct map numbers; /* text -> number + 1 */
	VEC(const char *) items;
};
void texts_release(struct texts *t);
size_t texts_number(struct texts *t, const struct plot_cell *cell);

/* The name of a series in a legend: what tells it apart from the others. */
const char *drawing_series_name(const struct drawing *d, const struct plot_series *s);
/* The colour of its revision, as in the page. */
uint32_t drawing_series_color(const struct drawing *d, const struct plot_series *s);

/* Matrices of counts: of pairs of texts, or of numbers in bins. */
void drawing_add_matrices(struct drawing *d);
void drawing_add_heatmaps(struct drawing *d);

#endif
