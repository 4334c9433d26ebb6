/* Removing objects that nothing uses. */
#ifndef STORE_GC_H
#define STORE_GC_H

#include "store/cache.h"

struct gc_result {
	size_t removed;        /* of both hashes */
	size_t removed_legacy; /* of them, 2.x objects */
	uint64_t removed_bytes;
	struct strlist *paths; /* when not NULL, what was (or would be) removed is added */
};

/*
 * Remove every object of both hashes that is not in `used` (sorted; listings and their files). With
 * `dry` only count. Holds the cache alone meanwhile (ERR_LOCKED never: it waits). Leftover
 * temporaries older than a day go too.
 */
int gc_cache(const struct cache *c, const struct oid_list *used, bool dry, struct gc_result *out,
	struct err *err);

#endif
