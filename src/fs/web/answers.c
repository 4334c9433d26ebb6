/* What answers say when they are no success. */
#include "base/alloc.h"
#include "base/str.h"
#include "fs/web/web_int.h"
#include "text/url.h"

bool web_is_missing(const struct http_response *answer)
{
	return answer->status == 404 || answer->status == 410;
}

bool web_is_unknown_method(const struct http_response *answer)
{
	return answer->status == 405 || answer->status == 501;
}

static bool writes(const struct web_call *c)
{
	return !str_eq(c->method, "GET") && !str_eq(c->method, "HEAD") &&
	       !str_eq(c->method, "PROPFIND");
}

static int code_of(const struct web_call *c, int status)
{
	switch (status) {
	case 423: /* Locked (RFC 4918): by somebody else, for a moment */
	case 509: /* too much data in a time */
		return ERR_BUSY;
	case 405:
	case 501:
		return ERR_UNSUPPORTED;
	case 505:
	case 507: /* Insufficient Storage (RFC 4918) */
		return ERR_FAIL;
	default:
		break;
	}
	int code = http_code(status);
	/* a place that cannot be written to is no file that is missing */
	return code == ERR_NOT_FOUND && writes(c) ? ERR_FAIL : code;
}

/* What the status means here, where its own words say little. */
static const char *meaning_of(const struct web *w, const struct web_call *c, int status)
{
	bool has_login = w->login.kind != WEB_NO_LOGIN || w->authorize;
	switch (status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		return "the server redirects in a circle";
	case 401:
		return has_login ? "the server refuses the login" : "the server wants a login";
	case 403:
		return has_login ? "this user may not do that" : "the server does not allow it";
	case 404:
	case 410:
		return writes(c) ? "there is nothing that could be written to"
				 : "it does not exist";
	case 405:
	case 501:
		return "the server does not know that method";
	case 413:
		return "the file is too large for the server";
	case 423:
		return "it is locked";
	case 507:
		return "no space is left on the server";
	default:
		return status >= 500 ? "the server failed" : "the server refuses";
	}
}

static void add_hint(const struct web *w, const struct web_call *c, int status, struct err *err)
{
	bool has_login = w->login.kind != WEB_NO_LOGIN || w->authorize;
	if (status == 401 && has_login)
		err_hint(err, "Are the user and the password, or the token, of the remote right?");
	else if (status == 401)
		err_hint(err, "%s", w->login_hint);
	else if (status == 403)
		err_hint(err, "Ask who runs the server for the right to %s there%s", c->verb,
			has_login ? "." : ", or set a login of the remote.");
	else if (status == 413)
		err_hint(err, "Raise the limit of the server (nginx: client_max_body_size).");
	else if (writes(c) && status >= 404 && status <= 410 && str_eq(c->method, "POST"))
		err_hint(err, "If the server takes files by PUT, set:\n"
			      "    dvc remote modify <remote name> method PUT");
}

static bool is_dav(const struct web *w)
{
	return str_starts(w->fs->url, "webdav");
}

/* In the words of DVC's libraries: aiohttp and fsspec, or webdav4 and httpx. Heap string. */
static char *dvc_words(const struct web *w, const struct web_call *c,
	const struct http_response *answer, const char *url)
{
	const char *text = http_status_text(answer->status);
	const char *reason = *text ? text + strlen("404 ") : "";
	int status = answer->status;
	if (is_dav(w))
		return mem_printf("received %d (%s): %s error '%d %s' for url '%s'\n"
				  "For more information check: "
				  "https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/%d",
			status, reason, status >= 500 ? "Server" : "Client", status, reason, url,
			status);
	if (status == 404 || !writes(c))
		return mem_strdup(url);
	return mem_printf("%d, message='%s', url='%s'", status, reason, url);
}

int web_fail(const struct web *w, const struct web_call *c, const struct http_response *answer,
	struct err *err)
{
	AUTO(mem_freep) char *url = web_call_url(w, c);
	AUTO(buf_release) struct buf shown = BUF_INIT, text = BUF_INIT;
	int code = code_of(c, answer->status);
	const char *status = http_status_text(answer->status);

	url_add_shown(&shown, url);
	buf_addf(&text, "unable to %s '%s': %s (", c->verb, buf_str(&shown),
		meaning_of(w, c, answer->status));
	if (*status)
		buf_adds(&text, status);
	else
		buf_addf(&text, "status %d", answer->status);
	buf_addf(&text, " to %s)", c->method);
	AUTO(mem_freep) char *words = dvc_words(w, c, answer, buf_str(&shown));
	if (code == ERR_BUSY)
		(void)err_busy(err, http_retry_after_ms(answer), "%s", words);
	else
		(void)err_set(err, code, "%s", words);
	(void)err_plain(err, code, "%s", buf_str(&text));
	add_hint(w, c, answer->status, err);
	return code;
}
