/* `destroy`: make a DVC repository a plain directory again. */
#ifndef OPS_DESTROY_H
#define OPS_DESTROY_H

#include "project/repo.h"

/* Remove all pointers (.dvc files, dvc.yaml, dvc.lock), .dvcignore, and .dvc with its cache. The
 * data in the workspace stays: links into the cache become copies first. The caller holds the
 * repository lock. */
int ops_destroy(struct repo *repo, struct err *err);

#endif
