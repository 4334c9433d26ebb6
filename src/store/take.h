/*
 * Takes files of a place into a cache, where each is named by its content, which is hashed while it
 * arrives.
 */
#ifndef STORE_TAKE_H
#define STORE_TAKE_H

#include "fs/fs.h"
#include "store/cache.h"

struct take_file {
	const char *path, *version; /* as in struct fs_get; borrowed */
	uint64_t size_bytes;        /* FS_UNKNOWN: not known; then what arrived */
	struct oid oid;             /* out */
};

/* Store all files in the cache; NULL: only hash them. The first failure ends it, and what was
 * stored stays in the cache. Fails: as the driver's get(). */
int take_all(struct fs *fs, struct take_file *files, size_t count, const struct cache *to, int jobs,
	struct err *err);

/* Write file `i` to the open, empty file that open() returns; done() closes and renames it. Used
 * where the files are not to be stored. */
struct take_place {
	int (*open)(void *arg, size_t i, int *out_fd, struct err *err);
	int (*done)(void *arg, size_t i, int fd, int code, struct err *err);
	void *arg;
};
int take_to(struct fs *fs, const struct take_file *files, size_t count,
	const struct take_place *place, int jobs, struct err *err);

#endif
