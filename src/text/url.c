/* Takes URLs apart, and escapes and decodes their parts. */
#include "text/url.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/str.h"

void url_release(struct url *u)
{
	free(u->scheme);
	free(u->user);
	free(u->password);
	free(u->host);
	free(u->path);
	free(u->query);
	*u = (struct url){0};
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void url_add_decoded(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high = s[i] == '%' && i + 2 < len ? hex_digit(s[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(s[i + 2]) : -1;

		if (low >= 0 && high + low > 0) {
			buf_addc(out, (char)(high * 16 + low));
			i += 2;
		} else {
			buf_addc(out, s[i]);
		}
	}
}

static char *decodedn(const char *s, size_t len)
{
	struct buf out = BUF_INIT;
	url_add_decoded(&out, s, len);
	return buf_detach(&out);
}

char *url_decoded(const char *s)
{
	return decodedn(s, strlen(s));
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void url_add_escaped(struct buf *out, const char *s, const char *keep)
{
	static const char digits[] = "0123456789ABCDEF";
	for (; *s; s++) {
		if (is_unreserved(*s) || strchr(keep, *s)) {
			buf_addc(out, *s);
			continue;
		}
		unsigned char c = (unsigned char)*s;
		const char escaped[3] = {'%', digits[c >> 4], digits[c & 15]};
		buf_add(out, escaped, sizeof(escaped));
	}
}

static int bad_url(const char *text, const char *why, struct err *err)
{
	AUTO(buf_release) struct buf shown = BUF_INIT;
	url_add_shown(&shown, text);
	return err_set(err, ERR_CONFIG, "URL '%s': %s", buf_str(&shown), why);
}

/* Read "user:password@" in front of `end`, up to the last '@'. Returns the beginning of the host.
 */
static const char *read_user(struct url *u, const char *from, const char *end)
{
	const char *at = memrchr(from, '@', (size_t)(end - from));
	if (!at)
		return from;
	const char *colon = memchr(from, ':', (size_t)(at - from));
	u->user = decodedn(from, (size_t)((colon ? colon : at) - from));
	if (colon)
		u->password = decodedn(colon + 1, (size_t)(at - colon - 1));
	return at + 1;
}

/* Read "host:port" or "[v6]:port". False: malformed. */
static bool read_host(struct url *u, const char *from, const char *end)
{
	const char *after;
	if (from < end && *from == '[') {
		after = memchr(from, ']', (size_t)(end - from));
		if (!after)
			return false;
		u->host = mem_strndup(from + 1, (size_t)(after - from - 1));
		after++;
	} else {
		after = memchr(from, ':', (size_t)(end - from));
		if (!after)
			after = end;
		u->host = mem_strndup(from, (size_t)(after - from));
	}
	if (after == end)
		return true;
	if (*after != ':')
		return false;

	AUTO(mem_freep) char *digits = mem_strndup(after + 1, (size_t)(end - after - 1));
	int64_t port = 0;
	if (*digits && (!str_to_i64(digits, &port) || port < 1 || port > 65535))
		return false;
	u->port = (int)port;
	return true;
}

int url_parse(struct url *out, const char *text, struct err *err)
{
	AUTO(url_release) struct url u = {0};
	const char *end = strstr(text, "://");
	if (!end || end == text)
		return bad_url(text, "a scheme is missing", err);
	AUTO(mem_freep) char *scheme = mem_strndup(text, (size_t)(end - text));
	u.scheme = str_lower(scheme);

	const char *from = end + strlen("://");
	end = from + strcspn(from, "/?#");
	from = read_user(&u, from, end);
	if (!read_host(&u, from, end))
		return bad_url(text, "the host or the port is malformed", err);

	size_t path = strcspn(end, "?#");
	u.path = mem_strndup(end, path);
	if (end[path] == '?')
		u.query = mem_strndup(end + path + 1, strcspn(end + path + 1, "#"));
	*out = TAKE(u);
	return 0;
}

void url_add_origin(struct buf *out, const struct url *u)
{
	bool is_v6 = strchr(u->host, ':') != NULL;
	buf_addf(out, "%s://%s%s%s", u->scheme, is_v6 ? "[" : "", u->host, is_v6 ? "]" : "");
	if (u->port)
		buf_addf(out, ":%d", u->port);
}

static bool is_secret_name(const char *name, size_t len)
{
	static const char *const parts[] = {
		"sig", "token", "secret", "password", "credential", "accesskey", "delegation"};
	static const char *const names[] = {"key", "code"};
	AUTO(mem_freep) char *text = mem_strndup(name, len);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (strcasestr(text, parts[i]))
			return true;
	}
	return strcasecmp(text, names[0]) == 0 || strcasecmp(text, names[1]) == 0;
}

static void add_shown_query(struct buf *out, const char *query)
{
	while (*query) {
		size_t len = strcspn(query, "&");
		const char *equals = memchr(query, '=', len);
		if (equals && is_secret_name(query, (size_t)(equals - query))) {
			buf_add(out, query, (size_t)(equals - query));
			buf_adds(out, "=...");
		} else {
			buf_add(out, query, len);
		}
		query += len;
		if (*query)
			buf_addc(out, *query++);
	}
}

void url_add_shown(struct buf *out, const char *url)
{
	const char *host = strstr(url, "://");
	host = host ? host + strlen("://") : url;
	const char *path = host + strcspn(host, "/?#");
	const char *at = memrchr(host, '@', (size_t)(path - host));
	buf_add(out, url, (size_t)(host - url));
	host = at ? at + 1 : host;

	size_t len = strcspn(host, "?");
	buf_add(out, host, len);
	if (host[len] == '?') {
		buf_addc(out, '?');
		add_shown_query(out, host + len + 1);
	}
}
