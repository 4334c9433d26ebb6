/*
 * A reader for the Python pickles that DVC writes into queued experiments, for plain data only:
 * dictionaries, lists, tuples, text, numbers, booleans and None. Input that would make objects is
 * refused, and nothing is ever executed, so it is safe for untrusted input.
 */
#ifndef EXP_PICKLE_H
#define EXP_PICKLE_H

#include "base/err.h"
#include "text/value.h"

enum { PICKLE_MAX_BYTES = 1 << 20 };

/* Values live in `a`. Fails: ERR_PARSE for anything but plain data, and above PICKLE_MAX_BYTES. */
int pickle_load(
	struct arena *a, const char *bytes, size_t len, struct value **out, struct err *err);

#endif
