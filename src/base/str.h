/*
 * Small questions about strings and numbers in text, free of locale.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/buf.h"

bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_eq(const char *a, const char *b); /* NULL equals only NULL */
char *str_lower(const char *s);            /* heap copy, ASCII letters lowered */
char *str_strip(const char *s);            /* heap copy without white space at both ends */

/* Decimal text to a number; false when anything else is in it or it does not fit. */
bool str_to_i64(const char *s, int64_t *out_value);

/* Read one code point at s[*at]; invalid bytes give U+FFFD and advance one byte. */
uint32_t str_next_utf8(const char *s, size_t len, size_t *at);
size_t str_utf8_len(const char *s, size_t len); /* in code points */
bool str_is_utf8(const char *s, size_t len);    /* strictly valid (no surrogates) */
int str_display_width(
	const char *s, size_t len); /* terminal columns (wide and combining characters known) */

/* A float as Python's repr() writes it: shortest text that reads back equal; "1e-05", "1e+16",
 * "inf", "nan". */
void str_add_float(struct buf *b, double number);
/* As Python's "%.<precision>g". */
void str_add_float_g(struct buf *b, double number, int precision);

/* Quote for a POSIX shell as Python's shlex.quote does. */
void str_add_shell_quoted(struct buf *b, const char *s);

/* How alike two words are: the number of edits (insert, remove, replace, swap neighbours). */
int str_distance(const char *a, const char *b);

/*
 * The nearest of the words that are tried, as far as one may have been meant: no more than three
 * edits, and no more than half of what was `wanted`. The first of equals wins. `found` is borrowed
 * from the words, and NULL while there is none.
 */
struct str_nearest {
	const char *wanted;
	const char *found;
	int edits; /* of `found` */
};
void str_nearest_try(struct str_nearest *n, const char *word);

/* fnmatch-like glob over one name as Python's fnmatch: * ? [..], case-sensitive, no special slash.
 */
bool str_glob(const char *pattern, const char *s);

#endif
