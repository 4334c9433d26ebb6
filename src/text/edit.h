/*
 * Changes files that people wrote. The text is parsed and compared with the tree it should
 * contain, and only the places that differ are changed: a scalar is replaced, a line is inserted
 * or removed. Comments, order, quotes and blank lines elsewhere stay as they are.
 */
#ifndef TEXT_EDIT_H
#define TEXT_EDIT_H

#include "base/buf.h"
#include "base/err.h"
#include "text/value.h"

enum edit_format { EDIT_YAML, EDIT_JSON, EDIT_TOML, EDIT_PYTHON };

/*
 * Change `text` so that it parses as `want` (as a rule made from a value_copy() of the parsed
 * text). New keys go to the end of their map. If an edit in place is not possible (a key that
 * comes from an alias, a removed table of TOML), the whole text is written anew; for a Python file
 * that is an error. Returns 1 when the text was changed, 0 when it had this content. Fails: as the
 * parser (`name` is the path for messages); ERR_VALUE for a value that the format cannot
 * express. On failure `text` is unchanged.
 */
int edit_text(enum edit_format format, const char *name, struct buf *text, const struct value *want,
	struct err *err);

/* Are both exactly the same, including kinds (1 is not 1.0)? The order of maps does not count. */
bool edit_same(const struct value *a, const struct value *b);

#endif
