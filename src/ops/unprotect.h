/* Making data in the workspace safe to edit. */
#ifndef OPS_UNPROTECT_H
#define OPS_UNPROTECT_H

#include "base/strlist.h"
#include "project/repo.h"

/* Replace links by copies that may be written. Fails: ERR_NO_PATH with DVC's wording when a
 * target is not there. */
int ops_unprotect(struct repo *repo, const struct strlist *targets, struct err *err);

#endif
