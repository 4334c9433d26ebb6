/*
 * Help from the command table.
 */
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include "cmd/cmd.h"
#include "base/buf.h"

/* The help of the command that `chain` (of `depth` commands; 0: the program itself) leads to. */
void help_format(struct buf *out, const char *program, const struct cmd *const *chain, int depth);
/* The usage line(s) alone, wrapped to 80 columns. */
void help_usage(struct buf *out, const char *program, const struct cmd *const *chain, int depth);
/* "cairn exp run --queue": the whole line of an example of the last command of `chain`. */
void help_example(struct buf *out, const char *program, const struct cmd *const *chain, int depth,
	const struct example *e);
/* "-j <number>, --jobs <number>" */
void help_option_label(struct buf *out, const struct opt *o);

#endif
