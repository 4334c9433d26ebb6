/* Determines type and value of a plain scalar as PyYAML does with OmegaConf's changes. The regular
 * expressions of its resolver are written as small matchers. */
#include "text/yaml11.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "text/number.h"
#include "text/yaml_match.h"

static const char digits[] = "0123456789", digits_[] = "0123456789_";

/* Nothing, or an exponent up to the end. */
static bool ends_here(const char *s, size_t len, size_t at, bool sign)
{
	return at == len || is_exponent(s, len, at, sign);
}

/* [0-9]+(_[0-9]+)* from `at` on; the end, or `at` when there is none. */
static size_t skip_grouped(const char *s, size_t len, size_t at)
{
	size_t end = skip(s, len, at, digits);
	while (end > at && end + 1 < len && s[end] == '_' && is_digit(s[end + 1]))
		end = skip(s, len, end + 1, digits);
	return end;
}

/* (:[0-5]?[0-9])+ from `at` on; the end, or `at` when there is none. */
static size_t skip_sixties(const char *s, size_t len, size_t at)
{
	while (at + 1 < len && s[at] == ':' && is_digit(s[at + 1])) {
		size_t n = at + 2;
		if (n < len && is_digit(s[n])) {
			if (s[at + 1] > '5')
				return at;
			n++;
		}
		at = n;
	}
	return at;
}

static bool is_float(const char *s, size_t len)
{
	static const char *const inf[] = {".inf", ".Inf", ".INF", NULL};
	static const char *const nan[] = {".nan", ".NaN", ".NAN", NULL};
	size_t at = len && (s[0] == '+' || s[0] == '-');

	if (is_any(s + at, len - at, inf) || (!at && is_any(s, len, nan)))
		return true;
	if (!at && len > 1 && s[0] == '.' && is_digit(s[1]))
		return ends_here(s, len, skip(s, len, 1, digits_), true) ||
		       ends_here(s, len, skip_grouped(s, len, 1), true);
	if (at >= len || !is_digit(s[at]))
		return false;

	/* PyYAML's form, whose exponent needs a sign, and OmegaConf's, which needs no point */
	size_t whole = skip(s, len, at, digits_), grouped = skip_grouped(s, len, at);
	if (whole < len && s[whole] == '.') {
		size_t fraction = skip(s, len, whole + 1, digits_);
		if (ends_here(s, len, fraction, grouped != whole))
			return true;
	}
	if (grouped < len && ends_here(s, len, grouped, false))
		return true;

	size_t sixties = skip_sixties(s, len, whole);
	return sixties > whole && sixties < len && s[sixties] == '.' &&
	       skip(s, len, sixties + 1, digits_) == len;
}

static bool is_int(const char *s, size_t len)
{
	size_t at = len && (s[0] == '+' || s[0] == '-');
	if (at >= len || !is_digit(s[at]))
		return false;
	if (s[at] == '0') {
		if (at + 1 == len)
			return true;
		if (at + 2 < len && s[at + 1] == 'b')
			return skip(s, len, at + 2, "01_") == len;
		if (at + 2 < len && s[at + 1] == 'x')
			return skip(s, len, at + 2, "0123456789abcdefABCDEF_") == len;
		return skip(s, len, at + 1, "01234567_") == len;
	}
	size_t end = skip(s, len, at, digits_);
	return end == len || (skip_sixties(s, len, end) == len && end > at);
}

enum yaml_type yaml11_resolve(const char *s, size_t len)
{
	static const char *const bools[] = {"yes", "Yes", "YES", "no", "No", "NO", "true", "True",
		"TRUE", "false", "False", "FALSE", "on", "On", "ON", "off", "Off", "OFF", NULL};
	static const char *const nulls[] = {"~", "null", "Null", "NULL", NULL};

	if (len == 0 || is_any(s, len, nulls))
		return YAML_IS_NULL;
	if (is_any(s, len, bools))
		return YAML_IS_BOOL;
	if (len == 2 && s[0] == '<' && s[1] == '<')
		return YAML_IS_MERGE;
	if (len == 1 && s[0] == '=')
		return YAML_IS_VALUE;
	if (is_float(s, len))
		return YAML_IS_FLOAT;
	return is_int(s, len) ? YAML_IS_INT : YAML_IS_STRING;
}

/* a:b:c in base 60. */
static double sixties_value(const char *s)
{
	double total = 0;
	for (const char *p = s; p; p = strchr(p, ':') ? strchr(p, ':') + 1 : NULL)
		total = total * 60 + strtod(p, NULL);
	return total;
}

/* The same as an integer; false when it does not fit into 64 bits. */
static bool sixties_int(const char *s, int64_t *out)
{
	int64_t total = 0;
	for (const char *p = s; p; p = strchr(p, ':') ? strchr(p, ':') + 1 : NULL) {
		errno = 0;
		long long part = strtoll(p, NULL, 10);
		if (errno || __builtin_mul_overflow(total, 60, &total) ||
			__builtin_add_overflow(total, part, &total))
			return false;
	}
	*out = total;
	return true;
}

static struct value *construct_int(struct arena *a, const char *s, bool negative)
{
	const char *colon = strchr(s, ':');
	struct value *v;
	if (colon) {
		int64_t number;
		v = sixties_int(s, &number) ? value_int(a, number) : NULL;
	} else if (s[0] == '0' && s[1] && s[1] != 'b' && s[1] != 'x') { /* octal without an 'o' */
		char *octal = arena_printf(a, "0o%s", s + 1);
		v = number_parse_int(a, octal, strlen(octal));
	} else {
		v = number_parse_int(a, s, strlen(s));
	}
	if (v && negative && v->integer.big)
		return value_int_text(a, arena_printf(a, "-%s", v->integer.big));
	return v && negative ? value_int(a, -v->integer.number) : v;
}

struct value *yaml11_construct(struct arena *a, enum yaml_type type, const char *s, size_t len)
{
	if (type == YAML_IS_BOOL) {
		AUTO(mem_freep) char *word = str_lower(s);
		return value_bool(
			a, str_eq(word, "yes") || str_eq(word, "true") || str_eq(word, "on"));
	}
	if (type != YAML_IS_INT && type != YAML_IS_FLOAT)
		return yaml_construct(a, type, s, len);

	char *plain = arena_alloc(a, len + 1);
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		if (s[i] != '_')
			plain[n++] = s[i];
	bool negative = plain[0] == '-';
	const char *p = plain + (plain[0] == '-' || plain[0] == '+');

	if (type == YAML_IS_INT)
		return construct_int(a, p, negative);

	double number = p[0] == '.' && (p[1] == 'i' || p[1] == 'I')   ? INFINITY
			: p[0] == '.' && (p[1] == 'n' || p[1] == 'N') ? NAN
			: strchr(p, ':')                              ? sixties_value(p)
								      : strtod(p, NULL);
	return value_float(a, negative ? -number : number);
}
