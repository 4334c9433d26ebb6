/*
 * A path within a directory output: looked at, and recorded, without a walk over the rest. The
 * recorded listing is read once (from what the state remembers of it, else from the cache) and the
 * part is put in its place, so that the cost is that of the listing, not of the directory's files.
 */
#ifndef DATA_PART_H
#define DATA_PART_H

#include "data/data.h"

/* Is `path` (absolute, may be NULL) strictly within the output, recorded as a directory? */
bool part_is_inside(const struct out *o, const char *path);

/*
 * What `status` says of the output when only `path` within it counts: ENTRY_SAME, ENTRY_MODIFIED or
 * ENTRY_NOT_IN_CACHE. Negative on failure.
 */
int part_state(struct data *d, const struct out *o, const char *path, struct err *err);

/*
 * Record in o->rec (strings in `a`) what lies at `path` now in place of what the listing says; with
 * `store` its objects and the new listing are in the cache before this returns. A path that is gone
 * is taken out of the listing. The size stays known when files were merely added (as DVC). Fails:
 * ERR_NOT_FOUND: the listing cannot be had, or the path is neither there nor recorded; ERR_IO.
 */
int part_save(struct data *d, struct arena *a, struct out *o, const char *path, bool store,
	struct err *err);
/* Without a listing to put it into: all of the directory is recorded as it is now, but of its files
 * only those at `path` are stored. */
int part_save_in_whole(
	struct data *d, struct arena *a, struct out *o, const char *path, struct err *err);

#endif
