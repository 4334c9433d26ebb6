/*
 * A hash map from strings to pointers. Keys are copied, values are borrowed. Iteration (map_next)
 * follows the order of insertion, so that output never depends on hash values. All-zero is empty.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/base.h"

struct map_entry {
	char *key; /* NULL in a removed entry */
	size_t len;
	uint32_t hash;
	void *value;
};

struct map {
	struct map_entry *entries; /* in order of insertion */
	size_t count, cap;         /* entries in use (removed ones included) and allocated */
	size_t live;               /* entries not removed */
	uint32_t *slots;           /* index into entries plus one; 0: free */
	size_t slot_count;         /* a power of two */
};

#define MAP_INIT ((struct map){0})

void map_release(struct map *m);
void *map_get(const struct map *m, const char *key); /* NULL when absent */
void *map_getn(const struct map *m, const char *key, size_t len);
bool map_has(const struct map *m, const char *key);
void *map_set(struct map *m, const char *key, void *value); /* returns the former value or NULL */
void *map_setn(struct map *m, const char *key, size_t len, void *value);
void *map_remove(struct map *m, const char *key); /* returns the value or NULL */

/* for (struct map_entry *e = map_next(&m, NULL); e; e = map_next(&m, e)) */
struct map_entry *map_next(const struct map *m, const struct map_entry *previous);

#endif
