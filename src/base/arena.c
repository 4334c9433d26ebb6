#include "base/arena.h"

#include <stdarg.h>

#include "base/alloc.h"

/* `data` is aligned for any type, so the first allocation of a block needs no padding. */
struct arena_block {
	struct arena_block *older;
	_Alignas(max_align_t) char data[];
};

enum { BLOCK_BYTES = 32 << 10 };

void arena_release(struct arena *a)
{
	for (struct arena_block *b = a->blocks, *older; b; b = older) {
		older = b->older;
		free(b);
	}
	*a = ARENA_INIT;
}

/* The result is not cleared. `align` is a power of two. */
static char *take(struct arena *a, size_t size, size_t align)
{
	char *p = (char *)(((uintptr_t)a->next + align - 1) & ~(uintptr_t)(align - 1));
	if (a->next && p <= a->end && size <= (size_t)(a->end - p)) {
		a->next = p + size;
		return p;
	}

	/* A large object gets a block of its own. Otherwise the rest of the current block would be
	 * lost, and a block would serve only a few objects. */
	bool own = size > BLOCK_BYTES / 4;
	size_t room = own ? size : BLOCK_BYTES;
	struct arena_block *b = mem_alloc(sizeof(*b) + room);

	if (own && a->blocks) { /* insert it behind the current block, which still has room */
		b->older = a->blocks->older;
		a->blocks->older = b;
		return b->data;
	}

	b->older = a->blocks;
	a->blocks = b;
	a->next = b->data + size;
	a->end = b->data + room;
	return b->data;
}

void *arena_alloc(struct arena *a, size_t size_bytes)
{
	void *p = take(a, size_bytes ? size_bytes : 1, _Alignof(max_align_t));
	memset(p, 0, size_bytes);
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p = take(a, len + 1, 1);
	if (len)
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	char *p = take(a, (size_t)n + 1, 1);
	(void)vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}
