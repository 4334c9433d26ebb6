/*
 * What the drivers for web servers (http.c, dav.c) share: the address of the place, the login, one
 * request, and the errors that answers stand for.
 *
 * Threads: after web_open() any number of threads, except for web_close().
 */
#ifndef FS_WEB_WEB_INT_H
#define FS_WEB_WEB_INT_H

#include <pthread.h>

#include "base/strlist.h"
#include "fs/fs.h"
#include "net/http.h"

/* Where a place is. Heap strings; zero is empty. */
struct web_address {
	char *scheme;          /* "http" or "https" */
	char *origin;          /* "http://host:port" */
	char *path;            /* as it is sent, "" or with its leading '/' */
	char *query;           /* as it is sent; NULL: none */
	char *user, *password; /* NULL: the URL has none */
	char *host;            /* with the port, for people */
};
void web_address_release(struct web_address *a);

/*
 * Take a URL of a person apart: what may not be in a URL is escaped, escapes stay as they are (as
 * yarl, DVC's library, does it). The scheme becomes that of HTTP. Fails: ERR_CONFIG.
 */
int web_address_read(struct web_address *out, const char *url, struct err *err);
/* The address of a file; "": that of the place itself, with its query. Heap string. */
char *web_url(const struct web_address *a, const char *path);
/* A URL with its escapes in the usual form, without user and fragment. Heap string. */
char *web_url_requoted(const char *url);

enum web_login_kind { WEB_NO_LOGIN, WEB_BASIC, WEB_DIGEST, WEB_HEADER };

/* Heap strings; zero is none. */
struct web_login {
	enum web_login_kind kind;
	char *user;
	char *password; /* of WEB_HEADER the value of the header */
	char *header;   /* its name */
	bool ask;       /* for the password, when it is first needed */
};

struct web {
	const struct fs *fs;
	struct web_address address;
	struct web_login login;
	struct http_opts opts; /* strings are in `owned` */
	struct strlist owned;
	const char *login_hint; /* what to set when the server wants a login. Constant */
	const char *asked_host; /* in the question for a password: of `address` */
	pthread_mutex_t lock;   /* of all below */
	struct http *http;      /* NULL until the first request */
	struct strlist secret_headers;
	/* Makes the value of the Authorization header of each request; may be NULL. `refused`: the
	 * one that the server did not take. */
	int (*authorize)(void *arg, const char *refused, char **out, struct err *err);
	void *authorize_arg;
};

/* Read the address, and the options that all have: ssl_verify. The caller sets the login and the
 * time-outs. Fails: ERR_CONFIG; then nothing is left. */
int web_open(struct web *w, const struct fs *fs, struct err *err);
void web_close(struct web *w);

/* One request. Zero is empty. */
struct web_call {
	const char *verb;   /* for messages: "read", "write" */
	const char *method; /* of HTTP */
	const char *path;   /* of the file */
	const char *url;    /* instead of that of `path`; NULL: none */
	bool is_collection; /* its address ends with '/' */
	struct strlist headers;
	const struct byte_source *body;
	const struct byte_sink *to;
	int (*begin)(void *arg, const struct http_response *answer, struct err *err);
	void *begin_arg;
};
void web_call_release(struct web_call *c);

/* Make the request and fill the empty `*out`. Any status is a success. */
int web_do(struct web *w, const struct web_call *c, struct http_response *out, struct err *err);
/* The same; what is not 2xx is an error. */
int web_do_ok(struct web *w, const struct web_call *c, struct http_response *out, struct err *err);

/* get() of a driver, up to what it makes of the headers. Returns 1: the bytes have been sent,
 * `*answer` (empty before) describes the file, and size and time of `*out` (may be NULL) are
 * filled; 0: there was nothing to send, and `*out` is complete. */
int web_get(struct fs *fs, struct web *w, const struct fs_get *what, const struct byte_sink *to,
	struct http_response *answer, struct fs_stat *out, struct err *err);

/* Set the error that a status stands for. */
int web_fail(const struct web *w, const struct web_call *c, const struct http_response *answer,
	struct err *err);

/* The address of a call. Heap string. */
char *web_call_url(const struct web *w, const struct web_call *c);

/* Does the status say that there is no such file? */
bool web_is_missing(const struct http_response *answer);
/* Does it say that the server does not know the method? */
bool web_is_unknown_method(const struct http_response *answer);

#endif
