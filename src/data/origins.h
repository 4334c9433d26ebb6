/*
 * The repositories that imports are from. Each is opened (and, when it is far, cloned) once a
 * process, for all imports from it; they are closed with our own repository.
 */
#ifndef DATA_ORIGINS_H
#define DATA_ORIGINS_H

#include "data/external.h"

/* The repository of an import stage, at its recorded commit (`locked`, if there is one) or as its
 * revision is now. Borrowed. Fails: as external_open(). */
int origins_get(struct repo *repo, const struct stage *s, bool locked, struct external **out,
	struct err *err);
/* The commit that its revision is now. A far repository is only asked, not cloned, when it can
 * tell. Fails: as external_open(), external_rev(). */
int origins_head(struct repo *repo, const struct stage *s, struct scm_id *out, struct err *err);

#endif
