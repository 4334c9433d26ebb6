/*
 * Datasets: data outside of the repository, which dvc.yaml names in `datasets:`. dvc.lock records
 * the state that is meant, and stages depend on it as `ds://name`. cairn does not download the
 * data; the stage's command does that with the help of the record.
 */
#ifndef PROJECT_DATASET_H
#define PROJECT_DATASET_H

#include "project/index.h"

struct dataset {
	const char *name, *url;
	const char *type;         /* "dvc" (a Git or DVC repository), "url" or "dc" (DataChain) */
	const char *path, *rev;   /* for a repository, or NULL */
	const char *file;         /* absolute path of its dvc.yaml */
	const struct value *lock; /* the record of dvc.lock, in DVC's order of keys; NULL: none */
	bool out_of_sync;         /* the record belongs to another entry than the one in dvc.yaml */
};

/*
 * Find the dataset `name` in all dvc.yaml files of an index. `*out` borrows from the index and
 * from `a`. Fails: ERR_NOT_FOUND "dataset not found: 'x'"; ERR_VALUE for an invalid entry
 * (DVC's wording).
 */
int dataset_find(const struct index *ix, struct arena *a, const char *name, struct dataset *out,
	struct err *err);

/* The dataset as an entry of dvc.yaml, in DVC's order of keys. */
struct value *dataset_entry(struct arena *a, const struct dataset *ds);
/* Do both records mean the same state? NULL is "no record". */
bool dataset_same_lock(const struct value *a, const struct value *b);

/* The name in the dependency "ds://name"; lives in `a`. */
const char *dataset_of_dep(struct arena *a, const struct dep *dep);

#endif
