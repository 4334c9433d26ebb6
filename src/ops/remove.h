/*
 * `remove`: stop tracking data, or take stages out of dvc.yaml.
 */
#ifndef OPS_REMOVE_H
#define OPS_REMOVE_H

#include "project/repo.h"

/*
 * Remove what `target` names (a .dvc file, a stage, file:stage): its pointer, its .gitignore
 * entries, and with `outs` its data in the workspace. Data that stays is unprotected. Fails:
 * ERR_NOT_FOUND with DVC's wording.
 */
int remove_target(struct repo *repo, const char *target, bool outs, struct err *err);

#endif
