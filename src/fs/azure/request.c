/* One request: its address, its signature, and another try with a new token. */
#include <time.h>

#include "base/alloc.h"
#include "base/str.h"
#include "fs/azure/azure_int.h"
#include "fs/azure/sign.h"
#include "text/base64.h"
#include "text/date.h"
#include "text/url.h"

/* https://learn.microsoft.com/rest/api/storageservices/versioning-for-the-azure-storage-services */
#define API_VERSION "2021-12-02"

void azure_call_release(struct azure_call *c)
{
	strlist_release(&c->query);
	strlist_release(&c->headers);
}

void azure_add_query(struct azure_call *c, const char *name, const char *value)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	buf_addf(&text, "%s=", name);
	url_add_escaped(&text, value, "");
	strlist_add(&c->query, text.ptr);
}

void azure_add_url(const struct azure *a, const char *path, struct buf *out)
{
	buf_addf(out, "%s/", a->endpoint);
	/* $web and $root are the names of containers */
	url_add_escaped(out, a->container, "$");
	if (path) {
		buf_addc(out, '/');
		url_add_escaped(out, a->root, "/");
		url_add_escaped(out, path, "/");
	}
}

/* Add the headers that say who asks. `*out_token` is the one that was used, or NULL. */
static int sign_call(struct azure *a, const struct azure_call *c, const char *url,
	struct strlist *headers, char **out_token, struct err *err)
{
	AUTO(buf_release) struct buf value = BUF_INIT;
	if (a->uses_token) {
		int r = oauth_get(&a->token, out_token, err);
		if (r == 0)
			strlist_addf(headers, "Authorization: Bearer %s", *out_token);
		return r;
	}
	if (!a->key.len)
		return 0;
	const char *host = strstr(url, "://") + strlen("://");
	azure_sign(&value,
		&(struct azure_sign){.method = c->method,
			.account = a->account,
			.path = host + strcspn(host, "/"),
			.query = &c->query,
			.headers = headers,
			.body_bytes = c->body ? c->body->size_bytes : 0},
		a->key.ptr, a->key.len);
	strlist_addf(headers, "Authorization: %s", value.ptr);
	return 0;
}

static void add_headers(const struct azure_call *c, struct strlist *out)
{
	char date[DATE_HTTP];
	for (size_t i = 0; i < c->headers.count; i++)
		strlist_add(out, c->headers.items[i]);
	strlist_addf(out, "x-ms-date: %s", date_format_http(time(NULL), date));
	strlist_add(out, "x-ms-version: " API_VERSION);
	if (c->body_md5) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		base64_add(&text, c->body_md5, MD5_BYTES);
		strlist_addf(out, "Content-MD5: %s", text.ptr);
	}
}

/* Make the request once. */
static int perform(struct azure *a, const struct azure_call *c, char **out_token,
	struct http_response *out, struct err *err)
{
	AUTO(buf_release) struct buf url = BUF_INIT;
	AUTO(strlist_release) struct strlist headers = STRLIST_INIT;
	azure_add_url(a, c->path, &url);
	add_headers(c, &headers);
	int r = sign_call(a, c, url.ptr, &headers, out_token, err);
	if (r < 0)
		return r;

	AUTO(mem_freep) char *query = strlist_join(&c->query, "&");
	if (*query || a->sas)
		buf_addf(&url, "?%s%s%s", query, *query && a->sas ? "&" : "", a->sas ? a->sas : "");
	r = http_do(a->http,
		&(struct http_request){.method = c->method,
			.url = url.ptr,
			.headers = &headers,
			.body = c->body,
			.to = c->to,
			.begin = c->begin,
			.begin_arg = c->begin_arg,
			.urgent = c->urgent},
		out, err);
	if (r == ERR_NO_PLACE) {
		(void)err_wrap(err, r, "unable to reach Azure Blob Storage");
		err_hint(err, "Is the name of the account right?");
	}
	return r;
}

int azure_do(struct azure *a, struct azure_call *c, struct http_response *out, struct err *err)
{
	if (a->server_timeout)
		azure_add_query(c, "timeout", a->server_timeout);
	for (bool again = false;; again = true) {
		AUTO(mem_freep) char *token = NULL;
		int r = perform(a, c, &token, out, err);
		if (r < 0 || http_is_ok(out))
			return r;
		if (out->status != 401 || !token || again)
			return azure_fail(a, c, out, err);
		oauth_refused(&a->token, token);
		http_response_release(out);
	}
}
