/*
 * Ends commands of a cairn that was killed, and which still run. They are found by DVC_ROOT and
 * DVC_STAGE in their environment. Left alone, they would write the same files as the new command of
 * the stage.
 */
#ifndef RUN_ORPHAN_H
#define RUN_ORPHAN_H

#include "base/progress.h"
#include "project/repo.h"

/*
 * End the processes of the stage (its name in dvc.yaml) in this repository, with a warning for
 * each: SIGTERM, then SIGKILL after five seconds. Call it only for a stage whose lock was held by a
 * process that has died (rwlock.took_over). Processes that belong to a run which is alive are left
 * alone, and jobs of executors, too. Without /proc it does nothing.
 */
void orphan_end(struct repo *repo, const char *stage, const struct progress *progress);

#endif
