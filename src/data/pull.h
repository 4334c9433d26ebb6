/* What `--pull` brings from the default remote while stages are reproduced. */
#ifndef DATA_PULL_H
#define DATA_PULL_H

#include "data/data.h"

/*
 * Bring these objects (listings with their files) into the cache, unless it has them. Fails:
 * ERR_CONFIG (no remote), ERR_NOT_FOUND (some are neither here nor there; the others came), ERR_IO.
 */
int pull_objects(struct repo *repo, const struct oid_list *wanted, struct err *err);

/* Bring the entries of the run-cache that are missing here. Fails: ERR_CONFIG, ERR_IO. */
int pull_runs(struct repo *repo, struct err *err);

#endif
