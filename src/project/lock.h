/*
 * dvc.lock: the state of each stage when it last ran. The file is written whole after each stage.
 * Only the entry that changed is rendered again, the other bytes stay as they are. If somebody
 * else has changed the file, it is read again first.
 */
#ifndef PROJECT_LOCK_H
#define PROJECT_LOCK_H

#include "base/err.h"
#include "project/stage.h"

/* The stage's entry from its current recorded facts: cmd, deps, params, outs, in the order and form
 * of dvc.lock. */
struct value *lock_entry(struct arena *a, const struct stage *s);

struct lock_file;

/* Read the dvc.lock beside the dvc.yaml at `pipeline_file`; it need not exist. `shown` is the path
 * for messages. */
int lock_file_open(
	const char *pipeline_file, const char *shown, struct lock_file **out, struct err *err);
void lock_file_free(struct lock_file *lf);

enum lock_change { LOCK_SAME, LOCK_UPDATED, LOCK_ADDED, LOCK_CREATED };
/*
 * Put an entry and write the file if it differs. A new entry goes in front of that of the stage
 * `before`, or to the end if that is NULL. Returns an enum lock_change. LOCK_CREATED: the file is
 * new. LOCK_SAME: the entry has the same value, although the text may have changed (1 became 1.0).
 */
int lock_file_put(struct lock_file *lf, const char *stage, const struct value *entry,
	const char *before, struct err *err);
/* The current entry of the stage; borrowed until the next call. NULL: none. */
int lock_file_get(
	struct lock_file *lf, const char *stage, const struct value **out, struct err *err);
/* Remove an entry; with the last one the file is removed. Returns 1 when there was an entry. */
int lock_file_remove(struct lock_file *lf, const char *stage, struct err *err);
/* Put the record of a dataset into the dvc.lock beside a dvc.yaml; the whole file is rendered
 * again. `shown` is the path for messages. */
int lock_put_dataset(
	const char *pipeline_file, const char *shown, const struct value *record, struct err *err);
const char *lock_file_path(const struct lock_file *lf);

#endif
