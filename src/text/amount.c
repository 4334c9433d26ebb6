/* Reads durations and sizes with their units. */
#include "text/amount.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool amount_read_duration(const char *text, int64_t *out_seconds)
{
	enum { MOST = 1000000000 };
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	int64_t sum = 0;

	while (*text) {
		int64_t number = 0, unit = 0;
		size_t digits = strspn(text, "0123456789");

		if (digits == 0 || digits > 10)
			return false;
		for (size_t i = 0; i < digits; i++)
			number = number * 10 + (text[i] - '0');
		text += digits;
		for (size_t i = 0; i < ARRAY_SIZE(units) && *text; i++)
			if (*text == units[i].letter)
				unit = units[i].seconds;
		if (!unit && *text)
			return false;
		sum += number * MAX(unit, 1);
		if (sum > MOST)
			return false;
		text += *text != '\0';
	}
	*out_seconds = sum;
	return sum > 0;
}

/* Read the number at the beginning, and return what follows it. NULL: there is none. */
static const char *read_number(const char *text, double *out)
{
	char *end;
	*out = strtod(text, &end);
	return end == text || !isfinite(*out) ? NULL : end;
}

bool amount_read_number(const char *text, double *out)
{
	const char *rest = read_number(text, out);
	return rest && rest[strspn(rest, " ")] == '\0';
}

bool amount_read_size(const char *text, double *out_bytes)
{
	static const struct {
		const char *unit;
		double bytes;
	} known[] = {{"", 1}, {"b", 1}, {"k", 1e3}, {"kb", 1e3}, {"kib", 1024}, {"m", 1e6},
		{"mb", 1e6}, {"mib", 1024.0 * 1024}, {"g", 1e9}, {"gb", 1e9},
		{"gib", 1024.0 * 1024 * 1024}, {"t", 1e12}, {"tb", 1e12},
		{"tib", 1024.0 * 1024 * 1024 * 1024}};
	const char *unit = read_number(text, out_bytes);
	if (!unit)
		return false;

	unit += strspn(unit, " ");
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcasecmp(unit, known[i].unit) == 0) {
			*out_bytes *= known[i].bytes;
			return true;
		}
	return false;
}
