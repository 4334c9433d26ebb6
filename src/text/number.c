#include "text/number.h"

#include <string.h>

/* The value of a hexadecimal digit; 99 for any other character. */
static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* Convert digits of another base to decimal text. The number is kept in limbs of nine decimal
 * digits, the least significant first. */
static char *to_decimal(struct arena *a, const char *s, size_t len, unsigned base, bool negative)
{
	/* nine decimal digits hold more than seven digits of base 16 */
	uint32_t *limbs = ARENA_ARRAY(a, uint32_t, len / 7 + 2);
	size_t count = 1;

	for (size_t i = 0; i < len; i++) {
		uint64_t carry = (uint64_t)digit_value(s[i]);
		for (size_t j = 0; j < count; j++) {
			carry += (uint64_t)limbs[j] * base;
			limbs[j] = (uint32_t)(carry % 1000000000);
			carry /= 1000000000;
		}
		if (carry)
			limbs[count++] = (uint32_t)carry;
	}

	char *text = arena_alloc(a, count * 9 + 2), *p = text;
	if (negative)
		*p++ = '-';

	for (size_t j = count; j-- > 0;) {
		uint32_t scale = 100000000, rest = limbs[j];
		for (int k = 0; k < 9; k++, scale /= 10) {
			*p++ = (char)('0' + rest / scale);
			rest %= scale;
		}
	}
	return text;
}

struct value *number_parse_int(struct arena *a, const char *s, size_t len)
{
	bool negative = len && s[0] == '-';
	if (len && (s[0] == '-' || s[0] == '+')) {
		s++;
		len--;
	}

	/* 0b, 0o and 0x, as in Python; the digits after it are checked below */
	unsigned base = 10;
	if (len > 2 && s[0] == '0') {
		char mark = (char)(s[1] | 0x20);
		base = mark == 'b' ? 2 : mark == 'o' ? 8 : mark == 'x' ? 16 : 10;
		if (base != 10) {
			s += 2;
			len -= 2;
		}
	}

	/* Python has the same limit against slow conversions */
	if (len == 0 || len > NUMBER_MAX_DIGITS)
		return NULL;
	for (size_t i = 0; i < len; i++)
		if (digit_value(s[i]) >= (int)base)
			return NULL;

	if (base != 10)
		return value_int_text(a, to_decimal(a, s, len, base, negative));

	/* keep the digits as text: they may not fit into 64 bits */
	char *text = arena_alloc(a, len + 2);
	text[0] = '-';
	memcpy(text + 1, s, len);
	return value_int_text(a, negative ? text : text + 1);
}
