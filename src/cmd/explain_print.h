/* Prints an explanation of run/explain.h, as text for people and as JSON for programs. */
#ifndef CMD_EXPLAIN_PRINT_H
#define CMD_EXPLAIN_PRINT_H

#include "run/explain.h"

/* Append the explanation as text. Lines longer than `width` columns are cut (0: unlimited);
 * `color`: with terminal colours. */
void explain_text(struct buf *out, const struct explanation *e, int width, bool color);
/* Append the explanation as one JSON document and a newline; docs/internals/pipelines.md describes
 * its form. */
int explain_json(struct buf *out, const struct explanation *e, struct err *err);

/* Explain what repro() would do with these options, and print it. Returns 0 or a failure, like the
 * `run` of a command. */
int explain_and_print(struct repo *repo, const struct repro_opts *opts, bool json, struct err *err);

#endif
