/*
 * The executor behind which a batch system runs jobs (`type = slurm`, `type = command`). The file
 * system is common: the nodes see the repository and its cache under the same path.
 *
 * Jobs that are started at about the same time go into one submission: an array where the system
 * has them, and short ones one after the other into the same element (`group`). Commands of the
 * system run one at a time beside everything else. The system is asked about all jobs at once, and
 * rarely: a job that ends says so itself, in a directory that is listed (attempt.h).
 */
#ifndef EXEC_BATCH_BATCH_EXECUTOR_H
#define EXEC_BATCH_BATCH_EXECUTOR_H

#include "exec/executor.h"
#include "exec/profile.h"

/* Takes the profile. Cannot fail; nothing is touched yet. */
struct executor *batch_executor_open(struct repo *repo, struct profile *profile);

/* The beginning of a script for a node: the environment, the profile's setup, and "exec" of this
 * program. Its arguments have to follow. */
void batch_script_begin(const struct repo *repo, const struct profile *p, struct buf *out);

#endif
