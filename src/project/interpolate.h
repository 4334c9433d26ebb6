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
/* Is it a string that is one ${...} and nothing else? */
bool interpolate_is_exact(const struct value *v);
/* Check the grammar of every expression in every string below `v`, keys too. */
int interpolate_check(const struct value *v, struct err *err);

/* How to resolve: all of it is borrowed. */
struct interpolate {
	struct arena *arena; /* the result lives here, and in the context */
	const struct value *context;
	const struct value *member; /* a map that hides what has its keys in the context, or NULL */
	/* The stage's key that the value stands under ("cmd" alone may take a mapping); NULL: any
	 * value may stand anywhere (data of foreach and matrix, top-level sections). */
	const char *key;
	const struct interpolate_style *style;
	bool as_written; /* messages give an expression as it is written, not as it is parsed */
	bool text_keys;  /* refuse an expression alone as a key, as foreach and matrix do */
};

/*
 * Resolve everything below `v`. What comes from the context is shared with it, not copied. An
 * expression alone as a key gives a key of the value's type.
 */
int interpolate_resolve(
	const struct interpolate *how, const struct value *v, struct value **out, struct err *err);

/* A value as it stands inside a string: true, None, 1e-05, or for a mapping its command-line
 * options. */
int interpolate_text(struct buf *out, const struct value *v, const struct interpolate_style *style,
	struct err *err);

#endif
