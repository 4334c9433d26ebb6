/*
 * The loop of the test tools: each line of standard input is a JSON document, each line of the
 * output the result as a JSON string, or {"error": "..."}.
 */
#ifndef HELPERS_LINES_H
#define HELPERS_LINES_H

#include "text/json.h"

/* Append the result for `v` to `out`. `verb` is the word on the command line. */
typedef int (*line_fn)(
	const char *verb, struct arena *a, const struct value *v, struct buf *out, struct err *err);

/* Returns the exit status of the program. */
int lines_run(int argc, char **argv, line_fn fn);

#endif
