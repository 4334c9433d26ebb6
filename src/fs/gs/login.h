/*
 * Who makes requests to Google Cloud Storage: where credentials come from, and the tokens that they
 * give. https://cloud.google.com/docs/authentication/application-default-credentials
 */
#ifndef FS_GS_LOGIN_H
#define FS_GS_LOGIN_H

#include "fs/oauth.h"

struct ctx;
struct http;

enum gs_login_kind {
	GS_METADATA, /* the server of a machine of Google, if there is one */
	GS_SERVICE_ACCOUNT,
	GS_USER,
	GS_ANONYMOUS,
};

/* Heap strings, or NULL. */
struct gs_login {
	const struct ctx *ctx; /* borrowed */
	enum gs_login_kind kind;
	char *token_uri;
	char *email, *key, *key_id;                      /* of a service account */
	char *client_id, *client_secret, *refresh_token; /* of a user */
	char *quota_project;                             /* which pays for the requests of a user */
	struct http *http;                               /* opened when first needed */
};
void gs_login_release(struct gs_login *l);

/* A variable of the environment that is not empty, or NULL. */
const char *gs_env(const char *name);

/*
 * Find the credentials: the file `path`, if not NULL, else the usual ones. No network traffic.
 * Fails: ERR_CONFIG (a file that is named and missing, or of an unknown kind), ERR_IO.
 */
int gs_login_find(struct gs_login *l, const char *path, struct err *err);
/* Read a file of credentials; `name` is for messages, which quote nothing of it. Fails: ERR_CONFIG.
 */
int gs_login_parse(
	struct gs_login *l, const char *name, const char *text, size_t len, struct err *err);

/* An oauth_source whose argument is a struct gs_login. One thread at a time. */
int gs_login_ask(void *arg, struct oauth_token *out, struct err *err);

/* Append the signed token by which a service account asks for another (RFC 7523). Fails: ERR_AUTH,
 * ERR_UNSUPPORTED. */
int gs_add_assertion(const struct gs_login *l, int64_t now_s, struct buf *out, struct err *err);

#endif
