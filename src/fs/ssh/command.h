/*
 * How a host is reached: the remote's URL and options, the command line of ssh that follows from
 * them, and what ssh's words mean when it fails. Everything else (keys, the agent, jump hosts,
 * known hosts, compression) is as the user's ~/.ssh/config says, because it is the user's ssh.
 *
 * A password or passphrase reaches ssh by SSH_ASKPASS: ssh starts this program again
 * (ctx_own_program()) with SFTP_ASKPASS_ENV, which sends it to a pipe of this process, open under
 * /proc to the same user alone. The pipe gives the secret once, so a wrong one is not tried again.
 * The secret is in no command line and no environment.
 *
 * Threads: a target is not changed after it was read, except by sftp_target_ask(). A struct
 * sftp_secrets belongs to one start of ssh.
 */
#ifndef FS_SSH_COMMAND_H
#define FS_SSH_COMMAND_H

#include "base/err.h"
#include "base/strlist.h"

struct ctx;
struct value;

struct sftp_target {
	char *host;
	char *user, *port; /* NULL: as ssh's configuration says */
	char *root;        /* absolute, normalized */
	char *name;        /* the URL without a password, for messages */
	char *keyfile;
	char *password, *passphrase;
	bool ask_password, ask_passphrase, gss_auth;
	unsigned timeout_s; /* for making a connection; 0: ssh's own */
	unsigned connections_most;
};

/* Read a URL "ssh://[user[:password]@]host[:port]/path" and the remote's options (a map or NULL).
 * As in DVC, options go before the URL, and a path is always absolute. Fails: ERR_CONFIG. */
int sftp_target_read(
	struct sftp_target *out, const char *url, const struct value *options, struct err *err);
void sftp_target_release(struct sftp_target *t);
/* Ask for the secrets that are to be asked for, each once. Fails: ERR_AUTH (no answer). */
int sftp_target_ask(struct sftp_target *t, const struct ctx *ctx, struct err *err);

/* The variable that makes this program answer ssh's questions; see struct askpass. */
#define SFTP_ASKPASS_ENV "CAIRN_ASKPASS"

struct sftp_secrets {
	int password_fd_plus_one, passphrase_fd_plus_one; /* 0: none */
};
/* Put the secrets into pipes. Fails: ERR_IO, ERR_CONFIG (an overlong secret). */
int sftp_secrets_open(struct sftp_secrets *out, const struct sftp_target *t, struct err *err);
void sftp_secrets_close(struct sftp_secrets *s);

/* The command line. `may_ask`: someone is at the terminal to answer ssh itself. */
void sftp_command(struct strlist *out, const struct sftp_target *t, const struct sftp_secrets *s,
	bool may_ask);
/* Additions to ssh's environment, for proc_opts.env_extra; empty without secrets. */
void sftp_environment(
	struct strlist *out, const struct ctx *ctx, const struct sftp_secrets *s, bool may_ask);

/* Say why ssh ended before the server answered, from its standard error and its exit status.
 * Returns the code: ERR_AUTH, ERR_NOT_FOUND (no such host), ERR_UNSUPPORTED, ERR_CONFIG,
 * ERR_BROKEN. */
int sftp_explain(const struct sftp_target *t, const char *text, int status, struct err *err);

/* The other side: this process was started by ssh, to answer one question. */
struct sftp_question {
	int owner_pid;                  /* of the process that has the pipes */
	int password_fd, passphrase_fd; /* in that process; -1: none */
	bool may_ask;                   /* of the user, what the pipes do not answer */
};
/* Read the variable's value. False: it is none of ours. */
bool sftp_question_read(const char *value, struct sftp_question *out);
/* The secret that answers the prompt, or NULL. `asker_parent_pid` is the parent of the ssh that
 * asks: the ssh of a jump host inherits the variable, but it must not get the secret. Heap
 * string. */
char *sftp_question_answer(const struct sftp_question *q, int asker_parent_pid, const char *prompt);

#endif
