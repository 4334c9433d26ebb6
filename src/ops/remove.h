/*
 * `remove`: stop tracking data, or take stages out of dvc.yaml.
 */
#ifndef OPS_REMOVE_H
#define OPS_REMOVE_H

#include "project/repo.h"

struct remove_request {
	bool outs;  /* its data in the workspace, too */
	bool force; /* even an external output, when dvc.yaml names it */
};

/*
 * Remove what `target` names (a .dvc file, a stage, file:stage): its pointer, its .gitignore
 * entries, and if asked its data. Data that stays is unprotected. Fails: ERR_NOT_FOUND with DVC's
 * wording; ERR_FAIL for data that is not the repository's, and nothing is removed then.
 */
int remove_target(
	struct repo *repo, const char *target, const struct remove_request *req, struct err *err);

#endif
