#include "base/buf.h"

#include "base/alloc.h"

void buf_release(struct buf *b)
{
	free(b->ptr);
	*b = BUF_INIT;
}

void buf_clear(struct buf *b)
{
	/* an empty buf has no memory, so there is no byte for the NUL */
	b->len = 0;
	if (b->ptr)
		b->ptr[0] = '\0';
}

void buf_reserve(struct buf *b, size_t more)
{
	size_t want = b->len + more + 1;
	if (want <= b->cap)
		return;
	/* by half, so that appending is linear on average */
	size_t cap = b->cap < 32 ? 32 : b->cap + b->cap / 2;
	if (cap < want)
		cap = want;
	b->ptr = mem_realloc(b->ptr, cap);
	b->cap = cap;
	b->ptr[b->len] = '\0';
}

void buf_add(struct buf *b, const void *p, size_t len)
{
	buf_reserve(b, len);
	if (len)
		memcpy(b->ptr + b->len, p, len);
	b->len += len;
	b->ptr[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_addn(struct buf *b, char c, size_t times)
{
	buf_reserve(b, times);
	memset(b->ptr + b->len, c, times);
	b->len += times;
	b->ptr[b->len] = '\0';
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	buf_reserve(b, 64);
	int n = vsnprintf(b->ptr + b->len, b->cap - b->len, fmt, ap);
	if (n >= 0 && (size_t)n >= b->cap - b->len) {
		/* the length is known now: write again with enough room */
		buf_reserve(b, (size_t)n);
		n = vsnprintf(b->ptr + b->len, b->cap - b->len, fmt, again);
	}
	va_end(again);

	if (n > 0) /* negative: an encoding error; nothing is appended */
		b->len += (size_t)n;
	b->ptr[b->len] = '\0';
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

void buf_addbuf(struct buf *b, const struct buf *other)
{
	buf_add(b, other->ptr, other->len);
}

void buf_insert(struct buf *b, size_t at, const void *p, size_t len)
{
	buf_splice(b, at, 0, p, len);
}

void buf_splice(struct buf *b, size_t at, size_t remove, const void *p, size_t len)
{
	buf_reserve(b, len);
	size_t tail = b->len - at - remove;
	memmove(b->ptr + at + len, b->ptr + at + remove, tail);
	if (len)
		memcpy(b->ptr + at, p, len);
	b->len = at + len + tail;
	b->ptr[b->len] = '\0';
}

void buf_truncate(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->ptr[len] = '\0';
}

void buf_rtrim(struct buf *b)
{
	size_t n = b->len;
	/* strchr() finds the NUL, too: it counts as white space */
	while (n && strchr(" \t\r\n\v\f", b->ptr[n - 1]))
		n--;
	buf_truncate(b, n);
}

char *buf_detach(struct buf *b)
{
	buf_reserve(b, 0); /* allocates when the buf is empty: the result is never NULL */
	char *p = b->ptr;
	*b = BUF_INIT;
	return p;
}

void buf_utf8(struct buf *b, uint32_t c)
{
	char out[4];
	size_t n;
	/* one to four bytes: the lead byte has the length, the others have six bits each */
	if (c < 0x80) {
		out[0] = (char)c;
		n = 1;
	} else if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		n = 2;
	} else if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		n = 3;
	} else {
		out[0] = (char)(0xF0 | c >> 18);
		out[1] = (char)(0x80 | (c >> 12 & 0x3F));
		out[2] = (char)(0x80 | (c >> 6 & 0x3F));
		out[3] = (char)(0x80 | (c & 0x3F));
		n = 4;
	}

	buf_add(b, out, n);
}
