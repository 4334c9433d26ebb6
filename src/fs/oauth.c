/* Asks a server for an OAuth 2 token, and keeps it until shortly before it expires. */
#include "fs/oauth.h"

#include <time.h>

#include "base/alloc.h"
#include "base/str.h"
#include "net/http.h"
#include "text/json.h"
#include "text/url.h"

enum {
	/* A token that expires within this time is renewed; when that fails it is used up to
	 * the end. */
	RENEW_S = 5 * 60,
	EXPIRED_S = 30, /* requests reach the server in less time */
};

void oauth_token_release(struct oauth_token *t)
{
	free(t->text);
	*t = (struct oauth_token){0};
}

void oauth_init(struct oauth *o, oauth_source ask, void *arg)
{
	*o = (struct oauth){.ask = ask, .arg = arg};
	pthread_mutex_init(&o->lock, NULL);
}

void oauth_release(struct oauth *o)
{
	oauth_token_release(&o->token);
	pthread_mutex_destroy(&o->lock);
}

/* Is the token valid for so many seconds from now? */
static bool lasts(const struct oauth_token *t, int64_t seconds)
{
	return t->text && (!t->expires_s || t->expires_s - time(NULL) > seconds);
}

/* The lock is held, so that one thread asks for all. */
static int renew(struct oauth *o, struct err *err)
{
	AUTO(oauth_token_release) struct oauth_token fresh = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	if (lasts(&o->token, RENEW_S))
		return 0;
	int r = o->ask(o->arg, &fresh, &why);
	if (r < 0)
		return lasts(&o->token, EXPIRED_S) ? 0 : err_move(err, &why);
	oauth_token_release(&o->token);
	o->token = TAKE(fresh);
	return 0;
}

int oauth_get(struct oauth *o, char **out, struct err *err)
{
	pthread_mutex_lock(&o->lock);
	int r = renew(o, err);
	if (r == 0)
		*out = mem_strdup(o->token.text);
	pthread_mutex_unlock(&o->lock);
	return r;
}

void oauth_refused(struct oauth *o, const char *token)
{
	pthread_mutex_lock(&o->lock);
	/* another thread may have renewed it already */
	if (str_eq(o->token.text, token))
		oauth_token_release(&o->token);
	pthread_mutex_unlock(&o->lock);
}

void oauth_add_field(struct buf *form, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(form, "%s%s=", form->len ? "&" : "", name);
	url_add_escaped(form, value, "");
}

int oauth_check_url(const char *url, const char *what, struct err *err)
{
	AUTO(url_release) struct url u = {0};
	int r = url_parse(&u, url, err);
	if (r < 0)
		return err_wrap(err, r, "%s", what);
	bool is_near = str_eq(u.host, "localhost") || str_eq(u.host, "::1") ||
		       str_starts(u.host, "127.");
	if (str_eq(u.scheme, "https") || (str_eq(u.scheme, "http") && is_near))
		return 0;
	return err_set(err, ERR_CONFIG,
		"%s names the host '%s', which is neither this machine nor asked by https", what,
		u.host);
}

/* A number, also one that is written as text. */
static bool number_of(const struct value *v, int64_t *out)
{
	if (value_is(v, VALUE_INT) && !v->integer.big) {
		*out = v->integer.number;
		return true;
	}
	return value_str(v) && str_to_i64(value_str(v), out);
}

/* A token without a time, or with one that is not a number, is asked for again soon. */
static int64_t expiry_of(const struct value *v)
{
	enum { UNKNOWN_S = 10 * 60, MOST_S = 7 * 24 * 3600 };
	int64_t now_s = time(NULL), seconds;
	if (number_of(value_get(v, "expires_in"), &seconds) && seconds >= 0)
		return now_s + MIN(seconds, (int64_t)MOST_S);
	if (number_of(value_get(v, "expires_on"), &seconds) && seconds > 0)
		return MIN(seconds, now_s + MOST_S);
	return now_s + UNKNOWN_S;
}

int oauth_parse(
	const char *text, size_t len, const char *who, struct oauth_token *out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v;
	if (json_parse(&a, text, len, &v, NULL) < 0)
		return err_set(err, ERR_AUTH, "%s gives something that is not JSON", who);
	const char *token = value_get_str(v, "access_token");
	token = token ? token : value_get_str(v, "accessToken");
	/* a line end would begin another header */
	if (!token || !*token || strpbrk(token, "\r\n"))
		return err_set(err, ERR_AUTH, "%s gives no token", who);
	out->text = mem_strdup(token);
	out->expires_s = expiry_of(v);
	return 0;
}

/* {"error": "invalid_grant", "error_description": "..."}: why there is no token. */
static int refusal(const struct http_response *answer, const char *who, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v = NULL;
	int code = http_code(answer->status);
	if (code == ERR_BUSY || code == ERR_BROKEN)
		return http_fail(answer, err, "%s: %s", who, http_status_text(answer->status));
	if (json_parse(&a, buf_str(&answer->body), answer->body.len, &v, NULL) < 0)
		v = NULL;
	const char *name = value_get_str(v, "error");
	const char *text = value_get_str(v, "error_description");
	/* Microsoft adds lines with ids and times */
	int len = text ? (int)strcspn(text, "\r\n") : 0;
	return err_set(err, ERR_AUTH, "%s refuses the login: %s%s%.*s", who,
		name ? name : http_status_text(answer->status), len ? ": " : "", len,
		text ? text : "");
}

int oauth_post(struct http *http, const char *url, const struct buf *form, const char *who,
	struct oauth_token *out, struct err *err)
{
	AUTO(strlist_release) struct strlist headers = STRLIST_INIT;
	AUTO(http_response_release) struct http_response answer = {0};
	const struct byte_source body = {.fd = -1, .bytes = form->ptr, .size_bytes = form->len};
	strlist_add(&headers, "Content-Type: application/x-www-form-urlencoded");
	strlist_add(&headers, "Accept: application/json");
	int r = http_do(http,
		&(struct http_request){
			.method = "POST", .url = url, .headers = &headers, .body = &body},
		&answer, err);
	if (r < 0)
		return err_wrap(err, r, "%s", who);
	if (!http_is_ok(&answer))
		return refusal(&answer, who, err);
	return oauth_parse(buf_str(&answer.body), answer.body.len, who, out, err);
}
