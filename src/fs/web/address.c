/* Addresses of places and files. */
#include <ctype.h>

#include "base/alloc.h"
#include "base/str.h"
#include "fs/web/web_int.h"
#include "text/url.h"

/* What RFC 3986 allows in a path and in a query, besides letters, digits and "-._~". */
static const char path_keep[] = "!$&'()*+,;=:@/";
static const char query_keep[] = "!$&'()*+,;=:@/?";

void web_address_release(struct web_address *a)
{
	free(a->scheme);
	free(a->origin);
	free(a->path);
	free(a->query);
	free(a->user);
	free(a->password);
	free(a->host);
	*a = (struct web_address){0};
}

static bool is_escape(const char *p)
{
	return p[0] == '%' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2]);
}

static bool is_plain(char c)
{
	return isalnum((unsigned char)c) || strchr("-._~", c);
}

/* Append a part of a URL: its escapes stay, but for characters that need none; all that may not be
 * there is escaped. */
static void add_requoted(struct buf *out, const char *s, const char *keep)
{
	while (*s) {
		if (!is_escape(s)) {
			const char one[2] = {*s++, '\0'};
			url_add_escaped(out, one, keep);
			continue;
		}
		AUTO(buf_release) struct buf decoded = BUF_INIT;
		url_add_decoded(&decoded, s, strlen("%41"));
		if (decoded.len == 1 && is_plain(*decoded.ptr))
			buf_addc(out, *decoded.ptr);
		else
			buf_addf(out, "%%%c%c", toupper((unsigned char)s[1]),
				toupper((unsigned char)s[2]));
		s += strlen("%41");
	}
}

int web_address_read(struct web_address *out, const char *url, struct err *err)
{
	AUTO(url_release) struct url u = {0};
	AUTO(buf_release) struct buf origin = BUF_INIT, path = BUF_INIT, query = BUF_INIT;
	int r = url_parse(&u, url, err);
	if (r < 0)
		return r;
	if (!*u.host)
		return err_set(err, ERR_CONFIG, "the URL of the remote names no host");

	/* "https" and "webdavs" are encrypted */
	bool with_tls = str_ends(u.scheme, "s");
	free(u.scheme);
	u.scheme = mem_strdup(with_tls ? "https" : "http");
	char *host = str_lower(u.host);
	free(u.host);
	u.host = host;
	if (u.port == (with_tls ? 443 : 80))
		u.port = 0;
	url_add_origin(&origin, &u);
	add_requoted(&path, u.path, path_keep);
	add_requoted(&query, u.query ? u.query : "", query_keep);

	out->host = mem_strdup(buf_str(&origin) + strlen(u.scheme) + strlen("://"));
	out->scheme = TAKE(u.scheme);
	out->origin = buf_detach(&origin);
	out->path = buf_detach(&path);
	out->query = query.len ? buf_detach(&query) : NULL;
	out->user = TAKE(u.user);
	out->password = TAKE(u.password);
	return 0;
}

char *web_url(const struct web_address *a, const char *path)
{
	AUTO(buf_release) struct buf url = BUF_INIT;
	buf_addf(&url, "%s%s", a->origin, a->path);
	if (!*path) {
		if (!*a->path)
			buf_addc(&url, '/');
		if (a->query)
			buf_addf(&url, "?%s", a->query);
		return buf_detach(&url);
	}
	while (str_ends(buf_str(&url), "/"))
		buf_truncate(&url, url.len - 1);
	buf_addc(&url, '/');
	url_add_escaped(&url, path, "/");
	return buf_detach(&url);
}

char *web_url_requoted(const char *url)
{
	AUTO(web_address_release) struct web_address a = {0};
	if (web_address_read(&a, url, NULL) < 0)
		return mem_strdup(url);
	return web_url(&a, "");
}

char *web_call_url(const struct web *w, const struct web_call *c)
{
	AUTO(mem_freep) char *url = c->url ? mem_strdup(c->url) : web_url(&w->address, c->path);
	bool add_slash = c->is_collection && !str_ends(url, "/");
	return mem_printf("%s%s", url, add_slash ? "/" : "");
}
