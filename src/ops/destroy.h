/* Making a DVC repository a plain directory again. */
#ifndef OPS_DESTROY_H
#define OPS_DESTROY_H

#include "project/repo.h"

/*
 * Remove all pointers (.dvc, dvc.yaml, dvc.lock), .dvcignore and .dvc with its cache; the data in
 * the workspace stays, as files of its own. The caller holds the repository lock.
 */
int ops_destroy(struct repo *repo, struct err *err);

#endif
