/*
 * The source repositories of imports. Each is opened (and cloned, if it is not local) once per
 * process, for all imports from it. They are closed with the user's repository.
 */
#ifndef DATA_ORIGINS_H
#define DATA_ORIGINS_H

#include "data/external.h"

/* The source repository of an import stage: with `locked` at its recorded commit, if there is one,
 * else at the present commit of its revision. Borrowed. Fails: as external_open(). */
int origins_get(struct repo *repo, const struct stage *s, bool locked, struct external **out,
	struct err *err);
/* The present commit of the import's revision. If possible a repository that is not local is only
 * asked (git ls-remote) and not cloned. Fails: as external_open(), external_rev(). */
int origins_head(struct repo *repo, const struct stage *s, struct scm_id *out, struct err *err);

#endif
