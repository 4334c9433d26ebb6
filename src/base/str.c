#include "base/str.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/random.h>
#include <wchar.h>

#include "base/alloc.h"

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);
	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool str_eq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

char *str_lower(const char *s)
{
	char *out = mem_strdup(s);
	for (char *p = out; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return out;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

char *str_strip(const char *s)
{
	while (is_space(*s))
		s++;
	size_t n = strlen(s);
	while (n && is_space(s[n - 1]))
		n--;
	return mem_strndup(s, n);
}

char *str_random(size_t digits)
{
	static const char hex[] = "0123456789abcdef";
	char *out = mem_alloc(digits + 1);

	for (size_t i = 0; i < digits; i++) {
		unsigned char byte;

		if (getrandom(&byte, 1, 0) != 1)
			abort(); /* cannot happen: so few bytes are never short */
		out[i] = hex[byte & 15];
	}
	out[digits] = '\0';
	return out;
}

bool str_to_i64(const char *s, int64_t *out_value)
{
	const char *p = *s == '-' || *s == '+' ? s + 1 : s;
	if (!*p)
		return false;
	/* strtoll() would accept blanks before the number */
	for (const char *q = p; *q; q++)
		if (*q < '0' || *q > '9')
			return false;
	errno = 0;
	long long v = strtoll(s, NULL, 10);
	if (errno) /* ERANGE */
		return false;
	*out_value = v;
	return true;
}

uint32_t str_next_utf8(const char *s, size_t len, size_t *at)
{
	const unsigned char *p = (const unsigned char *)s + *at;

	size_t left = len - *at;
	/* bytes after the first; C0, C1 and F5..FF never begin a character */
	int extra = p[0] < 0x80                   ? 0
		    : p[0] >= 0xC2 && p[0] < 0xE0 ? 1
		    : (p[0] & 0xF0) == 0xE0       ? 2
		    : p[0] >= 0xF0 && p[0] < 0xF5 ? 3
						  : -1;

	if (extra < 0 || (size_t)extra >= left)
		goto invalid;

	uint32_t c = extra == 0   ? p[0]
		     : extra == 1 ? p[0] & 0x1F
		     : extra == 2 ? p[0] & 0x0F
				  : p[0] & 0x07;

	for (int i = 1; i <= extra; i++) {
		if ((p[i] & 0xC0) != 0x80)
			goto invalid;
		c = c << 6 | (p[i] & 0x3F);
	}

	/* an overlong form, or above the last code point; surrogates are accepted (str_is_utf8()
	 * refuses them) */
	if ((extra == 2 && c < 0x800) || (extra == 3 && (c < 0x10000 || c > 0x10FFFF)))
		goto invalid;
	*at += (size_t)extra + 1;
	return c;
invalid:
	*at += 1;
	return 0xFFFD;
}

size_t str_utf8_len(const char *s, size_t len)
{
	size_t n = 0;
	for (size_t at = 0; at < len; n++)
		(void)str_next_utf8(s, len, &at);
	return n;
}

bool str_is_utf8(const char *s, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t start = at;
		uint32_t c = str_next_utf8(s, len, &at);
		if (c >= 0xD800 && c < 0xE000)
			return false;
		if (c == 0xFFFD && at - start != 3) /* U+FFFD itself has three bytes */
			return false;
	}
	return true;
}

/* Ranges of East Asian wide characters, and of marks without a column (Unicode 14, approximate). */
static const struct {
	uint32_t first, last;
} wide[] = {{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF},
	{0x4E00, 0x9FFF}, {0xA000, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},
	{0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
	{0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}},
  narrow[] = {
	  {0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};

int str_display_width(const char *s, size_t len)
{
	int width = 0;
	for (size_t at = 0; at < len;) {
		uint32_t c = str_next_utf8(s, len, &at);
		int w = 1;
		for (size_t i = 0; i < ARRAY_SIZE(wide); i++)
			if (c >= wide[i].first && c <= wide[i].last)
				w = 2;
		for (size_t i = 0; i < ARRAY_SIZE(narrow); i++)
			if (c >= narrow[i].first && c <= narrow[i].last)
				w = 0;
		width += w;
	}
	return width;
}

void str_add_float(struct buf *b, double number)
{
	if (isnan(number)) {
		buf_adds(b, "nan");
		return;
	}
	if (isinf(number)) {
		buf_adds(b, number < 0 ? "-inf" : "inf");
		return;
	}

	char text[64];
	/* 17 digits identify every double */
	int precision = 1;
	for (; precision <= 17; precision++) {
		(void)snprintf(text, sizeof(text), "%.*e", precision - 1, number);
		if (strtod(text, NULL) == number)
			break;
	}

	/* text is d.ddde[+-]xx: separate digits and exponent, then format as Python does */
	char digits[32];
	size_t n = 0;
	const char *p = text;
	if (*p == '-') {
		buf_addc(b, '-');
		p++;
	}
	for (; *p && *p != 'e'; p++)
		if (*p != '.')
			digits[n++] = *p;
	int exponent = (int)strtol(p + 1, NULL, 10);
	while (n > 1 && digits[n - 1] == '0')
		n--;

	/* the limits of Python's repr() */
	if (exponent < -4 || exponent >= 16) {
		buf_addc(b, digits[0]);
		if (n > 1) {
			buf_addc(b, '.');
			buf_add(b, digits + 1, n - 1);
		}
		buf_addf(b, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
	} else if (exponent < 0) {
		buf_adds(b, "0.");
		buf_addn(b, '0', (size_t)(-exponent - 1));
		buf_add(b, digits, n);
	} else {
		size_t whole = (size_t)exponent + 1;
		if (n <= whole) {
			buf_add(b, digits, n);
			buf_addn(b, '0', whole - n);
			buf_adds(b, ".0");
		} else {
			buf_add(b, digits, whole);
			buf_addc(b, '.');
			buf_add(b, digits + whole, n - whole);
		}
	}
}

void str_add_float_g(struct buf *b, double number, int precision)
{
	if (isnan(number) || isinf(number))
		str_add_float(b, number);
	else
		buf_addf(b, "%.*g", precision, number);
}

void str_add_shell_quoted(struct buf *b, const char *s)
{
	static const char safe[] = "@%+=:,./_-";
	bool plain = *s != '\0';
	/* the characters of shlex.quote(), ASCII only */
	for (const char *p = s; *p && plain; p++)
		plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			(*p >= '0' && *p <= '9') || strchr(safe, *p);
	if (plain) {
		buf_adds(b, s);
		return;
	}
	buf_addc(b, '\'');
	for (const char *p = s; *p; p++) {
		if (*p == '\'')
			/* end the quotes, a quote in other quotes, begin again */
			buf_adds(b, "'\"'\"'");
		else
			buf_addc(b, *p);
	}
	buf_addc(b, '\'');
}

/* Optimal string alignment: d[i][j] is the distance of the first i and j bytes. */
int str_distance(const char *a, const char *b)
{
	enum { LIMIT = 64 };
	size_t n = strlen(a), m = strlen(b);
	if (n >= LIMIT || m >= LIMIT)
		return LIMIT;
	int d[LIMIT + 1][LIMIT + 1];

	for (size_t i = 0; i <= n; i++)
		d[i][0] = (int)i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = (int)j;

	for (size_t i = 1; i <= n; i++)
		for (size_t j = 1; j <= m; j++) {
			int best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			best = MIN(best, d[i - 1][j] + 1);
			best = MIN(best, d[i][j - 1] + 1);
			/* swapped neighbours */
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = MIN(best, d[i - 2][j - 2] + 1);
			d[i][j] = best;
		}
	return d[n][m];
}

void str_nearest_try(struct str_nearest *n, const char *word)
{
	enum { MOST_EDITS = 3 };
	int edits = str_distance(word, n->wanted);
	if (edits > MOST_EDITS || 2 * edits > (int)strlen(n->wanted))
		return;
	if (n->found && n->edits <= edits)
		return;
	n->found = word;
	n->edits = edits;
}

/* Match one [..] class at p (after the bracket); *out_end is behind it. A class without an end is
 * not valid, and '[' is then an ordinary character. */
static bool class_matches(const char *p, char c, const char **out_end, bool *out_valid)
{
	bool negate = *p == '!';
	if (negate)
		p++;

	bool hit = false, first = true;
	/* "]" as the first character belongs to the class */
	for (; *p && (first || *p != ']'); first = false) {
		char low = *p++;
		char high = low;
		if (p[0] == '-' && p[1] && p[1] != ']') {
			high = p[1];
			p += 2;
		}
		if ((unsigned char)c >= (unsigned char)low &&
			(unsigned char)c <= (unsigned char)high)
			hit = true;
	}

	*out_valid = *p == ']';
	*out_end = *p ? p + 1 : p;
	return hit != negate;
}

bool str_glob(const char *pattern, const char *s)
{
	/* Greedy with one point of return: after a mismatch the last '*' takes one more character.
	 * An earlier '*' need not be tried again. */
	const char *star = NULL, *resume = NULL;
	while (*s) {
		const char *next = pattern + 1;
		bool ok = false;
		if (*pattern == '*') {
			star = pattern++;
			resume = s;
			continue;
		}
		if (*pattern == '?') {
			ok = true;
		} else if (*pattern == '[') {
			bool valid;
			const char *end;
			bool hit = class_matches(pattern + 1, *s, &end, &valid);
			if (valid) {
				ok = hit;
				next = end;
			} else {
				ok = *s == '[';
			}
		} else if (*pattern) {
			ok = *pattern == *s;
		}

		if (ok) {
			pattern = next;
			s++;
		} else if (star) {
			pattern = star + 1;
			s = ++resume;
		} else {
			return false;
		}
	}

	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
