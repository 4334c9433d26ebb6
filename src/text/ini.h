/*
 * The INI dialect of .dvc/config, which is that of the Python library configobj.
 *
 * A file is read into a map of sections. Each section is a map from lower-cased keys to strings,
 * or to lists of strings (an unquoted "a, b"). Quotes around a section name are removed: ['remote
 * "x"'] becomes `remote "x"`, lower-cased. Comments are not kept, because DVC drops them whenever
 * it writes the file.
 *
 * Names of sections and keys, and values, have their positions in the text (columns are counted
 * without the indentation). That of a list is from its first to its last word, without a comment.
 */
#ifndef TEXT_INI_H
#define TEXT_INI_H

#include "base/err.h"
#include "text/value.h"

/* Parse a file; `name` is its path for messages. Fails: ERR_CONFIG. */
int ini_parse(struct arena *a, const char *name, const char *text, size_t len, struct value **out,
	struct err *err);
/* Write sections in order, without empty ones. Fails: ERR_FAIL when a name or value has quotes and
 * line ends that the dialect cannot express. */
int ini_format(struct buf *out, const struct value *sections, struct err *err);

#endif
