/* Fetches from the default remote for `repro --pull`. */
#ifndef DATA_PULL_H
#define DATA_PULL_H

#include "data/data.h"

/*
 * Fetch these objects (of listings, their files too) into the cache, unless it has them. Fails:
 * ERR_CONFIG (no remote), ERR_NOT_FOUND (the remote lacks some; the others were fetched), ERR_IO.
 */
int pull_objects(struct repo *repo, const struct oid_list *wanted, struct err *err);

/* Fetch what is recorded of an output in the same way. */
int pull_recorded(struct repo *repo, const struct out *o, struct err *err);

/* Fetch the entries of the run-cache that are missing locally. Fails: ERR_CONFIG, ERR_IO. */
int pull_runs(struct repo *repo, struct err *err);

#endif
