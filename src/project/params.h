/*
 * Parameter files: YAML, JSON, TOML or Python, told apart by the lower-cased suffix (anything else
 * is YAML).
 */
#ifndef PROJECT_PARAMS_H
#define PROJECT_PARAMS_H

#include "base/err.h"
#include "project/source.h"
#include "text/value.h"

/*
 * Parse `text` as the kind of file that `path` names. A falsy document ([], 0, an empty YAML file)
 * gives an empty map. Fails: ERR_PARSE "unable to read: 'params.yaml', YAML file structure is
 * corrupted: ...".
 */
int params_parse(struct arena *a, const char *path, const char *text, size_t len,
	struct value **out, struct err *err);
/* Read and parse the file at `path` (relative to the source's root). Fails: ERR_NOT_FOUND,
 * ERR_PARSE, ERR_IO. */
int params_load(const struct source *s, struct arena *a, const char *path, struct value **out,
	struct err *err);

/*
 * The value of a dotted key (NULL in *out when it is absent): components are looked up one by one,
 * integers index lists ("lst.0.k"), patterns (* ? [..], and ** for any number of components) must
 * match one value. The empty key is the whole file. Fails: ERR_FAIL, a pattern matches more.
 */
int params_find(
	const struct value *root, const char *dotted, const struct value **out, struct err *err);

#endif
