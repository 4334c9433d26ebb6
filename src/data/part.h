/*
 * Compares and records a path within a directory output, without a walk over the rest of the
 * directory. The recorded listing is read (from the state database or the cache) and the part is
 * replaced in it, so that the cost depends on the listing and the part, not on the other files.
 */
#ifndef DATA_PART_H
#define DATA_PART_H

#include "data/data.h"

/* Is `path` (absolute, may be NULL) inside the output, and the output recorded as a directory? */
bool part_is_inside(const struct out *o, const char *path);

/*
 * The state of the output for `status`, when only `path` in it counts: ENTRY_SAME, ENTRY_MODIFIED
 * or ENTRY_NOT_IN_CACHE. Negative on failure.
 */
int part_state(struct data *d, const struct out *o, const char *path, struct err *err);

/*
 * Record the present content of `path` in o->rec (strings in `a`), by replacing it in the listing.
 * With `store`, its objects and the new listing are stored in the cache. A missing path is removed
 * from the listing. As in DVC, the size of the output stays known only if files were added. Fails:
 * ERR_NOT_FOUND (the cache lacks the listing, or the path neither exists nor is recorded); ERR_IO.
 */
int part_save(struct data *d, struct arena *a, struct out *o, const char *path, bool store,
	struct err *err);
/* Used when the old listing is not available: record the whole directory as it is now, but store
 * only the files at `path`. */
int part_save_in_whole(
	struct data *d, struct arena *a, struct out *o, const char *path, struct err *err);

#endif
