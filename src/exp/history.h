/*
 * The histories of metrics that DVCLive keeps beside their last values: what `dir/metrics.json`
 * calls {"train": {"loss": ..}} has its values by step in `dir/plots/metrics/train/loss.tsv` (a
 * header, then one line for each step; .csv and .json are read likewise).
 */
#ifndef EXP_HISTORY_H
#define EXP_HISTORY_H

#include "exp/table.h"

enum { HISTORY_STEPS = 20 }; /* longer histories are reduced to this (view/sample.h) */

/*
 * Fill exp_state.histories of the rows of a table. Files come from the work tree or the commit, or
 * from the cache; remotes are not asked. What a commit has is remembered in the state, as rows are
 * (exp/rows.h); with `force` it is read again. A file that cannot be read or understood counts as
 * absent. Fails: ERR_CONFIG.
 */
int exp_histories_load(struct exp *x, struct exp_table *t, bool force, struct err *err);

#endif
