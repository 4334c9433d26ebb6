/*
 * Changing dvc.yaml: stages are put in, changed and taken out by source position, so that every
 * byte that the change does not concern stays.
 */
#ifndef PROJECT_PIPELINE_FILE_H
#define PROJECT_PIPELINE_FILE_H

#include "project/repo.h"
#include "text/value.h"

/*
 * Put a stage's definition into the dvc.yaml at `file` (made when missing), keeping the keys that
 * it does not name out. Returns 1 when the stage was there before, 0 when it is new. The file is
 * noted with repo_track().
 */
int pipeline_file_put(struct repo *repo, const char *file, const char *stage,
	const struct value *definition, struct err *err);
/* Set (or with NULL remove) one key of a stage that is there. Fails: ERR_NOT_FOUND. */
int pipeline_file_set(struct repo *repo, const char *file, const char *stage, const char *key,
	struct value *v, struct err *err);
/* Take a stage out; a file without stages and datasets is removed. Returns 1 when it was there. */
int pipeline_file_remove(struct repo *repo, const char *file, const char *stage, struct err *err);

/* Put an entry into the list `datasets`: in place of the one at `index`, or at the end when there
 * is none there. */
int pipeline_file_put_dataset(struct repo *repo, const char *file, size_t index,
	const struct value *entry, struct err *err);

#endif
