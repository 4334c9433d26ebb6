/*
 * What else is generated from the command table: manual pages, completion scripts, a JSON
 * description.
 */
#ifndef CMD_MANUAL_H
#define CMD_MANUAL_H

#include "base/buf.h"
#include "cmd/cmd.h"

/* A page in man(7) for the command that `chain` leads to; depth 0: the program. */
void manual_page(struct buf *out, const struct cmd *const *chain, int depth);
/* The sections FILES and ENVIRONMENT, as far as they concern the command. */
void manual_add_places(struct buf *out, const struct cmd *const *chain, int depth);
/* Text for roff: a backslash, a dash and a leading dot or quote mean something there. */
void manual_add_text(struct buf *out, const char *text);
/* Write all pages (cairn.1, cairn-add.1, cairn-remote-add.1, ...) into a directory. */
int manual_write(const char *dir, struct err *err);

/* A script for "bash", "zsh" or "fish" that completes `program`. */
void completion_bash(struct buf *out, const char *program);
void completion_zsh(struct buf *out, const char *program);
void completion_fish(struct buf *out, const char *program);

/* Every command with its options and arguments, as one JSON document. */
void describe_json(struct buf *out);

/* Call fn for every command that is not hidden, groups before their commands. Stops at a negative
 * result. */
typedef int (*command_fn)(void *ctx, const struct cmd *const *chain, int depth, struct err *err);
int command_each(command_fn fn, void *ctx, struct err *err);

#endif
