/*
 * ${...} in strings: finding the expressions, checking their grammar, and putting values in their
 * place. The grammar is DVC's: word ('.' word | '[' word ']')*, no defaults, no functions; "\${" is
 * a literal "${".
 */
#ifndef PROJECT_INTERPOLATE_H
#define PROJECT_INTERPOLATE_H

#include "base/err.h"
#include "text/value.h"

/* Config options parsing.bool and parsing.list, for a mapping in cmd. */
struct interpolate_style {
	bool bool_optional; /* boolean_optional: --no-x for false */
	bool list_append;   /* append: --x a --x b */
};

/* A lookup error is ERR_NOT_FOUND ("Could not find 'x'"), an error of grammar or type ERR_PARSE. */

/* Is there any ${...} in it? */
bool interpolate_has(const char *s, size_t len);
/* Check the grammar of every expression in every string below `v`, keys too. */
int interpolate_check(const struct value *v, struct err *err);

/* The value that a dotted or bracketed key names in the context; borrowed. */
int interpolate_select(
	const struct value *context, const char *key, const struct value **out, struct err *err);

/*
 * Resolve everything below `v` against `context`. `key` is the stage's key that it stands under
 * ("cmd" alone may take a mapping); NULL: any value may stand for an exact "${x}" (data of foreach
 * and matrix). What comes from the context is shared with it, not copied.
 */
int interpolate_resolve(struct arena *a, const struct value *v, const struct value *context,
	const char *key, const struct interpolate_style *style, struct value **out,
	struct err *err);

/* A value as it stands inside a string: true, None, 1e-05, or for a mapping its command-line
 * options. */
int interpolate_text(struct buf *out, const struct value *v, const struct interpolate_style *style,
	struct err *err);

#endif
