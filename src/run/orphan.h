/*
 * Commands that outlive the cairn that started them, because it was killed: found by DVC_ROOT and
 * DVC_STAGE in their environment. Two commands of one stage would write the same files.
 */
#ifndef RUN_ORPHAN_H
#define RUN_ORPHAN_H

#include "base/progress.h"

/*
 * End what is left of the stage (its name in dvc.yaml) in the repository at `root`, with a
 * warning for each process: SIGTERM, and SIGKILL after five seconds. Only for a stage whose lock
 * was held by a process that has died. Nothing happens where there is no /proc.
 */
void orphan_end(const char *root, const char *stage, const struct progress *progress);

#endif
