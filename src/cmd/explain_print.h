/* An explanation of run/explain.h for people and for programs. */
#ifndef CMD_EXPLAIN_PRINT_H
#define CMD_EXPLAIN_PRINT_H

#include "run/explain.h"

/* Append it as text of `width` columns at most (lines of people's commands and values are cut), 0:
 * any; `color`: with terminal colours. */
void explain_text(struct buf *out, const struct explanation *e, int width, bool color);
/* Append it as one JSON document and a newline; docs/internals/pipelines.md has its shape. */
int explain_json(struct buf *out, const struct explanation *e, struct err *err);

/* Explain what repro() with these options would do, and print it. The command's `run` ends with
 * this. */
int explain_and_print(struct repo *repo, const struct repro_opts *opts, bool json, struct err *err);

#endif
