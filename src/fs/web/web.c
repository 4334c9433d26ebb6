/* The login and one request. */
#include "base/alloc.h"
#include "base/ctx.h"
#include "base/str.h"
#include "fs/options.h"
#include "fs/ranges.h"
#include "fs/web/web_int.h"
#include "text/date.h"
#include "text/url.h"

enum { REDIRECTS_MOST = 10 }; /* as aiohttp, DVC's library */

static void login_release(struct web_login *l)
{
	free(l->user);
	free(l->password);
	free(l->header);
}

int web_open(struct web *w, const struct fs *fs, struct err *err)
{
	int r = web_address_read(&w->address, fs->url, err);
	if (r < 0)
		return r;
	AUTO(mem_freep) char *verify = fs_option(fs, "ssl_verify");
	int flag = fs_option_bool(fs, "ssl_verify");
	w->fs = fs;
	w->opts.ctx = fs->ctx;
	w->opts.insecure = flag == 0;
	if (verify && flag < 0) {
		strlist_add(&w->owned, verify);
		w->opts.ca_path = w->owned.items[w->owned.count - 1];
	}
	pthread_mutex_init(&w->lock, NULL);
	return 0;
}

void web_close(struct web *w)
{
	http_free(w->http);
	web_address_release(&w->address);
	login_release(&w->login);
	strlist_release(&w->owned);
	strlist_release(&w->secret_headers);
	pthread_mutex_destroy(&w->lock);
}

/* DVC's words, but that its driver for http has lost the host. */
static int ask_password(struct web *w, struct err *err)
{
	struct web_login *l = &w->login;
	const char *who = l->kind == WEB_HEADER ? l->header : l->user;
	if (l->password || !l->ask)
		return 0;
	AUTO(mem_freep) char *prompt = mem_printf(
		"Enter a password for host '%s' user '%s':\n", w->asked_host, who ? who : "");
	l->password = ctx_ask_secret(w->fs->ctx, prompt);
	if (l->password)
		return 0;
	(void)err_set(err, ERR_AUTH, "no password was given for '%s' at '%s'", who ? who : "",
		w->address.host);
	err_hint(err, "Run this on a terminal, or set the password:\n"
		      "    dvc remote modify --local <remote name> password <password>");
	return ERR_AUTH;
}

/* The lock is held. */
static int open_client(struct web *w, struct err *err)
{
	struct web_login *l = &w->login;
	int r = ask_password(w, err);
	if (r < 0)
		return r;
	if (l->kind == WEB_BASIC || l->kind == WEB_DIGEST) {
		w->opts.auth = l->kind == WEB_DIGEST ? HTTP_AUTH_DIGEST : HTTP_AUTH_BASIC;
		w->opts.user = l->user;
		w->opts.password = l->password;
	} else if (l->kind == WEB_HEADER) {
		strlist_addf(&w->secret_headers, "%s: %s", l->header, l->password);
	}
	return http_new(&w->http, &w->opts, err);
}

static int client(struct web *w, struct http **out, struct err *err)
{
	pthread_mutex_lock(&w->lock);
	int r = w->http ? 0 : open_client(w, err);
	*out = w->http;
	pthread_mutex_unlock(&w->lock);
	return r;
}

void web_call_release(struct web_call *c)
{
	strlist_release(&c->headers);
}

static int perform(struct web *w, const struct web_call *c, const char *authorization,
	struct http_response *out, struct err *err)
{
	AUTO(strlist_release) struct strlist secrets = STRLIST_INIT;
	AUTO(mem_freep) char *url = web_call_url(w, c);
	struct http *http;
	int r = client(w, &http, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < w->secret_headers.count; i++)
		strlist_add(&secrets, w->secret_headers.items[i]);
	if (authorization)
		strlist_addf(&secrets, "Authorization: %s", authorization);
	r = http_do(http,
		&(struct http_request){.method = c->method,
			.url = url,
			.headers = &c->headers,
			.secret_headers = &secrets,
			.body = c->body,
			.to = c->to,
			.begin = c->begin,
			.begin_arg = c->begin_arg,
			.redirects = REDIRECTS_MOST},
		out, err);
	if (r < 0 && out->unreachable)
		err_hint(err, "Does the server run, and is the URL of the remote right?");
	return r;
}

int web_do(struct web *w, const struct web_call *c, struct http_response *out, struct err *err)
{
	AUTO(mem_freep) char *authorization = NULL;
	if (!w->authorize)
		return perform(w, c, NULL, out, err);

	int r = w->authorize(w->authorize_arg, NULL, &authorization, err);
	if (r == 0)
		r = perform(w, c, authorization, out, err);
	if (r < 0 || out->status != 401)
		return r;
	AUTO(mem_freep) char *other = NULL;
	r = w->authorize(w->authorize_arg, authorization, &other, err);
	http_response_release(out);
	return r < 0 ? r : perform(w, c, other, out, err);
}

int web_do_ok(struct web *w, const struct web_call *c, struct http_response *out, struct err *err)
{
	int r = web_do(w, c, out, err);
	if (r < 0 || http_is_ok(out))
		return r;
	return web_fail(w, c, out, err);
}

int web_get(struct fs *fs, struct web *w, const struct fs_get *what, const struct byte_sink *to,
	struct http_response *answer, struct fs_stat *out, struct err *err)
{
	struct range_get g = {.what = what, .size_bytes = FS_UNKNOWN};
	AUTO(web_call_release) struct web_call c = {.verb = "read",
		.method = "GET",
		.path = what->path,
		.to = to,
		.begin = range_begin,
		.begin_arg = &g};
	if (!what->count)
		return fs_stat_instead(fs, what, out, err);

	range_add_header(&c.headers, what);
	int r = web_do(w, &c, answer, err);
	if (r < 0)
		return r;
	if (answer->status == 416) /* the file ends before */
		return fs_stat_instead(fs, what, out, err);
	if (!http_is_ok(answer))
		return web_fail(w, &c, answer, err);
	if (out) {
		const char *modified = http_header(answer, "Last-Modified");
		out->size_bytes = g.size_bytes;
		if (modified)
			(void)date_parse_http(modified, &out->mtime_s);
	}
	return 1;
}
