/*
 * Tokens that say who makes a request (OAuth 2.0: RFC 6749, RFC 6750), for the services that ask
 * for them. A token is asked for when it is first needed, kept until shortly before it expires, and
 * made anew when the service refuses it.
 *
 * Threads: oauth_get() and oauth_refused() may be called from any number of threads at the same
 * time; one of them asks, the others wait for it.
 *
 * No message contains a token or any other secret.
 */
#ifndef FS_OAUTH_H
#define FS_OAUTH_H

#include <pthread.h>

#include "base/buf.h"
#include "base/err.h"

struct http;

struct oauth_token {
	char *text;        /* heap string */
	int64_t expires_s; /* seconds since 1970; 0: never */
};
void oauth_token_release(struct oauth_token *t);

/* Get a new token into the empty `*out`. Fails: ERR_AUTH (none, or refused), ERR_BROKEN, ERR_BUSY,
 * ERR_CONFIG, ERR_CANCELLED. */
typedef int (*oauth_source)(void *arg, struct oauth_token *out, struct err *err);

struct oauth {
	oauth_source ask;
	void *arg; /* borrowed */
	pthread_mutex_t lock;
	struct oauth_token token;
};
void oauth_init(struct oauth *o, oauth_source ask, void *arg);
void oauth_release(struct oauth *o);

/* The token that is valid now, as a heap string. Fails: as the source. */
int oauth_get(struct oauth *o, char **out, struct err *err);
/* A server does not accept this token: the next oauth_get() asks for another. */
void oauth_refused(struct oauth *o, const char *token);

/* Append "name=value" to a form; NULL is left out. */
void oauth_add_field(struct buf *form, const char *name, const char *value);

/* May secrets be sent there? Only by https, or to this machine. `what` names the setting. Fails:
 * ERR_CONFIG. */
int oauth_check_url(const char *url, const char *what, struct err *err);

/* POST a form to a server that gives tokens. `who` names it in messages. Fails: ERR_AUTH with the
 * server's reason, and as http_do(). */
int oauth_post(struct http *http, const char *url, const struct buf *form, const char *who,
	struct oauth_token *out, struct err *err);

/* Read the JSON in which servers and programs give a token (access_token with expires_in or
 * expires_on, accessToken). Fails: ERR_AUTH; the message does not quote the text. */
int oauth_parse(
	const char *text, size_t len, const char *who, struct oauth_token *out, struct err *err);

#endif
