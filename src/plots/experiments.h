/*
 * Plots over experiments: each is a point, or a line over parallel axes. What they record (metrics
 * and parameters of commits and experiments) is read as for `exp show`.
 */
#ifndef PLOTS_EXPERIMENTS_H
#define PLOTS_EXPERIMENTS_H

#include "exp/table.h"
#include "plots/plots.h"

struct plots_experiments_opts {
	struct exp_show_opts which; /* whose experiments; queued and failed ones have no result */
	const char *x;              /* a metric or parameter; NULL: parallel axes */
	const struct strlist *y;    /* metrics or parameters; empty: all metrics */
};

/*
 * Make one plot for each y against x; without x a single one, with an axis for each parameter that
 * differs and for each y. Names are those of the columns of `exp show`: "lr", or "params.yaml:lr"
 * if several files have that key. The caller releases `p`, also after a failure. Fails:
 * ERR_NOT_FOUND (no experiment has that name; the hint has those that there are), and as
 * exp_show().
 */
int plots_of_experiments(
	struct plots *p, struct exp *x, const struct plots_experiments_opts *o, struct err *err);

#endif
