/* Experiments that run now, by name: their files are in a work tree, not in a commit. */
#ifndef PLOTS_LIVE_H
#define PLOTS_LIVE_H

#include "exp/exp.h"

/*
 * The DVC root in which the experiment `name` runs: the workspace, or the directory of a run with
 * --temp or of a task of the queue. Heap string; NULL: nothing of that name runs. Costs nothing
 * where no experiment runs.
 */
char *plot_live_root(struct repo *repo, const char *name);

#endif
