/* The verbs of `dataset`: which state of data elsewhere is meant is looked up and recorded. */
#ifndef OPS_DATASET_H
#define OPS_DATASET_H

#include "project/dataset.h"

/*
 * Record `ds` (name, type, url, path and rev are set) in the dvc.yaml of the working directory and
 * the dvc.lock beside it. *out_shown: "../o:/dd @ v1". Fails: ERR_EXISTS without `force`;
 * ERR_UNSUPPORTED for DataChain and clouds; as external_open().
 */
int dataset_add(
	struct repo *repo, const struct dataset *ds, bool force, char **out_shown, struct err *err);
/*
 * Look again, at another revision unless `rev` is NULL. *out_shown: "1a2b3c4d5 -> 2b3c4d5e6", or
 * as above; NULL when there is nothing to update. Fails: ERR_NOT_FOUND, likewise; ERR_VALUE
 * for a revision of what has none.
 */
int dataset_update(
	struct repo *repo, const char *name, const char *rev, char **out_shown, struct err *err);
/* The name that is nearest to `name`, or NULL; heap string. */
char *dataset_nearest(struct repo *repo, const char *name);

#endif
