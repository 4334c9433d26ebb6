/* A growing run of bytes. A NUL follows them, which `len` does not count, so `buf.ptr` is also a C
 * string. An all-zero buf is empty and its `ptr` is NULL; buf_str() returns "" then. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/base.h"

struct buf {
	char *ptr;
	size_t len; /* bytes in use */
	size_t cap; /* bytes allocated, more than len */
};

#define BUF_INIT ((struct buf){0})

void buf_release(struct buf *b);
void buf_clear(struct buf *b);                /* empty; keeps the memory */
void buf_reserve(struct buf *b, size_t more); /* room for `more` bytes and the NUL */
void buf_add(struct buf *b, const void *p, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addn(struct buf *b, char c, size_t times);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
void buf_addbuf(struct buf *b, const struct buf *other);
void buf_insert(struct buf *b, size_t at, const void *p, size_t len);
void buf_splice(
	struct buf *b, size_t at, size_t remove, const void *p, size_t len); /* replace a range */
void buf_truncate(struct buf *b, size_t len);                                /* shorten to len */
void buf_rtrim(struct buf *b); /* drop white space at the end */
char *buf_detach(
	struct buf *b); /* the bytes as a heap string (never NULL); the buf is empty afterwards */
void buf_utf8(
	struct buf *b, uint32_t code_point); /* surrogates are written as three bytes (WTF-8) */

static inline const char *buf_str(const struct buf *b)
{
	return b->ptr ? b->ptr : "";
}

#endif
