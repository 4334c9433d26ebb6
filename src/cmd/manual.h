/*
 * What is generated from the command table besides -h: pages of the manual in two formats, and
 * completion scripts.
 *
 * A page is walked once (manual.c), whatever its format: a `struct manual_format` writes the parts.
 */
#ifndef CMD_MANUAL_H
#define CMD_MANUAL_H

#include "base/buf.h"
#include "cmd/cmd.h"

/* Each function appends one part of a page. Texts are plain: the format escapes them. */
struct manual_format {
	const char *suffix; /* of the files: ".1" */
	/* The head of the page `name` ("cairn-exp-run"), of the command that is typed as `typed`
	 * ("cairn exp run"). */
	void (*begin)(struct buf *out, const char *name, const char *typed, const char *summary);
	void (*section)(struct buf *out, const char *title); /* in capitals: "EXIT STATUS" */
	void (*subsection)(struct buf *out, const char *title);
	void (*paragraph)(struct buf *out, const char *text);
	/* Lines to be shown as they are, each ended by '\n'. */
	void (*lines)(struct buf *out, const char *text);
	/* One entry of a list: a word to be typed and what it means. */
	void (*entry)(struct buf *out, const char *label, const char *text);
	/* As entry(), for a placeholder. */
	void (*placeholder)(struct buf *out, const char *label, const char *text);
	/* As entry(), for a command, whose own page is `page`. */
	void (*command)(struct buf *out, const char *page, const char *label, const char *text);
	/* The end of the page: it refers to another one ("cairn"). */
	void (*see_also)(struct buf *out, const char *page);
	/* After a shortened list: the complete one is on the page "cairn". */
	void (*others)(struct buf *out);
};

/* man(7), and Markdown with definition lists (MyST: script/docs). */
extern const struct manual_format manual_roff, manual_markdown;

/* Append the page of the last command of `chain`; depth 0: the program's page. */
void manual_page(
	struct buf *out, const struct manual_format *f, const struct cmd *const *chain, int depth);
/* Append the sections FILES and ENVIRONMENT, with the entries that concern the command. */
void manual_add_places(
	struct buf *out, const struct manual_format *f, const struct cmd *const *chain, int depth);
/* Write all pages (cairn.1, cairn-add.1, cairn-remote-add.1, ...) into a directory. */
int manual_write(const char *dir, const struct manual_format *f, struct err *err);

/* Append a script for the shell that completes the command lines of `program`. */
void completion_bash(struct buf *out, const char *program);
void completion_zsh(struct buf *out, const char *program);
void completion_fish(struct buf *out, const char *program);

/* Call fn for every command that is not hidden; a group comes before its commands. Stops at a
 * negative result and returns it. */
typedef int (*command_fn)(void *ctx, const struct cmd *const *chain, int depth, struct err *err);
int command_each(command_fn fn, void *ctx, struct err *err);

#endif
