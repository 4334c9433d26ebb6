/*
 * The conditions of `exp show --filter`: "f1 > 0.6 and tag = best". Parsing and evaluation only:
 * what a name means is up to the caller, who looks it up for each row.
 *
 *     condition  = and-part { "or" and-part }
 *     and-part   = not-part { "and" not-part }
 *     not-part   = "not" not-part | "(" condition ")" | comparison
 *     comparison = name [ operator value ]             a name alone: is it set and not false?
 *     operator   = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~"     "~": a POSIX extended regex
 *     name       = word | `in backquotes`
 *     value      = word | 'in quotes' | "in quotes"    a backslash takes the next character as is
 *
 * A word ends at white space and at any of ( ) = ! < > ~ ' " `. "and", "or" and "not" are words of
 * their own, so a column or a value of that name is quoted.
 *
 * Values are compared as numbers when both are numbers, else as text ("true", "false" and "null"
 * as JSON writes them). A list is equal to a value if one of its items is, matches if one matches,
 * and so on. Names of times ("created", "date") are compared with as much of the time as the value
 * has: created = 2026-11-30 is true for the whole day. A comparison with something that a row does
 * not have is false, and "!=" is true.
 *
 * Threads: a filter may be used by one thread at a time.
 */
#ifndef EXP_FILTER_H
#define EXP_FILTER_H

#include "base/err.h"
#include "text/value.h"

struct filter;

enum { FILTER_MAX_BYTES = 64 * 1024, FILTER_MAX_DEPTH = 200 };

/* The caller frees `*out`. Fails: ERR_VALUE; the message shows the text and marks the place. */
int filter_parse(struct filter **out, const char *text, struct err *err);
void filter_free(struct filter *f); /* NULL is allowed */

/* The value of a name in a row; NULL: it has none. Borrowed until the next call. */
typedef const struct value *(*filter_get_fn)(void *ctx, const char *name);
bool filter_match(const struct filter *f, filter_get_fn get, void *ctx);

/* Call `is_known` for each name in the order of the text. Fails: ERR_VALUE for the first one that
 * it does not know, with its place. */
int filter_check_names(const struct filter *f, bool (*is_known)(void *ctx, const char *name),
	void *ctx, struct err *err);

#endif
