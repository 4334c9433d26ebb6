/*
 * The tracked data of one index by path, for readers of many files: an output is found without a
 * walk over all stages, and the listing of a directory is read once.
 */
#ifndef OPS_TRACKED_FILES_H
#define OPS_TRACKED_FILES_H

#include "base/map.h"
#include "base/vec.h"
#include "project/index.h"
#include "store/tree.h"

struct tracked_files {
	struct index *ix;
	struct map by_path;              /* absolute path -> const struct out * */
	VEC(const struct out *) by_name; /* the same outputs, sorted by path */
	struct map listings;             /* object id -> struct tree *, NULL if it cannot be read */
};

/* The index is borrowed. */
struct tracked_files *tracked_files_new(struct index *ix);
void tracked_files_free(struct tracked_files *t); /* NULL is fine */

/* The output that is the absolute path or contains it; NULL: there is none. */
const struct out *tracked_find(const struct tracked_files *t, const char *abs_path);

/* The place in `by_name` of the first output inside of the directory; the others follow it. */
size_t tracked_first_below(const struct tracked_files *t, const char *abs_dir);

/* The listing of the output, from the cache or the remote. Borrowed; NULL: it cannot be read. */
const struct tree *tracked_listing(
	struct tracked_files *t, const struct out *o, const struct oid *oid);

#endif
