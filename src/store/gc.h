/* Removing objects that nothing uses. */
#ifndef STORE_GC_H
#define STORE_GC_H

#include "store/cache.h"

struct gc_result {
	size_t removed;
	uint64_t removed_bytes;
	struct strlist
		*paths; /* when not NULL, what was (or would be) removed is added, in no order */
};

/*
 * Remove every object of one hash that is not in `used` (sorted; listings and their files). With
 * `dry` only count. Without it the caller holds the cache alone, since before it looked at what is
 * used. Leftover temporaries older than a day go too. `out` is added to.
 */
int gc_cache(const struct cache *c, enum hash_name hash, const struct oid_list *used, bool dry,
	struct gc_result *out, struct err *err);

#endif
