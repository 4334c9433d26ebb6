/* Memory for objects with one common end of life (a parsed document, the index of a repository):
 * many small allocations, one release. All-zero is empty. Not to be shared between threads. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/base.h"

struct arena_block;
struct arena {
	struct arena_block *blocks;
	char *next, *end;
};

#define ARENA_INIT ((struct arena){0})

void arena_release(struct arena *a);
void *arena_alloc(struct arena *a, size_t size_bytes); /* aligned for any type, all bytes zero */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define ARENA_NEW(a, type)          ((type *)arena_alloc(a, sizeof(type)))
#define ARENA_ARRAY(a, type, count) ((type *)arena_alloc(a, sizeof(type) * (count)))

#endif
