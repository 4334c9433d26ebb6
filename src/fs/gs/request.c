/* One request: its address, its token, and the errors that answers stand for. */
#include "base/alloc.h"
#include "base/str.h"
#include "fs/gs/answers.h"
#include "fs/gs/gs_int.h"
#include "text/url.h"

void gs_call_release(struct gs_call *c)
{
	buf_release(&c->url);
	strlist_release(&c->headers);
}

void gs_add_query(struct gs_call *c, const char *name, const char *value)
{
	buf_addf(&c->url, "%c%s=", strchr(c->url.ptr, '?') ? '&' : '?', name);
	url_add_escaped(&c->url, value, "");
}

void gs_add_url(const struct gs *g, const char *path, struct buf *out)
{
	buf_addf(out, "%s/storage/v1/b/", g->endpoint);
	url_add_escaped(out, g->bucket, "");
	buf_adds(out, "/o");
	if (path) {
		buf_addc(out, '/');
		url_add_escaped(out, g->root, "");
		url_add_escaped(out, path, "");
	}
}

/* Tokens go only to the service itself: the address of an upload comes from an answer. */
static bool is_ours(const struct gs *g, const char *url)
{
	return str_starts(url, g->endpoint) && url[strlen(g->endpoint)] == '/';
}

/* Make the request once. `*out_token` is the token that was used, or NULL. */
static int perform(struct gs *g, const struct gs_call *c, char **out_token,
	struct http_response *out, struct err *err)
{
	AUTO(strlist_release) struct strlist secrets = STRLIST_INIT;
	if (g->login.kind != GS_ANONYMOUS && is_ours(g, c->url.ptr)) {
		int r = oauth_get(&g->token, out_token, err);
		if (r < 0)
			return r;
		strlist_addf(&secrets, "Authorization: Bearer %s", *out_token);
		if (g->login.quota_project)
			strlist_addf(&secrets, "X-Goog-User-Project: %s", g->login.quota_project);
	}
	return http_do(g->http,
		&(struct http_request){.method = c->method,
			.url = c->url.ptr,
			.headers = &c->headers,
			.secret_headers = &secrets,
			.body = c->body,
			.to = c->to,
			.begin = c->begin,
			.begin_arg = c->begin_arg},
		out, err);
}

int gs_perform(struct gs *g, const struct gs_call *c, struct http_response *out, struct err *err)
{
	for (bool again = false;; again = true) {
		AUTO(mem_freep) char *token = NULL;
		int r = perform(g, c, &token, out, err);
		if (r < 0)
			return r;
		if (http_is_ok(out))
			atomic_store(&g->bucket_exists, true);
		if (out->status != 401 || !token || again)
			return 0;
		oauth_refused(&g->token, token);
		http_response_release(out);
	}
}

int gs_do(struct gs *g, const struct gs_call *c, struct http_response *out, struct err *err)
{
	int r = gs_perform(g, c, out, err);
	return r < 0 || http_is_ok(out) ? r : gs_fail(g, c, out, err);
}

/* https://cloud.google.com/storage/docs/json_api/v1/status-codes */
static int code_of(const struct gs_call *c, int status, const struct gs_error *e)
{
	bool no_bucket = e->message && strstr(e->message, "bucket does not exist");
	if (status == 404 && (!c->path || no_bucket))
		return ERR_NO_PLACE;
	if (status == 403 && e->reason && strstr(e->reason, "ateLimitExceeded"))
		return ERR_BUSY;
	if (e->message && strstr(e->message, "MD5 hash"))
		return ERR_CORRUPT;
	/* the session of an upload has ended: another one may be begun */
	return status == 410 ? ERR_BROKEN : http_code(status);
}

static const char *meaning_of(int code, const char *message)
{
	switch (code) {
	case ERR_NO_PLACE:
		return "the bucket does not exist";
	case ERR_BUSY:
		return "too many requests";
	case ERR_CORRUPT:
		return "the bytes that arrived are not those that were sent";
	default:
		return message;
	}
}

static void add_hint(const struct gs *g, int code, struct err *err)
{
	if (code == ERR_NO_PLACE)
		err_hint(err,
			"Is its name right? Create it with:\n    gcloud storage buckets create gs://%s",
			g->bucket);
	else if (code == ERR_AUTH && g->login.kind == GS_ANONYMOUS)
		err_hint(err, "The bucket is not public. Name the key file of a service account:\n"
			      "    dvc remote modify --local <remote name> credentialpath <file>");
	else if (code == ERR_AUTH)
		err_hint(err, "Log in again:\n    gcloud auth application-default login");
	else if (code == ERR_DENIED && g->login.email)
		err_hint(err, "Give '%s' the role 'Storage Object User' for the bucket.",
			g->login.email);
}

int gs_fail(const struct gs *g, const struct gs_call *c, const struct http_response *answer,
	struct err *err)
{
	AUTO(gs_error_release) struct gs_error e = {0};
	gs_error_parse(&answer->body, &e);
	int code = code_of(c, answer->status, &e);
	const char *status = http_status_text(answer->status);
	const char *reason = *status ? status + strlen("404 ") : "Unknown";
	const char *message = e.message ? e.message : reason;
	/* DVC's library has the path alone for what is not found */
	AUTO(mem_freep) char *words = answer->status == 404
					      ? mem_printf("b/%s/o", g->bucket)
					      : mem_printf("%s, %d", message, answer->status);
	if (code == ERR_BUSY)
		(void)err_busy(err, http_retry_after_ms(answer), "%s", words);
	else
		(void)err_set(err, code, "%s", words);
	(void)err_plain(err, code, "gs://%s%s%s%s: %s (%d)", g->bucket, c->path ? "/" : "",
		c->path ? g->root : "", c->path ? c->path : "", meaning_of(code, message),
		answer->status);
	add_hint(g, code, err);
	return code;
}
