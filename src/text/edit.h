/*
 * Changes to files that people wrote. The text is parsed, compared with the tree it should hold,
 * and only the places where they differ are touched: a scalar is replaced, a line inserted or
 * removed. Comments, order, quotes and blank lines elsewhere stay as they are.
 */
#ifndef TEXT_EDIT_H
#define TEXT_EDIT_H

#include "base/buf.h"
#include "base/err.h"
#include "text/value.h"

enum edit_format { EDIT_YAML, EDIT_JSON, EDIT_TOML, EDIT_PYTHON };

/*
 * Make `text` read as `want` (made by changing a value_copy() of what was parsed, or otherwise).
 * New keys go to the end of their map. Where a change by position is not possible (a key that an
 * alias brings in, a table of TOML removed), the whole text is written anew; a Python file is then
 * refused. Returns 1 when the text was changed, 0 when it held `want` already. Fails: as the parser
 * (the text is not what it should be; `name` is its path as shown); ERR_UNEXPECTED for a value that
 * the format cannot hold. `text` is unchanged then.
 */
int edit_text(enum edit_format format, const char *name, struct buf *text, const struct value *want,
	struct err *err);

/* Whether both are the same to the last bit: kinds too (1 is not 1.0), maps without order. */
bool edit_same(const struct value *a, const struct value *b);

#endif
