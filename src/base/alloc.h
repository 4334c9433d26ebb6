/*
 * Memory allocation that cannot fail: each function returns memory, or calls what
 * mem_on_out_of_memory() was given and ends the process. Ending anywhere is safe because files on
 * disk change only by rename (base/file.h). A size that comes from input must be checked against a
 * limit first, or a crafted file can end the process.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include "base/base.h"

/* Called with the size that was asked for. It must not return, must not allocate, and may be called
 * by any thread. NULL, which is the default: abort() without a message. */
typedef void (*out_of_memory_fn)(size_t size_bytes);
void mem_on_out_of_memory(out_of_memory_fn fn);

void *mem_alloc(size_t size_bytes) __attribute__((malloc, returns_nonnull));
void *mem_zalloc(size_t size_bytes) __attribute__((malloc, returns_nonnull)); /* all bytes zero */
void *mem_realloc(void *old, size_t size_bytes) __attribute__((returns_nonnull));
void *mem_array(void *old, size_t count, size_t item_bytes); /* realloc with an overflow check */
char *mem_strdup(const char *s) __attribute__((malloc, returns_nonnull));
char *mem_strndup(const char *s, size_t len) __attribute__((malloc, returns_nonnull));
char *mem_printf(const char *fmt, ...) PRINTF_LIKE(1, 2) __attribute__((malloc, returns_nonnull));
void *mem_dup(const void *p, size_t len) __attribute__((malloc, returns_nonnull));

/* For AUTO(): free the memory that a `char *` or any other pointer variable points to. */
void mem_freep(void *pointer_to_pointer);

#define NEW(type) ((type *)mem_zalloc(sizeof(type)))

#endif
