/* Changes of dvc.yaml: stages are added, changed and removed by their positions in the text, so
 * that all other bytes of the file stay as they are. */
#ifndef PROJECT_PIPELINE_FILE_H
#define PROJECT_PIPELINE_FILE_H

#include "project/repo.h"
#include "text/value.h"

/*
 * Put the definition of a stage into the dvc.yaml at `file`, which is created if needed. Keys of
 * an existing stage that `definition` does not have are removed. Returns 1 when the stage existed,
 * 0 when it is new. Reports the file with repo_track().
 */
int pipeline_file_put(struct repo *repo, const char *file, const char *stage,
	const struct value *definition, struct err *err);
/* Set one key of an existing stage, or remove it with a NULL `v`. Fails: ERR_NOT_FOUND. */
int pipeline_file_set(struct repo *repo, const char *file, const char *stage, const char *key,
	struct value *v, struct err *err);
/* Remove a stage. A file without stages and datasets is removed. Returns 1 when the stage
 * existed. */
int pipeline_file_remove(struct repo *repo, const char *file, const char *stage, struct err *err);

/* Put an entry into the list `datasets`: replace the one at `index`, or append if there is none. */
int pipeline_file_put_dataset(struct repo *repo, const char *file, size_t index,
	const struct value *entry, struct err *err);

#endif
