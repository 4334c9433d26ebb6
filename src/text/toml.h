/* TOML 1.0. Dates and times become VALUE_DATE, VALUE_TIME and VALUE_DATETIME with the text of
 * Python's str(). */
#ifndef TEXT_TOML_H
#define TEXT_TOML_H

#include "base/buf.h"
#include "base/err.h"
#include "text/value.h"

enum { TOML_MAX_DEPTH = 256 };

/*
 * Parse a document into a map. The position of a value is that of its text. The position of a
 * table is from its header to the end of its last own value; all zero if only its sub-tables have
 * headers. `flow` is set for arrays and inline tables. Fails: ERR_PARSE "line 3, column 5: ...".
 */
int toml_parse(struct arena *a, const char *text, size_t len, struct value **out, struct err *err);

/* Append a whole document. Fails: ERR_VALUE for a value that TOML cannot express: null, bytes,
 * sets. */
int toml_write(struct buf *out, const struct value *map, struct err *err);
/* Append a value as it is written behind "key = "; a map becomes an inline table. */
int toml_write_value(struct buf *out, const struct value *v, struct err *err);
void toml_write_key(struct buf *out, const char *key, size_t len);

#endif
