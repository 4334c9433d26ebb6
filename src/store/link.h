/* Creates one path of the workspace from one object, in the first way of the cache's list that
 * works there. */
#ifndef STORE_LINK_H
#define STORE_LINK_H

#include <sys/stat.h>

#include "base/meter.h"
#include "store/cache.h"

/* Remembers which link types fail between this cache and this workspace, so that each is tried once
 * and not for every file. */
struct linker {
	const struct cache *cache;
	/* copy when no type of the cache's list works; DVC does so within directories */
	bool copy_at_last;
	unsigned broken; /* bits 1 << enum link_type; any thread may set a bit, none clears it */
};

/* A file that is being copied has the sticky bit, which has no meaning for files. A file with this
 * bit is the incomplete work of a killed process and may be overwritten without asking. */
enum { LINK_UNFINISHED = S_ISVTX };

/*
 * Create the absolute `path` from the object. `path` must not exist, its directory must. As in
 * DVC, empty objects are never hard-linked. A copy or clone gets mode 0666 & ~umask; a link shares
 * the inode or leads to the 0444 object. `*out_st` is the result of stat(2) on the new path.
 * Fails: ERR_NOT_FOUND (no such object, or it was corrupt), ERR_EXISTS, ERR_UNSUPPORTED (no link
 * type works; DVC's text), ERR_IO.
 */
int link_object(struct linker *l, const struct oid *o, const char *path, struct stat *out_st,
	struct err *err);

/* Does the cache's list prefer a plain copy or a clone? Then a file that was stored may stay in the
 * workspace as it is. */
bool link_prefers_copy(const struct cache *c);

/*
 * Does the file at `path` already have the preferred type (a copy, or a link to this very object)?
 * Used for --relink. With `any` every type in the cache's list is accepted, not only the first one
 * that works.
 */
bool link_is_current(const struct linker *l, const struct oid *o, const char *path, bool any);

/*
 * May a file with this mode be a link into the cache although the cache's list names no kind of
 * link? That happens after cache.type was changed, and then an edit of the file would change the
 * object. Needs no system call: objects are read-only, so a writable file is not a link to one.
 */
bool link_may_be_left_over(const struct cache *c, mode_t mode);

/* Is `path` a hard or symbolic link to the object? */
bool link_is_to_object(const struct cache *c, const struct oid *o, const char *path);

/*
 * The name of a temporary file beside `path`, in the workspace; directory walks pass over it. The
 * name is the same each time, so that the next attempt removes the one of a killed process. It is
 * short, because the name of `path` may have the maximal length. Heap string.
 */
char *link_tmp_beside(const char *path);

/* Replace a link at `path` by a writable copy with mode 0666 & ~umask, as `dvc unprotect` does. */
int link_unprotect(const struct cache *c, const char *path, struct err *err);

#endif
