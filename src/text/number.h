/*
 * Integers of any size from text.
 */
#ifndef TEXT_NUMBER_H
#define TEXT_NUMBER_H

#include "text/value.h"

enum { NUMBER_MAX_DIGITS = 4300 }; /* Python's limit for integers in decimal text */

/* Digits after an optional sign: decimal, or of base 2, 8 or 16 after 0b, 0o, 0x (in either case).
 * NULL for an empty text, other characters, or more than NUMBER_MAX_DIGITS digits. */
struct value *number_parse_int(struct arena *a, const char *s, size_t len);

#endif
