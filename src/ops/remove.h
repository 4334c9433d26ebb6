/* `remove`: stop tracking data, or remove stages from dvc.yaml. */
#ifndef OPS_REMOVE_H
#define OPS_REMOVE_H

#include "project/repo.h"

struct remove_request {
	bool outs;  /* also remove the data from the workspace */
	bool force; /* also remove external outputs, if dvc.yaml names them */
};

/*
 * Remove what `target` names (a .dvc file, a stage, file:stage): the pointer and its .gitignore
 * entries and, if asked, the data. Data that stays becomes a writable copy. Fails: ERR_NOT_FOUND
 * with DVC's wording; ERR_FAIL (data outside of the repository; then nothing is removed). The
 * caller holds the repository lock.
 */
int remove_target(
	struct repo *repo, const char *target, const struct remove_request *req, struct err *err);

#endif
