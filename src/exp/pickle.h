/*
 * A bounded reader for the Python pickles that DVC writes: dictionaries, lists, tuples, text,
 * numbers, truth values and None. Anything that would make objects is refused; nothing is ever
 * executed.
 */
#ifndef EXP_PICKLE_H
#define EXP_PICKLE_H

#include "base/err.h"
#include "text/value.h"

enum { PICKLE_MAX_BYTES = 1 << 20 };

/* Fails: ERR_PARSE for anything else than plain data. */
int pickle_load(
	struct arena *a, const char *bytes, size_t len, struct value **out, struct err *err);

#endif
