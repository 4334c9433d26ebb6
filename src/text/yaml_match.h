/* Matching parts of a plain scalar, for the resolvers of YAML 1.1 and 1.2, which replace the
 * regular expressions of Python's libraries. Positions and lengths are in bytes. */
#ifndef TEXT_YAML_MATCH_H
#define TEXT_YAML_MATCH_H

#include <stdbool.h>
#include <string.h>

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Is the text one of `words`, which end with NULL? */
static inline bool is_any(const char *s, size_t len, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == len && memcmp(s, *words, len) == 0)
			return true;
	return false;
}

/* The end of the characters of `set` from `at` on. */
static inline size_t skip(const char *s, size_t len, size_t at, const char *set)
{
	while (at < len && s[at] && strchr(set, s[at]))
		at++;
	return at;
}

/* [eE][-+]?[0-9]+ up to the end; with `sign` a sign is required. */
static inline bool is_exponent(const char *s, size_t len, size_t at, bool sign)
{
	if (at >= len || (s[at] != 'e' && s[at] != 'E'))
		return false;
	at++;
	if (at < len && (s[at] == '+' || s[at] == '-'))
		at++;
	else if (sign)
		return false;
	return at < len && skip(s, len, at, "0123456789") == len;
}

#endif
