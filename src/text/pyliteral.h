/*
 * One Python literal out of a longer text.
 */
#ifndef TEXT_PYLITERAL_H
#define TEXT_PYLITERAL_H

#include "text/value.h"

struct py_scan {
	struct arena *arena;
	const char *text;
	size_t at, end;
	int depth; /* of nested literals */
};

/* White space, comments and line ends, as inside brackets. */
void py_skip_space(struct py_scan *s);
/* The literal at s->at (as ast.literal_eval takes it), with its position; NULL when there is
 * something else. */
struct value *py_literal(struct py_scan *s);
/* The same, or several parted by commas: a tuple without parentheses. */
struct value *py_literal_or_tuple(struct py_scan *s);
/* Past the string that starts at `at` (with its prefix); 0 when none starts there, SIZE_MAX when it
 * does not end. */
size_t py_skip_string(const char *text, size_t at, size_t end);

#endif
