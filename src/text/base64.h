/* Base64 (RFC 4648). */
#ifndef TEXT_BASE64_H
#define TEXT_BASE64_H

#include "base/buf.h"

/* Append the bytes with padding, on one line. */
void base64_add(struct buf *out, const void *p, size_t len);
/* The same in the alphabet for URLs ('-' and '_'), without padding, as JSON web tokens have it. */
void base64_add_url(struct buf *out, const void *p, size_t len);
/* Append what `len` characters stand for, in either alphabet, with or without padding. White space
 * is skipped. False, with `*out` unchanged: malformed. */
bool base64_decode(struct buf *out, const char *text, size_t len);

#endif
