/*
 * Bearer tokens (RFC 6750) that a command prints: `bearer_token_command` of a remote. The command
 * runs when a token is first needed, and again when the server refuses the one that it gave. It is
 * started without a shell.
 *
 * Threads: any; the command runs for one of them, and the others wait for it.
 */
#ifndef FS_WEB_DAV_TOKEN_H
#define FS_WEB_DAV_TOKEN_H

#include "base/err.h"

struct ctx;
struct dav_token;

/* Fails: ERR_CONFIG (no command, a quote that is not closed). `ctx` is kept. */
int dav_token_new(struct dav_token **out, const struct ctx *ctx, const char *command,
	unsigned timeout_ms, struct err *err);
void dav_token_free(struct dav_token *t); /* NULL is allowed */

/* The value of the Authorization header as a heap string. `refused`: the one that the server did
 * not take, or NULL. Fails: ERR_AUTH (the command fails, or prints nothing, or takes longer than
 * the time-out), ERR_CANCELLED. */
int dav_token_get(void *token, const char *refused, char **out, struct err *err);

#endif
