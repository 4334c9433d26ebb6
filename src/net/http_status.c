/* Reads answers: headers, statuses, and the errors that they stand for. */
#include <stdarg.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/str.h"
#include "net/http.h"
#include "net/http_int.h"
#include "text/date.h"
#include "text/url.h"

int64_t http_now_ms(void)
{
	struct timespec now = {0};
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool http_is_dir(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int port_of(const struct url *u)
{
	return u->port ? u->port : str_eq(u->scheme, "https") ? 443 : 80;
}

bool http_same_origin(const char *a, const char *b)
{
	AUTO(url_release) struct url x = {0}, y = {0};
	return url_parse(&x, a, NULL) == 0 && url_parse(&y, b, NULL) == 0 &&
	       str_eq(x.scheme, y.scheme) && strcasecmp(x.host, y.host) == 0 &&
	       port_of(&x) == port_of(&y);
}

void http_log(
	const struct ctx *ctx, const char *method, const char *url, int status, int64_t duration_ms)
{
	if (!ctx || ctx->log.level < LOG_DEBUG)
		return;
	AUTO(buf_release) struct buf shown = BUF_INIT;
	url_add_shown(&shown, url);
	if (status)
		log_debug(ctx, "%s %s: %d, %lld ms", method, buf_str(&shown), status,
			(long long)duration_ms);
	else
		log_debug(ctx, "%s %s: no answer, %lld ms", method, buf_str(&shown),
			(long long)duration_ms);
}

const char *http_header(const struct http_response *r, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < r->headers.count; i++) {
		const char *line = r->headers.items[i];
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
	}
	return NULL;
}

bool http_is_ok(const struct http_response *r)
{
	return r->status >= 200 && r->status <= 299;
}

int http_code(int status)
{
	switch (status) {
	case 401:
		return ERR_AUTH;
	case 403:
		return ERR_DENIED;
	case 404:
	case 410:
		return ERR_NOT_FOUND;
	case 429:
	case 503:
		return ERR_BUSY;
	case 408:
		return ERR_BROKEN;
	default:
		return status >= 500 ? ERR_BROKEN : ERR_FAIL;
	}
}

unsigned http_retry_after_ms(const struct http_response *r)
{
	enum { MOST_S = 3600 };
	const char *value = http_header(r, "Retry-After");
	int64_t wait_s = 0;
	if (!value)
		return 0;
	if (!str_to_i64(value, &wait_s)) {
		const char *now = http_header(r, "Date");
		int64_t now_s, until_s;
		if (!date_parse_http(value, &until_s))
			return 0;
		/* the server's own clock, if it tells, makes ours not matter */
		if (!now || !date_parse_http(now, &now_s))
			now_s = time(NULL);
		wait_s = until_s - now_s;
	}
	if (wait_s <= 0)
		return 0;
	return (unsigned)MIN(wait_s, (int64_t)MOST_S) * 1000;
}

int http_fail(const struct http_response *r, struct err *err, const char *fmt, ...)
{
	AUTO(buf_release) struct buf what = BUF_INIT;
	int code = http_code(r->status);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&what, fmt, ap);
	va_end(ap);
	if (code == ERR_BUSY)
		return err_busy(err, http_retry_after_ms(r), "%s", buf_str(&what));
	return err_set(err, code, "%s", buf_str(&what));
}

const char *http_status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = {
		{200, "200 OK"},
		{201, "201 Created"},
		{204, "204 No Content"},
		{206, "206 Partial Content"},
		{301, "301 Moved Permanently"},
		{302, "302 Found"},
		{304, "304 Not Modified"},
		{307, "307 Temporary Redirect"},
		{308, "308 Permanent Redirect"},
		{400, "400 Bad Request"},
		{401, "401 Unauthorized"},
		{403, "403 Forbidden"},
		{404, "404 Not Found"},
		{405, "405 Method Not Allowed"},
		{407, "407 Proxy Authentication Required"},
		{408, "408 Request Timeout"},
		{409, "409 Conflict"},
		{410, "410 Gone"},
		{411, "411 Length Required"},
		{412, "412 Precondition Failed"},
		{413, "413 Content Too Large"},
		{416, "416 Range Not Satisfiable"},
		{423, "423 Locked"},
		{429, "429 Too Many Requests"},
		{500, "500 Internal Server Error"},
		{501, "501 Not Implemented"},
		{502, "502 Bad Gateway"},
		{503, "503 Service Unavailable"},
		{504, "504 Gateway Timeout"},
		{507, "507 Insufficient Storage"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (texts[i].status == status)
			return texts[i].text;
	}
	return "";
}
