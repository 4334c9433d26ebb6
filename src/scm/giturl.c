#include "scm/giturl.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "text/url.h"

void giturl_release(struct giturl *u)
{
	free(u->scheme);
	free(u->user);
	free(u->host);
	free(u->port);
	free(u->path);
	*u = (struct giturl){0};
}

static int refuse(struct err *err, const char *why)
{
	/* to those who ask it is a repository that cannot be cloned, not a file that cannot be
	 * parsed */
	return err_kind(
		err, KIND_CLONE_FAILED, err_set(err, ERR_PARSE, "malformed Git URL: %s", why));
}

/* A leading '-' would be an option of git. */
static int check_bytes(const char *text, struct err *err)
{
	if (!*text)
		return refuse(err, "it is empty");
	if (*text == '-')
		return refuse(err, "it begins with '-'");
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return refuse(err, "it has a control character");
	return 0;
}

/* The length of the scheme if "://" follows it, else 0. */
static size_t scheme_length(const char *text)
{
	size_t n = strspn(
		text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

	return strncmp(text + n, "://", 3) == 0 ? n : 0;
}

/* The length of the helper's name if "::" follows it, else 0. */
static size_t helper_length(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	return strncmp(text + n, "::", 2) == 0 ? n : 0;
}

/* Read "user:password@" in front of the host, up to the last '@'. Returns the beginning of the
 * host. */
static const char *read_user(struct giturl *u, const char *from, const char *end)
{
	const char *at = NULL;

	for (const char *p = from; p < end; p++)
		if (*p == '@')
			at = p;
	if (!at)
		return from;

	const char *colon = memchr(from, ':', (size_t)(at - from));

	u->has_password = colon != NULL;
	/* only whether there is a password is kept, so no message can show it */
	u->user = mem_strndup(from, (size_t)((colon ? colon : at) - from));
	return at + 1;
}

/* Square brackets may only enclose a whole IPv6 address. */
static int check_host(const struct giturl *u, struct err *err)
{
	const char *host = u->host;
	size_t len = strlen(host);
	bool wrapped = len > 2 && host[0] == '[' && host[len - 1] == ']';
	size_t inner = wrapped ? strcspn(host + 1, "[]") + 1 : strcspn(host, "[]");

	if (*host == '-')
		return refuse(err, "its host begins with '-'");
	return inner == (wrapped ? len - 1 : len) ? 0 : refuse(err, "its host is no name");
}

/* Read "host[:port]". A colon in the brackets of an IPv6 address does not begin the port. */
static int read_host(struct giturl *u, const char *from, const char *end, struct err *err)
{
	const char *close = *from == '[' ? memchr(from, ']', (size_t)(end - from)) : NULL;
	const char *search = close ? close : from;
	const char *colon = memchr(search, ':', (size_t)(end - search));
	const char *stop = colon ? colon : end;

	u->host = mem_strndup(from, (size_t)(stop - from));

	if (colon && colon + 1 < end) {
		u->port = mem_strndup(colon + 1, (size_t)(end - colon - 1));
		if (u->port[strspn(u->port, "0123456789")])
			return refuse(err, "its port is no number");
	}
	return check_host(u, err);
}

/* Read an address with a scheme. */
static int read_url(struct giturl *u, const char *text, size_t scheme_len, struct err *err)
{
	AUTO(mem_freep) char *scheme = mem_strndup(text, scheme_len);
	const char *rest = text + scheme_len + 3;
	const char *end = rest + strcspn(rest, "/");

	u->scheme = str_lower(scheme);

	if (strcmp(u->scheme, "file") == 0) {
		/* git ignores a host here (file://server/share) and opens the path after it */
		u->kind = GITURL_FILE;
		u->path = url_decoded(end);
		return *u->path ? 0 : refuse(err, "it names no path");
	}

	u->kind = strcmp(u->scheme, "ssh") == 0 || strcmp(u->scheme, "git+ssh") == 0 ? GITURL_SSH
										     : GITURL_OTHER;
	u->path = mem_strdup(end);
	return read_host(u, read_user(u, rest, end), end, err);
}

/* The colon of [user@]host:path, or NULL when it is no such address. A slash before the colon makes
 * it a path; an IPv6 host is in brackets. */
static const char *short_form_colon(const char *text)
{
	const char *bracket = strchr(text, '['), *colon = text + strcspn(text, ":/");
	const char *close = bracket && (bracket == text || bracket[-1] == '@')
				    ? strchr(bracket, ']')
				    : NULL;

	if (*colon != ':')
		return NULL;

	/* the colon behind the brackets, as in [::1]:path */
	if (close && close[1] == ':' && !memchr(text, '/', (size_t)(close - text)) &&
		!memchr(bracket, '@', (size_t)(close - bracket)))
		return close + 1;
	return colon > text ? colon : NULL;
}

static int read_text(struct giturl *u, const char *text, struct err *err)
{
	size_t scheme = scheme_length(text), helper = helper_length(text);
	int r = check_bytes(text, err);

	if (r < 0)
		return r;

	/* the order is git's: URL, "helper::address", "host:path", and otherwise a path */
	if (scheme)
		return read_url(u, text, scheme, err);

	u->scheme = mem_strndup(text, helper);
	if (helper) {
		u->kind = GITURL_HELPER;
		u->path = mem_strdup(text + helper + 2); /* behind "::" */
		return 0;
	}
	const char *colon = short_form_colon(text);

	if (!colon) {
		u->kind = GITURL_PATH;
		u->path = mem_strdup(text);
		return 0;
	}
	u->kind = GITURL_SSH;
	u->path = mem_strdup(colon + 1);
	const char *host = read_user(u, text, colon);

	u->host = mem_strndup(host, (size_t)(colon - host));
	return check_host(u, err);
}

int giturl_parse(struct giturl *out, const char *text, struct err *err)
{
	AUTO(giturl_release) struct giturl u = {0};
	int r = read_text(&u, text, err);

	if (r < 0)
		return r;
	*out = TAKE(u);
	return 0;
}

static void add_authority(struct buf *out, const struct giturl *u)
{
	if (u->user)
		buf_addf(out, "%s%s@", u->user, u->has_password ? ":***" : "");
	buf_adds(out, u->host);
	if (u->port)
		buf_addf(out, ":%s", u->port);
}

/* Never adds the password. */
void giturl_add_shown(struct buf *out, const struct giturl *u)
{
	switch (u->kind) {
	case GITURL_PATH:
		buf_adds(out, u->path);
		break;
	case GITURL_FILE:
		buf_addf(out, "file://%s", u->path);
		break;
	case GITURL_HELPER:
		buf_addf(out, "%s::%s", u->scheme, u->path);
		break;
	case GITURL_SSH:
	case GITURL_OTHER:
		if (*u->scheme)
			buf_addf(out, "%s://", u->scheme);
		add_authority(out, u);
		buf_addf(out, "%s%s", *u->scheme ? "" : ":", u->path);
		break;
	}
}

void giturl_add_masked(struct buf *out, const char *text)
{
	for (const char *at; (at = strstr(text, "://"));) {
		const char *from = at + 3;
		size_t len = strcspn(from, "/ \t\n'\"");
		const char *host = len ? memrchr(from, '@', len) : NULL;
		const char *colon = host ? memchr(from, ':', (size_t)(host - from)) : NULL;
		const char *shown = colon ? colon + 1 : from;

		buf_add(out, text, (size_t)(shown - text));
		if (colon)
			buf_adds(out, "***");
		text = colon ? host : from;
	}
	buf_adds(out, text);
}
