/* Base64 (RFC 4648), both ways. */
#include "text/base64.h"

static void add(struct buf *out, const void *bytes, size_t len, const char *last_two, bool pad)
{
	char digits[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	const unsigned char *p = bytes;
	digits[62] = last_two[0];
	digits[63] = last_two[1];

	for (; len; p += MIN(len, (size_t)3), len -= MIN(len, (size_t)3)) {
		uint32_t bits = (uint32_t)p[0] << 16 | (len > 1 ? (uint32_t)p[1] << 8 : 0) |
				(len > 2 ? p[2] : 0);
		size_t count = MIN(len, (size_t)3) + 1;
		for (size_t i = 0; i < 4; i++) {
			if (i < count)
				buf_addc(out, digits[bits >> (18 - 6 * i) & 63]);
			else if (pad)
				buf_addc(out, '=');
		}
	}
}

void base64_add(struct buf *out, const void *p, size_t len)
{
	add(out, p, len, "+/", true);
}

void base64_add_url(struct buf *out, const void *p, size_t len)
{
	add(out, p, len, "-_", false);
}

/* The six bits of a character, or -1. */
static int bits_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool base64_decode(struct buf *out, const char *text, size_t len)
{
	size_t start = out->len, digits = 0, padding = 0;
	uint32_t bits = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (c == '=') {
			padding++;
			continue;
		}
		int six = bits_of(c);
		if (six < 0 || padding)
			goto malformed;
		bits = bits << 6 | (uint32_t)six;
		/* of four digits each but the first completes a byte */
		size_t in_four = digits++ % 4;
		if (in_four)
			buf_addc(out, (char)(bits >> (6 - 2 * in_four)));
	}
	if (digits % 4 != 1 && (!padding || (digits + padding) % 4 == 0))
		return true;
malformed:
	buf_truncate(out, start);
	return false;
}
