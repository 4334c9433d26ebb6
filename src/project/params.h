/* Parameter files in YAML, JSON, TOML or Python. The lower-cased suffix decides; anything else is
 * YAML. */
#ifndef PROJECT_PARAMS_H
#define PROJECT_PARAMS_H

#include "base/err.h"
#include "project/source.h"
#include "text/value.h"

/*
 * Parse `text` in the format that the suffix of `path` names. A document that is falsy in Python
 * ([], 0, an empty YAML file) becomes an empty map. Fails: ERR_PARSE "unable to read:
 * 'params.yaml', YAML file structure is corrupted: ...".
 */
int params_parse(struct arena *a, const char *path, const char *text, size_t len,
	struct value **out, struct err *err);
/* Read and parse the file at `path` (relative to the source's root). Fails: ERR_NOT_FOUND,
 * ERR_PARSE, ERR_IO. */
int params_load(const struct source *s, struct arena *a, const char *path, struct value **out,
	struct err *err);

/*
 * Find the value of a dotted key; `*out` is NULL when there is none. The components are looked up
 * one after the other; integers are indexes of lists ("lst.0.k"). Patterns (* ? [..], and ** for
 * any number of components) must match a single value. The empty key is the whole file. Fails:
 * ERR_FAIL when a pattern matches several values.
 */
int params_find(
	const struct value *root, const char *dotted, const struct value **out, struct err *err);

#endif
