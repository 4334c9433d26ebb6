/* The driver for WebDAV servers (RFC 4918). */
#include "base/alloc.h"
#include "base/str.h"
#include "fs/options.h"
#include "fs/web/dav_answers.h"
#include "fs/web/dav_int.h"
#include "fs/web/dav_token.h"
#include "text/url.h"

enum { TIMEOUT_S = 30 };

/* ---- the options */

/* The user of the URL, unless the options have one. */
static void take_user(struct web *w)
{
	struct web_login *l = &w->login;
	l->user = fs_option(w->fs, "user");
	if (!l->user && w->address.user)
		l->user = TAKE(w->address.user);
	if (!l->password && w->address.password)
		l->password = TAKE(w->address.password);
}

/* DVC's order: a token, a user, a header. */
static int take_login(struct web *w, struct err *err)
{
	struct web_login *l = &w->login;
	AUTO(mem_freep) char *token = fs_option(w->fs, "token");
	AUTO(mem_freep) char *header = fs_option(w->fs, "custom_auth_header");
	l->ask = fs_option_bool(w->fs, "ask_password") == 1;
	l->password = fs_option(w->fs, "password");
	take_user(w);
	if (token) {
		free(l->password);
		l->kind = WEB_HEADER;
		l->header = mem_strdup("Authorization");
		l->password = mem_printf("Bearer %s", token);
	} else if (l->user) {
		l->kind = WEB_BASIC;
	} else if (header) {
		l->kind = WEB_HEADER;
		l->header = TAKE(header);
		if (!l->password && !l->ask)
			return err_set(err, ERR_CONFIG,
				"'custom_auth_header' of the remote needs 'password', which is its value");
	}
	return 0;
}

static int take_token_command(struct dav *d, unsigned timeout_ms, struct err *err)
{
	struct web *w = &d->web;
	AUTO(mem_freep) char *command = fs_option(w->fs, "bearer_token_command");
	if (!command)
		return take_login(w, err);
	int r = dav_token_new(&d->token, w->fs->ctx, command, timeout_ms, err);
	w->authorize = dav_token_get;
	w->authorize_arg = d->token;
	return r;
}

/* Keep a string for as long as the place is open. Borrowed; NULL for NULL. */
static const char *own(struct web *w, char *text)
{
	if (text)
		strlist_take(&w->owned, text);
	return text;
}

static void dav_free(struct dav *d)
{
	web_close(&d->web);
	dav_token_free(d->token);
	map_release(&d->made);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

static int dav_open(struct fs *fs, struct err *err)
{
	struct dav *d = NEW(struct dav);
	struct web *w = &d->web;
	int r = web_open(w, fs, err);
	if (r < 0) {
		free(d);
		return r;
	}
	pthread_mutex_init(&d->lock, NULL);
	free(TAKE(w->address.query)); /* as DVC */
	w->opts.connect_timeout_ms = fs_option_ms(fs, "timeout", TIMEOUT_S);
	w->opts.read_timeout_ms = w->opts.connect_timeout_ms;
	w->opts.client_cert = own(w, fs_option(fs, "cert_path"));
	w->opts.client_key = own(w, fs_option(fs, "key_path"));
	w->asked_host = w->address.origin;
	w->login_hint = "Set the login of the remote:\n"
			"    dvc remote modify <remote name> user <user>\n"
			"    dvc remote modify --local <remote name> password <password>";
	r = take_token_command(d, w->opts.read_timeout_ms, err);
	if (r < 0) {
		dav_free(d);
		return r;
	}
	fs->handle = d;
	return 0;
}

static void dav_close(struct fs *fs)
{
	dav_free(fs->handle);
}

/* ---- looking */

static int dav_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err)
{
	(void)version;
	return dav_look(fs->handle, &(struct web_call){.path = path}, out, err);
}

static int dav_list(struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err)
{
	struct dav *d = fs->handle;
	AUTO(http_response_release) struct http_response answer = {0};
	const struct web_call c = {.path = what->prefix, .is_collection = true};
	int r = dav_ask(d, &c, "1", &answer, err);
	if (r <= 0)
		return r;
	AUTO(mem_freep) char *url = web_call_url(&d->web, &c);
	return dav_list_parse(
		&answer.body, url + strlen(d->web.address.origin), what->prefix, out, err);
}

/* ---- reading */

static int dav_get(struct fs *fs, const struct fs_get *what, const struct byte_sink *to,
	struct fs_stat *out, struct err *err)
{
	struct dav *d = fs->handle;
	AUTO(http_response_release) struct http_response answer = {0};
	int r = web_get(fs, &d->web, what, to, &answer, out, err);
	const char *etag = r > 0 ? http_header(&answer, "ETag") : NULL;
	if (out && etag && *etag)
		out->etag = mem_strdup(etag);
	return MIN(r, 0);
}

/* ---- writing */

static int remove_one(struct dav *d, const char *path, struct err *err)
{
	AUTO(http_response_release) struct http_response answer = {0};
	const struct web_call c = {.verb = "remove", .method = "DELETE", .path = path};
	int r = web_do(&d->web, &c, &answer, err);
	if (r < 0 || web_is_missing(&answer) || http_is_ok(&answer))
		return MIN(r, 0);
	return web_fail(&d->web, &c, &answer, err);
}

static int dav_remove(struct fs *fs, const char *const *paths, size_t count, struct err *err)
{
	int r = 0;
	for (size_t i = 0; i < count && r == 0; i++)
		r = remove_one(fs->handle, paths[i], err);
	return r;
}

/* PUT, in a collection that is made if it is missing. It may have been removed since. */
static int put_at(struct dav *d, const char *path, const struct byte_source *from,
	struct http_response *out, struct err *err)
{
	AUTO(web_call_release) struct web_call c = {
		.verb = "write", .method = "PUT", .path = path, .body = from};
	strlist_add(&c.headers, "Content-Type: application/octet-stream");
	int r = dav_make_parents(d, path, err);
	if (r == 0)
		r = web_do(&d->web, &c, out, err);
	if (r < 0 || http_is_ok(out))
		return r;
	if (out->status != 404 && out->status != 409)
		return web_fail(&d->web, &c, out, err);
	http_response_release(out);
	dav_forget_parents(d, path);
	r = dav_make_parents(d, path, err);
	return r < 0 ? r : web_do_ok(&d->web, &c, out, err);
}

/* MOVE or COPY. Any status is a success. */
static int transfer(struct dav *d, const char *method, const char *from, const char *to,
	struct http_response *out, struct err *err)
{
	AUTO(web_call_release) struct web_call c = {
		.verb = str_eq(method, "COPY") ? "copy" : "rename", .method = method, .path = from};
	AUTO(mem_freep) char *url = web_url(&d->web.address, to);
	/* Without scheme and host the server behind a proxy with TLS does not take it for another
	 * server; a few want them nevertheless. */
	bool whole = atomic_load(&d->whole_destination);
	strlist_addf(
		&c.headers, "Destination: %s", whole ? url : url + strlen(d->web.address.origin));
	strlist_add(&c.headers, "Overwrite: T");
	int r = web_do(&d->web, &c, out, err);
	if (r < 0 || whole || (out->status != 400 && out->status != 502))
		return r;
	http_response_release(out);
	atomic_store(&d->whole_destination, true);
	strlist_clear(&c.headers);
	strlist_addf(&c.headers, "Destination: %s", url);
	strlist_add(&c.headers, "Overwrite: T");
	return web_do(&d->web, &c, out, err);
}

/* 207 has the failures of single resources in it. */
static bool is_done(const struct http_response *answer)
{
	return http_is_ok(answer) && answer->status != 207;
}

/* Does the server have no MOVE, or none for this user? */
static bool refuses_move(const struct http_response *answer)
{
	int s = answer->status;
	return s == 400 || s == 403 || s == 502 || web_is_unknown_method(answer);
}

/* Write under a temporary name and rename. Returns 1: the server cannot rename, nothing is left. */
static int put_and_move(struct dav *d, const struct fs_put *what, struct err *err)
{
	AUTO(mem_freep) char *tmp = fs_temporary(what->path);
	AUTO(http_response_release) struct http_response answer = {0}, moved = {0};
	int r = put_at(d, tmp, &what->from, &answer, err);
	if (r == 0)
		r = transfer(d, "MOVE", tmp, what->path, &moved, err);
	if (r == 0 && is_done(&moved))
		return 0;
	bool refused = r == 0 && refuses_move(&moved);
	const struct web_call c = {.verb = "rename", .method = "MOVE", .path = tmp};
	if (r == 0 && !refused)
		r = web_fail(&d->web, &c, &moved, err);
	if (r != ERR_AUTH && r != ERR_CANCELLED)
		(void)remove_one(d, tmp, NULL); /* best effort */
	return refused ? 1 : r;
}

static int dav_put(struct fs *fs, const struct fs_put *what, struct fs_stat *out, struct err *err)
{
	struct dav *d = fs->handle;
	AUTO(http_response_release) struct http_response answer = {0};
	bool in_place = atomic_load(&d->no_move);
	int r = in_place ? 1 : put_and_move(d, what, err);
	if (r == 1) {
		atomic_store(&d->no_move, true);
		r = put_at(d, what->path, &what->from, &answer, err);
	}
	if (r == 0 && out)
		out->size_bytes = what->from.size_bytes;
	return r;
}

static int dav_copy(struct fs *fs, const char *from, const char *to, struct err *err)
{
	struct dav *d = fs->handle;
	AUTO(http_response_release) struct http_response answer = {0};
	int r = dav_make_parents(d, to, err);
	if (r == 0)
		r = transfer(d, "COPY", from, to, &answer, err);
	if (r < 0 || is_done(&answer))
		return r;
	const struct web_call c = {.verb = "copy", .method = "COPY", .path = from};
	if (web_is_missing(&answer))
		return err_set(err, ERR_NOT_FOUND, "'%s' does not exist", from);
	return web_fail(&d->web, &c, &answer, err);
}

static const char *const dav_schemes[] = {"webdav", "webdavs", NULL};

const struct fs_driver fs_webdav = {
	.name = "webdav",
	.schemes = dav_schemes,
	.capabilities = FS_RANGES | FS_NETWORK,
	.checksum_key = "etag",
	.open = dav_open,
	.close = dav_close,
	.stat = dav_stat,
	.list = dav_list,
	.get = dav_get,
	.put = dav_put,
	.remove = dav_remove,
	.copy = dav_copy,
};
