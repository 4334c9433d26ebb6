/*
 * The connections to one host: one for everything, and up to three more while several files of some
 * size are moved or very many calls are made. The first is made when it is needed. The others are
 * made in the background, and nobody is asked anything for them: a server that refuses them (limits
 * of sessions, a one-time password) is used with those that it accepted.
 *
 * Threads: any.
 */
#ifndef FS_SSH_POOL_H
#define FS_SSH_POOL_H

#include "fs/ssh/command.h"
#include "fs/ssh/conn.h"

struct sftp_pool;

/* `ctx` (may be NULL) and `target` outlive the pool. */
struct sftp_pool *sftp_pool_new(const struct ctx *ctx, struct sftp_target *target);
/* Ends the connections. */
void sftp_pool_free(struct sftp_pool *p);
/*
 * Begin a talk over the connection with the least to do. A broken one is replaced. Fails: the codes
 * of sftp_explain(), ERR_CANCELLED. A refusal (ERR_AUTH) is remembered: many calls must not become
 * many wrong passwords.
 */
int sftp_pool_talk(struct sftp_pool *p, bool bulk, struct sftp_talk *out, struct err *err);

#endif
