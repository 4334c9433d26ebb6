/*
 * dvc.lock: what was true when each stage last ran. Written whole after each stage; only the entry
 * that changed is rendered anew, the other bytes stay as they are. A file that somebody else has
 * changed is read again before.
 */
#ifndef PROJECT_LOCK_H
#define PROJECT_LOCK_H

#include "base/err.h"
#include "project/stage.h"

/* The stage's entry from what is recorded in it now: cmd, deps, params, outs, in the order and form
 * of dvc.lock. */
struct value *lock_entry(struct arena *a, const struct stage *s);

struct lock_file;

/* Read the dvc.lock beside the dvc.yaml at `pipeline_file`; a missing one is fine. `shown` is for
 * messages. */
int lock_file_open(
	const char *pipeline_file, const char *shown, struct lock_file **out, struct err *err);
void lock_file_free(struct lock_file *lf);

enum lock_change { LOCK_SAME, LOCK_UPDATED, LOCK_ADDED, LOCK_CREATED };
/*
 * Put an entry in and write the file when it differs. A new one goes in front of that of the stage
 * `before`; NULL: at the end. Returns an enum lock_change (LOCK_CREATED: the file is new;
 * LOCK_SAME: equal as values, though 1 may have become 1.0).
 */
int lock_file_put(struct lock_file *lf, const char *stage, const struct value *entry,
	const char *before, struct err *err);
/* What the file says of the stage now; borrowed until the next call. NULL: nothing. */
int lock_file_get(
	struct lock_file *lf, const char *stage, const struct value **out, struct err *err);
/* Take an entry out; the file goes when it was the last one. Returns 1 when there was one. */
int lock_file_remove(struct lock_file *lf, const char *stage, struct err *err);
/* Put the record of a dataset into the dvc.lock beside a dvc.yaml, which is written anew. `shown`
 * is for messages. */
int lock_put_dataset(
	const char *pipeline_file, const char *shown, const struct value *record, struct err *err);
const char *lock_file_path(const struct lock_file *lf);

#endif
