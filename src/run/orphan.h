/*
 * Commands that outlive the cairn that started them, because it was killed: found by DVC_ROOT and
 * DVC_STAGE in their environment. Two commands of one stage would write the same files.
 */
#ifndef RUN_ORPHAN_H
#define RUN_ORPHAN_H

#include "base/progress.h"
#include "project/repo.h"

/*
 * End what is left of the stage (its name in dvc.yaml) in the repository, with a warning for each
 * process: SIGTERM, and SIGKILL after five seconds. Only for a stage whose lock was held by a
 * process that has died. What a run that is alive has started is left alone. Nothing happens where
 * there is no /proc.
 */
void orphan_end(struct repo *repo, const char *stage, const struct progress *progress);

#endif
