/*
 * ${...} in strings: finding the expressions, checking their grammar, and replacing them by
 * values. The grammar is that of DVC: word ('.' word | '[' word ']')*, without defaults and
 * functions. "\${" is a literal "${".
 */
#ifndef PROJECT_INTERPOLATE_H
#define PROJECT_INTERPOLATE_H

#include "base/err.h"
#include "text/value.h"

/* The options parsing.bool and parsing.list, which apply to a mapping in cmd. */
struct interpolate_style {
	bool bool_optional; /* boolean_optional: false becomes --no-x */
	bool list_append;   /* append: a list becomes --x a --x b */
};

/* A failed lookup is ERR_NOT_FOUND ("Could not find 'x'"), an error of grammar or type is
 * ERR_PARSE. */

/* Does the string contain an expression? */
bool interpolate_has(const char *s, size_t len);
/* Is the value a string that is a single expression and nothing else? */
bool interpolate_is_exact(const struct value *v);
/* Check the grammar of every expression in all strings below `v`, including keys. */
int interpolate_check(const struct value *v, struct err *err);

/* How to resolve; everything is borrowed. */
struct interpolate {
	struct arena *arena; /* the result lives here and in the context */
	const struct value *context;
	const struct value *member; /* a map whose keys hide those of the context, or NULL */
	/* The key of the stage under which the value stands: only "cmd" may contain a mapping.
	 * NULL: any type is accepted anywhere (data of foreach and matrix, top-level sections). */
	const char *key;
	const struct interpolate_style *style;
	bool as_written; /* messages show an expression as written, not as parsed */
	bool text_keys;  /* refuse a key that is only an expression, as foreach and matrix do */
};

/* Resolve everything below `v`. Values from the context are shared, not copied. A key that is only
 * an expression becomes a key of the value's type. */
int interpolate_resolve(
	const struct interpolate *how, const struct value *v, struct value **out, struct err *err);

/* Append a value as it appears inside a string: true, None, 1e-05; a mapping becomes command-line
 * options. */
int interpolate_text(struct buf *out, const struct value *v, const struct interpolate_style *style,
	struct err *err);

#endif
