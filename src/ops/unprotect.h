/* `unprotect`: make data in the workspace safe to edit. */
#ifndef OPS_UNPROTECT_H
#define OPS_UNPROTECT_H

#include "base/strlist.h"
#include "project/repo.h"

/* Replace links into the cache by writable copies. Fails: ERR_NO_PATH with DVC's wording (a target
 * does not exist); targets before it are done. */
int ops_unprotect(struct repo *repo, const struct strlist *targets, struct err *err);

#endif
