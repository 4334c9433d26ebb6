/*
 * URLs and percent-encoding (RFC 3986). Bytes are taken as they are; nothing depends on the locale.
 */
#ifndef TEXT_URL_H
#define TEXT_URL_H

#include "base/buf.h"
#include "base/err.h"

/* The parts of a URL with a host. Heap strings; zero is empty. */
struct url {
	char *scheme; /* lower case */
	char *user;   /* decoded; NULL: none */
	char *password;
	char *host;  /* without the brackets of an IPv6 address; may be "" */
	int port;    /* 0: not given */
	char *path;  /* as written: "" or with its leading '/' */
	char *query; /* as written, without the '?'; NULL: none. A fragment is dropped. */
};
void url_release(struct url *u);

/* Take `text` ("scheme://[user[:password]@]host[:port][/path][?query]") apart into the empty
 * `*out`. Fails: ERR_CONFIG; the message shows no password. */
int url_parse(struct url *out, const char *text, struct err *err);

/* Append "scheme://host[:port]", with the brackets that an IPv6 address needs. */
void url_add_origin(struct buf *out, const struct url *u);

/* Append `s` with every byte escaped as %XX, except letters, digits, "-._~" and those in `keep`. */
void url_add_escaped(struct buf *out, const char *s, const char *keep);
/* Append `len` bytes of `s` with %XX decoded. A '%' without two hexadecimal digits, and %00, stay
 * as they are. */
void url_add_decoded(struct buf *out, const char *s, size_t len);
char *url_decoded(const char *s); /* the same as a heap string */

/* Append a URL as a person may see it: without user and password, and with the values of secret
 * parameters (signatures, tokens, keys) replaced by "...". */
void url_add_shown(struct buf *out, const char *url);

#endif
