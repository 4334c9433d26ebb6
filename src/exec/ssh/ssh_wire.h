/*
 * What goes over the connection to a host: the command line that ssh hands to the login shell
 * there, and the messages between cairn here and cairn there (ssh_link.h, ssh_host.h).
 *
 * A message is a list of fields, each a word and any bytes; a word may come more than once. On the
 * connection:
 *
 *     cairn-wire <nonce> <bytes of the body>\n
 *     <word> <bytes of the value>\n<value>\n        ... for each field
 *
 * `nonce` is a random word that the caller makes for a connection. What shells, profiles and
 * banners print before or between messages does not contain it, and is passed over.
 *
 * Pure functions on memory. Threads: nothing is shared.
 */
#ifndef EXEC_SSH_SSH_WIRE_H
#define EXEC_SSH_SSH_WIRE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

enum { WIRE_MOST_BYTES = 256 << 20 }; /* of a message */

struct wire_field {
	char *word;
	char *bytes; /* heap, NUL after `len` bytes */
	size_t len;
};
struct wire {
	VEC(struct wire_field) fields;
};
#define WIRE_INIT ((struct wire){0})
void wire_release(struct wire *w);

void wire_add(struct wire *w, const char *word, const void *bytes, size_t len);
void wire_adds(struct wire *w, const char *word, const char *text);
void wire_addi(struct wire *w, const char *word, int64_t number);
/* The first field of that word; NULL, 0 or `fallback` without one. Borrowed. */
const struct wire_field *wire_find(const struct wire *w, const char *word);
const char *wire_get(const struct wire *w, const char *word);
int64_t wire_int(const struct wire *w, const char *word, int64_t fallback);

/* Would the other side refuse it, as longer than WIRE_MOST_BYTES? */
bool wire_is_too_long(const struct wire *w);
/* Append the message with its head. */
void wire_format(const struct wire *w, const char *nonce, struct buf *out);
/*
 * Take the first message out of what has arrived. 1: `*out`, which must be empty, has it; 0: more
 * bytes are needed. What stands before it goes to `noise` (may be NULL; at most 4 KiB are kept).
 * Fails: ERR_PARSE (a malformed message).
 */
int wire_take(
	struct buf *in, const char *nonce, struct wire *out, struct buf *noise, struct err *err);

/*
 * The line for ssh's command line that runs `script` in bash, or in sh where there is no bash,
 * whatever the login shell is: sh, csh and fish read it alike, as the script is encoded in letters,
 * digits and backslashes within single quotes. The script contains no NUL.
 */
void wire_command(struct buf *out, const char *script);
/*
 * The script that runs cairn on a host as the other side of a connection: in the home directory,
 * after the lines of `setup` (may be NULL). `program` is a name on PATH, a path, or "~/...". When
 * it cannot be found, a message with the one field "missing" is sent.
 */
void wire_script(struct buf *out, const char *setup, const char *program, const char *nonce);

#endif
