/*
 * Parameters in Python files. The file is parsed but never run. Assignments of literals count:
 * `NAME = literal` at the top level and in class bodies, and `self.name = literal` in __init__.
 * Other values (calls, arithmetic, names, f-strings) are skipped.
 */
#ifndef TEXT_PYPARAMS_H
#define TEXT_PYPARAMS_H

#include "base/buf.h"
#include "base/err.h"
#include "text/value.h"

enum { PYPARAMS_MAX_DEPTH = 100 };

/* Parse into a map; a class is a map under its name. Values and names have their positions. Fails:
 * ERR_PARSE "line 3: ..." for unbalanced brackets, unterminated strings and wrong indentation. */
int pyparams_parse(
	struct arena *a, const char *text, size_t len, struct value **out, struct err *err);

/* Append `v` as a Python literal, that is, its repr(). Fails: ERR_VALUE for a value without
 * one (inf, nan, dates). */
int pyparams_write_value(struct buf *out, const struct value *v, struct err *err);

#endif
