/* Shared by cache.c, cache_add.c and the parts of store/ that read or write the cache's
 * directories. */
#ifndef STORE_CACHE_INT_H
#define STORE_CACHE_INT_H

#include "base/meter.h"
#include "store/bytes.h"
#include "store/cache.h"

enum {
	CACHE_MODE = 0444, /* an object that is known to be sound, see cache.h */
};

/*
 * An object on its way into the cache. Its temporary lies in the object's own directory, because a
 * rename within one directory is the cheapest, or in files/md5/ while the name is not known yet.
 * All-zero is "none".
 */
struct incoming {
	int fd_plus_one; /* 0: none open */
	struct buf tmp;  /* path of the temporary */
};

/* Open a temporary for `o`, or in files/md5/ when `o` is NULL. Missing directories are made. */
int incoming_open(struct incoming *in, const struct cache *c, const struct oid *o, struct err *err);
/* Close the temporary, make it read-only and rename it to the path of `o`. */
int incoming_finish(
	struct incoming *in, const struct cache *c, const struct oid *o, struct err *err);
/* Remove the temporary unless incoming_finish() has renamed it. For AUTO(). */
void incoming_release(struct incoming *in);

/* cache_add_file() for an object that is known to be missing. */
int cache_put_file(const struct cache *c, const struct oid *o, int dir_fd, const char *path,
	bool hardlink, const struct tree_entry *seen, struct err *err);
/* The same for an open file, from its current position on; `path` is for messages. Bytes are
 * counted as work of the kind `meter`. */
int cache_put_fd(const struct cache *c, const struct oid *o, int fd, uint64_t size_bytes,
	const char *path, const struct tree_entry *seen, enum meter_kind meter, struct err *err);

/* Is this name in a fan-out directory that of an object (30 hexadecimal digits, perhaps ".dir")?
 * Fills `*out`. */
bool cache_parse_name(const char *fan, const char *name, enum hash_name hash, struct oid *out);
/* Call `fn` for every name in the fan-out directories of one hash, in no order; a negative result
 * ends the loop and is returned. */
typedef int (*cache_each_fn)(
	void *ctx, int dir_fd, const char *fan, const char *name, struct err *err);
int cache_each(
	const struct cache *c, enum hash_name hash, cache_each_fn fn, void *ctx, struct err *err);

/* The mean size of these objects in bytes, to estimate progress; 0 when no progress is shown. */
uint64_t cache_mean_size(const struct cache *c, const struct oid_list *sample);

#endif
