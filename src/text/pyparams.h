/*
 * Parameters in Python files. The file is parsed, never run: `NAME = literal` at the top, in class
 * bodies, and `self.name = literal` in __init__ count; what is no literal (calls, arithmetic,
 * names, f-strings) is skipped.
 */
#ifndef TEXT_PYPARAMS_H
#define TEXT_PYPARAMS_H

#include "base/buf.h"
#include "base/err.h"
#include "text/value.h"

enum { PYPARAMS_MAX_DEPTH = 100 };

/*
 * Parse into a map; a class is a map under its name. Values and names carry their positions.
 * Fails: ERR_PARSE "line 3: ..." for unbalanced brackets, unterminated strings, wrong indentation.
 */
int pyparams_parse(
	struct arena *a, const char *text, size_t len, struct value **out, struct err *err);

/* Append `v` as a Python literal, its repr(). Fails: ERR_UNEXPECTED for what has none (inf, nan,
 * dates). */
int pyparams_write_value(struct buf *out, const struct value *v, struct err *err);

#endif
