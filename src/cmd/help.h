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
/* Call fn for each configuration key that the help of `c` lists; `heading` is NULL where that of
 * the key before goes on. */
typedef void (*help_key_fn)(void *ctx, const char *heading, const char *label, const char *help);
void help_keys_each(const struct cmd *c, help_key_fn fn, void *ctx);
/* "-j <number>, --jobs <number>" */
void help_option_label(struct buf *out, const struct opt *o);

#endif
