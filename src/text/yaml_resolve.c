/* Determines type and value of a plain scalar from its text, by the rules of ruamel.yaml's resolver
 * for YAML 1.2. Its regular expressions are written as small matchers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "text/number.h"
#include "text/yaml.h"
#include "text/yaml_match.h"

/* Digits with underscores, a point, an exponent; or .inf and .nan. */
static bool is_float(const char *s, size_t len)
{
	static const char *const inf[] = {".inf", ".Inf", ".INF", NULL};
	static const char *const nan[] = {".nan", ".NaN", ".NAN", NULL};

	size_t at = len && (s[0] == '+' || s[0] == '-');
	if (is_any(s + at, len - at, inf) || (!at && is_any(s, len, nan)))
		return true;

	if (at < len && is_digit(s[at])) {
		size_t end = skip(s, len, at, "0123456789_");
		if (is_exponent(s, len, end, false))
			return true;
		if (end == len || s[end] != '.')
			return false;
		end = skip(s, len, end + 1, "0123456789_");
		return end == len || is_exponent(s, len, end, false);
	}

	if (at < len && s[at] == '.') {
		size_t end = skip(s, len, at + 1, "0123456789_");
		return end > at + 1 && (end == len || is_exponent(s, len, end, true));
	}
	return false;
}

/* Digits with underscores, also of base 2, 8 and 16. */
static bool is_int(const char *s, size_t len)
{
	size_t at = len && (s[0] == '+' || s[0] == '-');
	if (at == len)
		return false;
	if (s[at] == '0' && at + 2 < len) {
		const char *set = s[at + 1] == 'b'   ? "01_"
				  : s[at + 1] == 'o' ? "01234567_"
				  : s[at + 1] == 'x' ? "0123456789abcdefABCDEF_"
						     : NULL;
		if (set)
			return skip(s, len, at + 2, set) == len;
	}
	return skip(s, len, at, "0123456789_") == len;
}

/* The parts of a date or a time. */
struct stamp {
	int year, month, day;
	bool has_time;
	int hour, minute, second;
	const char *fraction;
	size_t fraction_len;
	bool has_zone;
	int zone_minutes;
};

/* Read between `min` and `max` digits at s[*at]. */
static bool take_digits(const char *s, size_t len, size_t *at, int min, int max, int *out)
{
	int n = 0;
	for (*out = 0; n < max && *at < len && is_digit(s[*at]); n++)
		*out = *out * 10 + (s[(*at)++] - '0');
	return n >= min;
}

static bool take(const char *s, size_t len, size_t *at, char c)
{
	if (*at >= len || s[*at] != c)
		return false;
	++*at;
	return true;
}

/* Read the offset of a time: nothing, Z, or +HH[:MM]. */
static bool parse_zone(const char *s, size_t len, size_t at, struct stamp *t)
{
	size_t blank = skip(s, len, at, " \t");
	if (at == len)
		return true;

	at = blank;
	t->has_zone = true;
	if (take(s, len, &at, 'Z'))
		return at == len;

	if (at >= len || (s[at] != '+' && s[at] != '-'))
		return false;

	int sign = s[at++] == '-' ? -1 : 1, hours, minutes = 0;
	if (!take_digits(s, len, &at, 1, 2, &hours))
		return false;
	if (take(s, len, &at, ':') && !take_digits(s, len, &at, 2, 2, &minutes))
		return false;
	t->zone_minutes = sign * (hours * 60 + minutes);
	return at == len;
}

/* Read a date, perhaps with a time. The month and day of a date alone must have two digits. */
static bool parse_stamp(const char *s, size_t len, struct stamp *t)
{
	size_t at = 0;
	*t = (struct stamp){0};

	if (!take_digits(s, len, &at, 4, 4, &t->year) || !take(s, len, &at, '-'))
		return false;

	size_t month_at = at;
	if (!take_digits(s, len, &at, 1, 2, &t->month))
		return false;
	size_t month_len = at - month_at;
	if (!take(s, len, &at, '-'))
		return false;

	size_t day_at = at;
	if (!take_digits(s, len, &at, 1, 2, &t->day))
		return false;

	if (at == len)
		return month_len == 2 && at - day_at == 2;

	t->has_time = true;
	if (s[at] == 'T' || s[at] == 't') {
		at++;
	} else {
		size_t blank = skip(s, len, at, " \t");
		if (blank == at)
			return false;
		at = blank;
	}

	if (!take_digits(s, len, &at, 1, 2, &t->hour) || !take(s, len, &at, ':') ||
		!take_digits(s, len, &at, 2, 2, &t->minute) || !take(s, len, &at, ':') ||
		!take_digits(s, len, &at, 2, 2, &t->second))
		return false;

	if (take(s, len, &at, '.')) {
		t->fraction = s + at;
		while (at < len && is_digit(s[at]))
			at++;
		t->fraction_len = (size_t)(s + at - t->fraction);
	}

	return parse_zone(s, len, at, t);
}

enum yaml_type yaml_resolve(const char *s, size_t len)
{
	static const char *const bools[] = {
		"true", "True", "TRUE", "false", "False", "FALSE", NULL};
	static const char *const nulls[] = {"~", "null", "Null", "NULL", NULL};
	if (len == 0)
		return YAML_IS_NULL;

	struct stamp stamp;
	/* the first character excludes most types, as in ruamel.yaml */
	switch (s[0]) {
	case 't':
	case 'T':
	case 'f':
	case 'F':
		return is_any(s, len, bools) ? YAML_IS_BOOL : YAML_IS_STRING;
	case '~':
	case 'n':
	case 'N':
		return is_any(s, len, nulls) ? YAML_IS_NULL : YAML_IS_STRING;
	case '<':
		return len == 2 && s[1] == '<' ? YAML_IS_MERGE : YAML_IS_STRING;
	case '=':
		return len == 1 ? YAML_IS_VALUE : YAML_IS_STRING;
	case '+':
	case '-':
	case '.':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		if (is_float(s, len))
			return YAML_IS_FLOAT;
		if (s[0] != '.' && is_int(s, len))
			return YAML_IS_INT;
		return is_digit(s[0]) && parse_stamp(s, len, &stamp) ? YAML_IS_TIME
								     : YAML_IS_STRING;
	default:
		return YAML_IS_STRING;
	}
}

/* As Python's date(), which has no year 0. */
static bool is_valid_date(const struct stamp *t)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = t->year % 4 == 0 && (t->year % 100 != 0 || t->year % 400 == 0);
	if (t->year < 1 || t->month < 1 || t->month > 12 || t->day < 1)
		return false;
	return t->day <= days[t->month - 1] + (t->month == 2 && leap);
}

/* A date or datetime, with the text of Python's str(). */
static struct value *construct_time(struct arena *a, const char *s, size_t len)
{
	struct stamp t;
	if (!parse_stamp(s, len, &t) || !is_valid_date(&t))
		return NULL;

	if (!t.has_time) {
		char *text = arena_printf(a, "%04d-%02d-%02d", t.year, t.month, t.day);
		return value_text(a, VALUE_DATE, text, strlen(text));
	}

	if (t.hour > 23 || t.minute > 59 || t.second > 59 || abs(t.zone_minutes) >= 24 * 60)
		return NULL;

	int micros = 0;
	for (size_t i = 0; i < 6; i++)
		micros = micros * 10 + (i < t.fraction_len ? t.fraction[i] - '0' : 0);
	/* more than microseconds are rounded half up, as in ruamel.yaml */
	if (t.fraction_len > 6 && t.fraction[6] > '4' && micros < 999999)
		micros++;

	char fraction[16] = "", zone[16] = "";
	if (micros)
		(void)snprintf(fraction, sizeof(fraction), ".%06d", micros);
	if (t.has_zone)
		(void)snprintf(zone, sizeof(zone), "%c%02d:%02d", t.zone_minutes < 0 ? '-' : '+',
			abs(t.zone_minutes) / 60, abs(t.zone_minutes) % 60);

	char *text = arena_printf(a, "%04d-%02d-%02d %02d:%02d:%02d%s%s", t.year, t.month, t.day,
		t.hour, t.minute, t.second, fraction, zone);
	return value_text(a, VALUE_DATETIME, text, strlen(text));
}

/* (underscores are dropped first) */
static struct value *construct_number(
	struct arena *a, enum yaml_type type, const char *s, size_t len)
{
	char *digits = arena_alloc(a, len + 1);
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		if (s[i] != '_')
			digits[n++] = s[i];

	if (type == YAML_IS_INT)
		return number_parse_int(a, digits, n);

	const char *p = digits + (digits[0] == '-' || digits[0] == '+');
	double sign = digits[0] == '-' ? -1.0 : 1.0;
	if (p[0] == '.' && (p[1] == 'i' || p[1] == 'I'))
		return value_float(a, sign * INFINITY);
	if (p[0] == '.' && (p[1] == 'n' || p[1] == 'N'))
		return value_float(a, NAN);

	char *end;
	double number = strtod(p, &end);
	if (end == p || *end)
		return NULL;
	return value_float(a, sign * number);
}

struct value *yaml_construct(struct arena *a, enum yaml_type type, const char *s, size_t len)
{
	switch (type) {
	case YAML_IS_NULL:
		return value_null(a);
	case YAML_IS_BOOL:
		/* the resolver has accepted only spellings of true and false */
		return value_bool(a, s[0] == 't' || s[0] == 'T');
	case YAML_IS_INT:
	case YAML_IS_FLOAT:
		return construct_number(a, type, s, len);
	case YAML_IS_TIME:
		return construct_time(a, s, len);
	default:
		return value_stringn(a, s, len);
	}
}
