/* `dataset add` and `dataset update`: record in dvc.lock which state of external data is used. */
#ifndef OPS_DATASET_H
#define OPS_DATASET_H

#include "project/dataset.h"

/*
 * Add the dataset `ds` (name, type, url, path and rev are set) to the dvc.yaml of the working
 * directory, and its present state to the dvc.lock beside it. *out_shown is a text such as
 * "../o:/dd @ v1" (heap string). Fails: ERR_EXISTS (without `force`); ERR_UNSUPPORTED (DataChain,
 * a place without versions); as external_open().
 */
int dataset_add(
	struct repo *repo, const struct dataset *ds, bool force, char **out_shown, struct err *err);
/*
 * Record the present state of a dataset; with `rev`, at that revision from now on. *out_shown (heap
 * string) is a text such as "1a2b3c4d5 -> 2b3c4d5e6", or as above; NULL when nothing has changed.
 * Fails: ERR_NOT_FOUND (no such dataset); ERR_VALUE (a revision for a dataset that has none);
 * otherwise as above.
 */
int dataset_update(
	struct repo *repo, const char *name, const char *rev, char **out_shown, struct err *err);
/*
 * What a dataset means now, in the form of dvc.api.get_dataset(); lives in `a`:
 *
 *   {"type": "dvc", "url", "path", "sha"}      a repository at a commit
 *   {"type": "url", "files", "path"}           "protocol://path", with the versions of the place
 *   {"type": "dc", "name", "version"}          DataChain
 *
 * Fails: ERR_NOT_FOUND (no such dataset), ERR_VALUE with DVC's wording (not in sync, no lock, an
 * invalid entry).
 */
int dataset_show(struct repo *repo, const struct index *ix, const char *name, struct arena *a,
	struct value **out, struct err *err);
/* The name of the dataset whose name is most similar to `name`, for a hint. Heap string; NULL: none
 * is similar. */
char *dataset_nearest(struct repo *repo, const char *name);

#endif
