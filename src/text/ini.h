/*
 * The INI dialect of .dvc/config: configobj's, as DVC writes and reads it.
 *
 * Read into a map of sections, each a map from lower-cased key to a string or (for an unquoted "a,
 * b") a list of strings. Section names keep what stood between their quotes: ['remote "x"'] is
 * `remote "x"`, lower-cased. Comments are not kept: DVC drops them on every rewrite.
 */
#ifndef TEXT_INI_H
#define TEXT_INI_H

#include "base/err.h"
#include "text/value.h"

/* `name` is for messages. Fails: ERR_CONFIG. */
int ini_parse(struct arena *a, const char *name, const char *text, size_t len, struct value **out,
	struct err *err);
/* Sections in order; empty ones are dropped. Fails: ERR_FAIL, when a name or value holds quotes
 * and line ends that the dialect cannot express. */
int ini_format(struct buf *out, const struct value *sections, struct err *err);

#endif
