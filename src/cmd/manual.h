/* Everything else that is generated from the command table: manual pages, completion scripts, a
 * JSON description. */
#ifndef CMD_MANUAL_H
#define CMD_MANUAL_H

#include "base/buf.h"
#include "cmd/cmd.h"

/* Append the manual page of the last command of `chain`, in man(7); depth 0: the program's page. */
void manual_page(struct buf *out, const struct cmd *const *chain, int depth);
/* Append the sections FILES and ENVIRONMENT, with the entries that concern the command. */
void manual_add_places(struct buf *out, const struct cmd *const *chain, int depth);
/* Append text, escaped for roff: backslashes, dashes, and dots or quotes at the start of a line. */
void manual_add_text(struct buf *out, const char *text);
/* Write all pages (cairn.1, cairn-add.1, cairn-remote-add.1, ...) into a directory. */
int manual_write(const char *dir, struct err *err);

/* Append a script for the shell that completes the command lines of `program`. */
void completion_bash(struct buf *out, const char *program);
void completion_zsh(struct buf *out, const char *program);
void completion_fish(struct buf *out, const char *program);

/* Append all commands with their options and arguments as one JSON document. */
void describe_json(struct buf *out);

/* Call fn for every command that is not hidden; a group comes before its commands. Stops at a
 * negative result and returns it. */
typedef int (*command_fn)(void *ctx, const struct cmd *const *chain, int depth, struct err *err);
int command_each(command_fn fn, void *ctx, struct err *err);

#endif
