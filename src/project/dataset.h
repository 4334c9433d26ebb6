/*
 * Datasets: data outside of the repository that dvc.yaml names (`datasets:`), of which dvc.lock
 * records which state is meant, and which stages depend on as `ds://name`. Nothing of it is
 * downloaded: who runs the stage fetches it by that record.
 */
#ifndef PROJECT_DATASET_H
#define PROJECT_DATASET_H

#include "project/index.h"

struct dataset {
	const char *name, *url;
	const char *type;         /* "dvc" (a Git or DVC repository), "url", "dc" (DataChain) */
	const char *path, *rev;   /* of a repository, or NULL */
	const char *file;         /* its dvc.yaml, absolute */
	const struct value *lock; /* what dvc.lock records, in DVC's order of keys; NULL: nothing */
	bool out_of_sync;         /* what is recorded is of another entry than that of dvc.yaml */
};

/*
 * Look `name` up in all dvc.yaml of an index; *out borrows from it and from `a`. Fails:
 * ERR_NOT_FOUND "dataset not found: 'x'"; ERR_UNEXPECTED for an entry that is none (DVC's wording).
 */
int dataset_find(const struct index *ix, struct arena *a, const char *name, struct dataset *out,
	struct err *err);

/* The entry of dvc.yaml, in DVC's order of keys. */
struct value *dataset_entry(struct arena *a, const struct dataset *ds);
/* Do both record the same state? NULL is nothing. */
bool dataset_same_lock(const struct value *a, const struct value *b);

/* The name in "ds://name"; of the arena. */
const char *dataset_of_dep(struct arena *a, const struct dep *dep);

#endif
