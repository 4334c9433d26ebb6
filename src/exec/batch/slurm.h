/*
 * What Slurm has beyond batch.h.
 */
#ifndef EXEC_BATCH_SLURM_H
#define EXEC_BATCH_SLURM_H

#include "base/base.h"

/* Is it an option of sbatch ("--array=3", "-J") that batch_slurm gives itself, or that would change
 * what sbatch answers? */
bool slurm_option_is_ours(const char *word);

#endif
