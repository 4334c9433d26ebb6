#include "base/alloc.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>

static _Atomic(out_of_memory_fn) handler;

void mem_on_out_of_memory(out_of_memory_fn fn)
{
	atomic_store(&handler, fn);
}

NORETURN static void out_of_memory(size_t size_bytes)
{
	out_of_memory_fn fn = atomic_load(&handler);
	if (fn)
		fn(size_bytes);
	abort();
}

void *mem_alloc(size_t size_bytes)
{
	void *p = malloc(size_bytes ? size_bytes : 1); /* malloc(0) may return NULL */
	if (!p)
		out_of_memory(size_bytes);
	return p;
}

void *mem_zalloc(size_t size_bytes)
{
	void *p = calloc(1, size_bytes ? size_bytes : 1);
	if (!p)
		out_of_memory(size_bytes);
	return p;
}

void *mem_realloc(void *old, size_t size_bytes)
{
	void *p = realloc(old, size_bytes ? size_bytes : 1);
	if (!p)
		out_of_memory(size_bytes);
	return p;
}

void *mem_array(void *old, size_t count, size_t item_bytes)
{
	size_t total;

	if (__builtin_mul_overflow(count, item_bytes, &total))
		out_of_memory(SIZE_MAX); /* the exact size cannot be told */
	return mem_realloc(old, total);
}

char *mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

char *mem_strndup(const char *s, size_t len)
{
	char *p = mem_alloc(len + 1);
	if (len) /* memcpy() from NULL is undefined, even for no bytes */
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

void *mem_dup(const void *p, size_t len)
{
	void *copy = mem_alloc(len);
	if (len)
		memcpy(copy, p, len);
	return copy;
}

char *mem_printf(const char *fmt, ...)
{
	char *out = NULL;
	va_list ap;
	va_start(ap, fmt);
	if (vasprintf(&out, fmt, ap) < 0)
		out_of_memory(0);
	va_end(ap);
	return out;
}

void mem_freep(void *pointer_to_pointer)
{
	void **p = pointer_to_pointer;
	free(*p);
	*p = NULL;
}
