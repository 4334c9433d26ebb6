/* What cache.c, cache_add.c, gc.c and transfer.c share. */
#ifndef STORE_CACHE_INT_H
#define STORE_CACHE_INT_H

#include "base/meter.h"
#include "store/bytes.h"
#include "store/cache.h"

enum {
	CACHE_MODE = 0444,
};

/*
 * An object on its way into the cache: a temporary beside its place (a rename within one directory
 * is the cheapest), or in the root while the name is not known yet. All-zero is "none".
 */
struct incoming {
	int fd_plus_one;
	struct buf tmp; /* path of the temporary */
};

/* Open a temporary for `o`, or in the cache's root when `o` is NULL; directories are made when
 * missing. */
int incoming_open(struct incoming *in, const struct cache *c, const struct oid *o, struct err *err);
/* Close it, make it read-only and give it its name. */
int incoming_finish(
	struct incoming *in, const struct cache *c, const struct oid *o, struct err *err);
/* Drop the temporary if finish did not happen. For AUTO(). */
void incoming_release(struct incoming *in);

/* cache_add_file() for an object that is known to be missing. */
int cache_put_file(const struct cache *c, const struct oid *o, int dir_fd, const char *path,
	bool hardlink, const struct tree_entry *seen, struct err *err);
/* The same from an open file, from its position on; `path` is for messages. The bytes are counted
 * as work of the kind `meter`. */
int cache_put_fd(const struct cache *c, const struct oid *o, int fd, uint64_t size_bytes,
	const char *path, const struct tree_entry *seen, enum meter_kind meter, struct err *err);

/* Is this name in a fan-out directory an object's (30 hex digits, maybe ".dir")? Fills `*out`. */
bool cache_parse_name(const char *fan, const char *name, enum hash_name hash, struct oid *out);
/* Call `fn` for every name below the fan-out directories of one hash; a negative result ends it. */
typedef int (*cache_each_fn)(
	void *ctx, int dir_fd, const char *fan, const char *name, struct err *err);
int cache_each(
	const struct cache *c, enum hash_name hash, cache_each_fn fn, void *ctx, struct err *err);

/* The mean size of these objects, for a progress estimate; 0 when nobody looks at progress. */
uint64_t cache_mean_size(const struct cache *c, const struct oid_list *sample);

#endif
