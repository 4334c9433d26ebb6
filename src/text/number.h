/*
 * Integers of any size from text.
 */
#ifndef TEXT_NUMBER_H
#define TEXT_NUMBER_H

#include "text/value.h"

enum { NUMBER_MAX_DIGITS = 4300 }; /* as Python's limit for decimal text */

/*
 * Digits after an optional sign, in base 10, or 2, 8, 16 after 0b, 0o, 0x (either case). NULL when
 * there is none, when something else is among them, or when there are more than NUMBER_MAX_DIGITS.
 */
struct value *number_parse_int(struct arena *a, const char *s, size_t len);

#endif
