/*
 * Bringing one object to one path of the workspace, in the first way of the cache's list that works
 * here.
 */
#ifndef STORE_LINK_H
#define STORE_LINK_H

#include <sys/stat.h>

#include "base/meter.h"
#include "store/cache.h"

/* What is known to fail between this cache and this workspace, so that it is tried once and not for
 * each file. */
struct linker {
	const struct cache *cache;
	bool copy_at_last; /* when none of the cache's list works, as DVC does within directories */
	unsigned broken;   /* bits 1 << enum link_type; set by any thread, only ever from 0 to 1 */
};

/*
 * A copy in the making has the sticky bit, which means nothing on a file: what a killed process
 * left half done is known by it, and may be overwritten without asking.
 */
enum { LINK_UNFINISHED = S_ISVTX };

/*
 * Create `path` (absolute, must not exist; its directory must) from the object. Empty objects are
 * never hard-linked, as in DVC. A copy or clone gets mode 0666 & ~umask, a link is the 0444 object
 * itself. *out_st says what stat(2) says of the path now. Fails: ERR_NOT_FOUND (no such object, or
 * it was corrupt), ERR_EXISTS, ERR_UNSUPPORTED when no link type works (DVC's text), ERR_IO.
 */
int link_object(struct linker *l, const struct oid *o, const char *path, struct stat *out_st,
	struct err *err);

/* Is a plain copy of an object, or a clone, the form that the cache's list asks for? Then what was
 * saved may stay. */
bool link_prefers_copy(const struct cache *c);

/*
 * Does what is at `path` already have the preferred form (a copy, a link to the very object)? For
 * --relink. With `any`, each form that the cache's list names will do, and not only the first that
 * works.
 */
bool link_is_current(const struct linker *l, const struct oid *o, const char *path, bool any);

/*
 * May a file with this mode be a link into the cache although the cache's list names no kind of
 * link? That happens after cache.type was changed, and an edit of the file would change the object.
 * Costs no system call: objects are read-only, so a file that may be written is no link to one.
 */
bool link_may_be_left_over(const struct cache *c, mode_t mode);

/* Is `path` a hard or symbolic link to the object? */
bool link_is_to_object(const struct cache *c, const struct oid *o, const char *path);

/* The name of a temporary file beside `path`, in the workspace, where walks pass it over. The same
 * each time, so that the next try sweeps what a killed one left; short, since the name of `path`
 * may be as long as names can be. Heap string. */
char *link_tmp_beside(const char *path);

/* Replace a link at `path` by a copy that may be written, mode 0666 & ~umask. As `dvc unprotect`.
 */
int link_unprotect(const struct cache *c, const char *path, struct err *err);

#endif
