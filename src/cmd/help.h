/* Builds the text of help from the command table. */
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include "cmd/cmd.h"
#include "base/buf.h"

/* Append the help of the last command of `chain`, which has `depth` commands; 0: the program
 * itself. */
void help_format(struct buf *out, const char *program, const struct cmd *const *chain, int depth);
/* Append only the usage, wrapped to 80 columns. */
void help_usage(struct buf *out, const char *program, const struct cmd *const *chain, int depth);
/* Append the whole line of an example of the last command of `chain`: "cairn exp run --queue". */
void help_example(struct buf *out, const char *program, const struct cmd *const *chain, int depth,
	const struct example *e);
/* Call fn for each configuration key that the help of `c` lists. `heading` is NULL if the key has
 * the same heading as the one before. */
typedef void (*help_key_fn)(void *ctx, const char *heading, const char *label, const char *help);
void help_keys_each(const struct cmd *c, help_key_fn fn, void *ctx);
/* Append the label of an option: "-j <number>, --jobs <number>". */
void help_option_label(struct buf *out, const struct opt *o);

#endif
