/* Functions on strings, and on numbers as text. None depends on the locale. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/buf.h"

bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_eq(const char *a, const char *b); /* NULL equals only NULL */
char *str_lower(const char *s);            /* heap copy, ASCII letters lowered */
char *str_strip(const char *s);            /* heap copy without white space at both ends */
char *str_random(size_t digits);           /* heap string of random hexadecimal digits */

/* Convert decimal text to a number. False when it contains anything else or does not fit. */
bool str_to_i64(const char *s, int64_t *out_value);

/* Read one code point at s[*at] and advance. An invalid byte gives U+FFFD and advances by
 * one byte. */
uint32_t str_next_utf8(const char *s, size_t len, size_t *at);
size_t str_utf8_len(const char *s, size_t len); /* in code points */
bool str_is_utf8(const char *s, size_t len);    /* strictly valid (no surrogates) */
int str_display_width(
	const char *s, size_t len); /* terminal columns (wide and combining characters known) */

/* A float as Python's repr(): the shortest text that reads back as the same number; "1e-05",
 * "1e+16", "inf", "nan". */
void str_add_float(struct buf *b, double number);
/* As Python's "%.<precision>g". */
void str_add_float_g(struct buf *b, double number, int precision);

/* Quote for a POSIX shell as Python's shlex.quote does. */
void str_add_shell_quoted(struct buf *b, const char *s);

/* The edit distance of two words: insert, remove, replace, or swap neighbours. At most 64. */
int str_distance(const char *a, const char *b);

/*
 * The search for the word that a user may have meant: the nearest one with at most three edits,
 * and at most half of the length of `wanted`. Of equal ones the first wins. `found` is borrowed
 * from the words, NULL while there is none.
 */
struct str_nearest {
	const char *wanted;
	const char *found;
	int edits; /* distance of `found` */
};
void str_nearest_try(struct str_nearest *n, const char *word);

/* Match one name as Python's fnmatch: * ? [..], case-sensitive, '/' is not special. */
bool str_glob(const char *pattern, const char *s);

#endif
