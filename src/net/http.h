/*
 * The HTTP client of all drivers and of the servers that give tokens: HTTP/1.1 (RFC 9110, RFC 9112)
 * and TLS by libcurl. One request is one call that blocks; it is not tried again. Proxies come from
 * the usual environment variables (http_proxy, HTTPS_PROXY, NO_PROXY, ...).
 *
 * Threads: any number of threads may make requests of one client at the same time. Each request
 * uses a connection that is idle, or a new one; connections are kept.
 *
 * A request to stop (ctx->stop) ends a request within about a second with ERR_CANCELLED.
 *
 * Errors of http_do() are those of the transport; any status is a success there, and http_fail()
 * makes an error of it:
 *   ERR_BROKEN       refused, reset, timed out, shorter than announced, the resolver did not answer
 *   ERR_AUTH         the certificate of the server is not trusted; the message names the option
 *   ERR_CONFIG       a malformed URL, a file of certificates that cannot be read
 *   ERR_NO_PLACE     the host does not exist, or does not speak TLS
 *   ERR_IO           the file that is sent cannot be read, or became shorter
 *   ERR_UNSUPPORTED  libcurl is missing
 *   ERR_CANCELLED
 * and what the sink or begin() returned.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/buf.h"
#include "base/md5.h"
#include "base/stream.h"
#include "base/strlist.h"

struct ctx;
struct http;

enum http_auth { HTTP_AUTH_NONE, HTTP_AUTH_BASIC, HTTP_AUTH_DIGEST };

/* All that holds for every request to one place. Zero is usable. */
struct http_opts {
	const struct ctx *ctx;       /* borrowed; may be NULL */
	unsigned connect_timeout_ms; /* 0: 60 s */
	unsigned read_timeout_ms;    /* without a byte in either direction; 0: 60 s */
	bool insecure;               /* do not check the certificate of the server */
	/* file or directory of certificates to trust; NULL: $SSL_CERT_FILE, else the system's */
	const char *ca_path;
	const char *verify_option; /* what turns the check off, for messages; NULL: "ssl_verify" */
	const char *client_cert, *client_key; /* paths of PEM files, or NULL */
	enum http_auth auth;                  /* with user and password */
	const char *user, *password;
	bool netrc; /* without `user`: look the host up in $NETRC or ~/.netrc */
};

/* Copies the strings. Fails: ERR_UNSUPPORTED (no libcurl). No network traffic. */
int http_new(struct http **out, const struct http_opts *opts, struct err *err);
void http_free(struct http *h); /* NULL is allowed; no request may be running */

#define HTTP_UNKNOWN UINT64_MAX

/* What came back. Zero is empty. */
struct http_response {
	int status;
	struct strlist headers; /* "Name: value" of the last answer; see http_header() */
	uint64_t length_bytes;  /* Content-Length; HTTP_UNKNOWN without */
	/* The body, where no sink took it: at most HTTP_KEEP_BYTES of a success, or the first
	 * HTTP_ERROR_BYTES of anything else. */
	struct buf body;
	char *url; /* the last one after redirects */
	/* after a failure: there was no connection at all (nobody listens, no such host) */
	bool unreachable;
};
enum { HTTP_KEEP_BYTES = 64 * 1024 * 1024, HTTP_ERROR_BYTES = 64 * 1024 };
void http_response_release(struct http_response *r);

struct http_request {
	const char *method; /* upper case */
	const char *url;
	const struct strlist *headers; /* "Name: value"; may be NULL */
	/* more of them, which are not sent to another host after a redirect; may be NULL.
	 * (Authorization and Cookie never are.) */
	const struct strlist *secret_headers;
	const struct byte_source *body; /* NULL: none */
	struct md5
		*sent; /* gets the MD5 of the body as it was sent, for md5_final(); may be NULL */
	const struct byte_sink *to; /* for the body of an answer 2xx; NULL: keep it */
	/* Called once, before the first byte that goes to the sink (or at the end of an empty
	 * body), with status and headers: it may refuse. May be NULL. */
	int (*begin)(void *arg, const struct http_response *answer, struct err *err);
	void *begin_arg;
	unsigned redirects;   /* how many to follow; 0: an answer 3xx is returned as it is */
	unsigned timeout_ms;  /* for the whole request; 0: none */
	bool expect_continue; /* wait for the server's word before the body is sent */
	bool urgent; /* takes something back: a request to stop does not end it, but two seconds do
		      */
	bool no_proxy; /* for addresses that only this machine knows */
};

/* Make one request and fill the empty `*out`. Returns 0 for every status. */
int http_do(struct http *h, const struct http_request *what, struct http_response *out,
	struct err *err);

/* The value of a header (in any case), or NULL. Of several with that name the first. Borrowed. */
const char *http_header(const struct http_response *r, const char *name);

bool http_is_ok(const struct http_response *r); /* 2xx */

/*
 * The code for a status that is no success: 401 ERR_AUTH; 403 ERR_DENIED; 404, 410 ERR_NOT_FOUND;
 * 429, 503 ERR_BUSY; 408 and other 5xx ERR_BROKEN; everything else ERR_FAIL.
 */
int http_code(int status);
/* The wait that Retry-After asks for (seconds or a date), at most an hour; 0: none. */
unsigned http_retry_after_ms(const struct http_response *r);
/* Set the error that the status stands for, with the wait of ERR_BUSY. */
int http_fail(const struct http_response *r, struct err *err, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* The reason for a status: "404 Not Found". Borrowed for ever; "" for an unknown one. */
const char *http_status_text(int status);

#endif
