/* Reads Python literals from a longer text. */
#ifndef TEXT_PYLITERAL_H
#define TEXT_PYLITERAL_H

#include "text/value.h"

struct py_scan {
	struct arena *arena;
	const char *text;
	size_t at, end;
	int depth; /* nesting depth of literals */
};

/* Skip white space, comments and line ends, as inside brackets. */
void py_skip_space(struct py_scan *s);
/* Read the literal at s->at, as ast.literal_eval accepts it, with its position. NULL when there is
 * something else. */
struct value *py_literal(struct py_scan *s);
/* The same; several literals separated by commas are a tuple without parentheses. */
struct value *py_literal_or_tuple(struct py_scan *s);
/* The offset behind the string that begins at `at`, possibly with a prefix. 0 when no string begins
 * there, SIZE_MAX when it has no end. */
size_t py_skip_string(const char *text, size_t at, size_t end);

#endif
