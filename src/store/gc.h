/* Garbage collection of a cache: removes objects that nothing uses. */
#ifndef STORE_GC_H
#define STORE_GC_H

#include "store/cache.h"

struct gc_result {
	size_t removed; /* objects */
	uint64_t removed_bytes;
	size_t aborted; /* uploads in parts, broken off more than a week ago */
	/* when not NULL: the paths of what was removed (or would be, in a dry run) are added, in no
	 * order */
	struct strlist *paths;
};

/*
 * Remove every object of one hash that is not in `used` (sorted; it names listings and their
 * files). `dry` only counts. Otherwise the caller holds the cache lock alone, taken before it
 * determined what is used. Temporaries older than a day are removed, too. The results are added to
 * `*out`. Fails: ERR_IO; what was removed before stays removed.
 */
int gc_cache(const struct cache *c, enum hash_name hash, const struct oid_list *used, bool dry,
	struct gc_result *out, struct err *err);

#endif
