/*
 * The driver for web servers that take files (RFC 9110): GET, HEAD, and POST or PUT. They neither
 * list nor remove. The root may be the address of a single file, with a query; its path is "" then.
 */
#include <ctype.h>

#include "base/alloc.h"
#include "base/str.h"
#include "fs/options.h"
#include "fs/ranges.h"
#include "fs/web/checksum.h"
#include "fs/web/web_int.h"
#include "text/date.h"
#include "text/url.h"

enum { TIMEOUT_S = 60 };

struct web_files {
	struct web web;
	char *method; /* of uploads, upper case */
};

/* ---- the options */

static int incomplete(const char *kind, const char *first, struct err *err)
{
	return err_set(err, ERR_CONFIG, "HTTP '%s' authentication require both '%s' and 'password'",
		kind, first);
}

/* Without `auth` DVC ignores the other options, but not a user in the URL. */
static int take_login(struct web *w, struct err *err)
{
	struct web_login *l = &w->login;
	struct web_address *a = &w->address;
	AUTO(mem_freep) char *auth = fs_option(w->fs, "auth");
	w->opts.netrc = true; /* the client looks there where there is no user */
	if (!auth) {
		if (a->user) {
			l->kind = WEB_BASIC;
			l->user = TAKE(a->user);
			l->password = a->password ? TAKE(a->password) : mem_strdup("");
		}
		return 0;
	}
	l->user = fs_option(w->fs, "user");
	l->password = fs_option(w->fs, "password");
	l->header = fs_option(w->fs, "custom_auth_header");
	l->ask = fs_option_bool(w->fs, "ask_password") == 1;
	l->kind = str_eq(auth, "custom")   ? WEB_HEADER
		  : str_eq(auth, "digest") ? WEB_DIGEST
					   : WEB_BASIC;
	bool is_custom = l->kind == WEB_HEADER;
	if (!(is_custom ? l->header : l->user) || (!l->password && !l->ask))
		return incomplete(auth, is_custom ? "custom_auth_header" : "user", err);
	return 0;
}

static void web_files_free(struct web_files *f)
{
	web_close(&f->web);
	free(f->method);
	free(f);
}

static int http_open(struct fs *fs, struct err *err)
{
	struct web_files *f = NEW(struct web_files);
	struct web *w = &f->web;
	int r = web_open(w, fs, err);
	if (r < 0) {
		free(f);
		return r;
	}
	w->opts.connect_timeout_ms = fs_option_ms(fs, "connect_timeout", TIMEOUT_S);
	w->opts.read_timeout_ms = fs_option_ms(fs, "read_timeout", TIMEOUT_S);
	w->login_hint = "Set the login of the remote:\n"
			"    dvc remote modify <remote name> auth basic\n"
			"    dvc remote modify <remote name> user <user>\n"
			"    dvc remote modify --local <remote name> password <password>";
	w->asked_host = w->address.host;
	f->method = fs_option(fs, "method");
	for (char *p = f->method; p && *p; p++)
		*p = (char)toupper((unsigned char)*p);
	f->method = f->method ? f->method : mem_strdup("POST");
	r = take_login(w, err);
	if (r < 0) {
		web_files_free(f);
		return r;
	}
	fs->handle = f;
	return 0;
}

static void http_close(struct fs *fs)
{
	web_files_free(fs->handle);
}

/* ---- what is known of a file */

static void stat_of(const struct http_response *answer, struct fs_stat *out)
{
	const char *modified = http_header(answer, "Last-Modified");
	out->size_bytes = range_size(answer);
	if (modified)
		(void)date_parse_http(modified, &out->mtime_s);
}

/* The URL that a checksum has in it: of a single file as it was written. Heap string. */
static char *name_of(const struct web *w, const char *path)
{
	return *path ? web_url(&w->address, path) : mem_strdup(w->fs->url);
}

/* A GET that ends when its head is there. */
struct glance {
	const char *name;
	struct fs_stat *out; /* may be NULL */
	bool seen;
};

static int on_head(void *arg, const struct http_response *answer, struct err *err)
{
	struct glance *g = arg;
	(void)err;
	g->seen = true;
	if (g->out) {
		stat_of(answer, g->out);
		g->out->etag = web_checksum(answer, g->name);
	}
	return 0;
}

static int stop_reading(void *arg, const void *bytes, size_t count, struct err *err)
{
	(void)arg, (void)bytes, (void)count, (void)err;
	return ERR_EXISTS; /* any failure ends the request; on_head() has what is wanted */
}

/* For servers that refuse HEAD: ask for the first byte. Its size comes with it. */
static int stat_by_get(struct web *w, const char *path, struct fs_stat *out, struct err *err)
{
	AUTO(mem_freep) char *name = name_of(w, path);
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	struct glance g = {.name = name, .out = out};
	AUTO(web_call_release) struct web_call c = {.verb = "read",
		.method = "GET",
		.path = path,
		.to = &(struct byte_sink){stop_reading, NULL},
		.begin = on_head,
		.begin_arg = &g};
	strlist_add(&c.headers, "Range: bytes=0-0");
	int r = web_do(w, &c, &answer, &why);
	if (g.seen)
		return 1;
	if (r < 0)
		return err_move(err, &why);
	if (answer.status == 416) { /* the file is empty */
		if (out)
			*out = (struct fs_stat){.etag = web_etag(&answer)};
		return 1;
	}
	return web_is_missing(&answer) ? 0 : web_fail(w, &c, &answer, err);
}

/* An address with a signature in its query is good for one method, which is GET as a rule. */
static bool refuses_head(const struct web *w, const struct http_response *answer)
{
	bool is_signed = w->address.query && (answer->status == 400 || answer->status == 403);
	return web_is_unknown_method(answer) || is_signed;
}

static int http_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err)
{
	struct web_files *f = fs->handle;
	AUTO(http_response_release) struct http_response answer = {0};
	struct web_call c = {.verb = "read", .method = "HEAD", .path = path};
	(void)version;
	int r = web_do(&f->web, &c, &answer, err);
	if (r < 0)
		return r;
	if (web_is_missing(&answer))
		return 0;
	if (refuses_head(&f->web, &answer))
		return stat_by_get(&f->web, path, out, err);
	if (!http_is_ok(&answer))
		return web_fail(&f->web, &c, &answer, err);
	if (out) {
		AUTO(mem_freep) char *name = name_of(&f->web, path);
		stat_of(&answer, out);
		out->etag = web_checksum(&answer, name);
	}
	return 1;
}

/* ---- reading */

static int http_get(struct fs *fs, const struct fs_get *what, const struct byte_sink *to,
	struct fs_stat *out, struct err *err)
{
	struct web_files *f = fs->handle;
	AUTO(http_response_release) struct http_response answer = {0};
	int r = web_get(fs, &f->web, what, to, &answer, out, err);
	if (r > 0 && out)
		out->etag = web_etag(&answer);
	return MIN(r, 0);
}

/* ---- writing */

/*
 * An upload by POST that is redirected ends as a GET of another address, as in every client. A
 * server that has stored the file may answer so, and one that shows a form for the login, too.
 */
static int check_redirected(struct fs *fs, const struct fs_put *what, struct err *err)
{
	AUTO(fs_stat_release) struct fs_stat now = {0};
	int r = http_stat(fs, what->path, NULL, &now, err);
	if (r < 0)
		return r;
	if (r > 0 && (now.size_bytes == what->from.size_bytes || now.size_bytes == FS_UNKNOWN))
		return 0;
	(void)err_set(err, ERR_FAIL,
		"unable to write '%s': the server redirects the upload, and does not store it",
		what->path);
	err_hint(err,
		"Does the URL of the remote lead to where files are stored, and is a login needed?");
	return ERR_FAIL;
}

static int http_put(struct fs *fs, const struct fs_put *what, struct fs_stat *out, struct err *err)
{
	struct web_files *f = fs->handle;
	AUTO(mem_freep) char *url = web_url(&f->web.address, what->path);
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(web_call_release) struct web_call c = {
		.verb = "write", .method = f->method, .path = what->path, .body = &what->from};
	bool is_post = str_eq(f->method, "POST");
	if (!is_post && !str_eq(f->method, "PUT"))
		return err_set(err, ERR_CONFIG,
			"method has to be either 'post' or 'put', not: '%s'", f->method);

	strlist_add(&c.headers, "Content-Type: application/octet-stream");
	int r = web_do_ok(&f->web, &c, &answer, err);
	if (r == 0 && is_post && !str_eq(answer.url, url))
		r = check_redirected(fs, what, err);
	if (r == 0 && out) {
		out->size_bytes = what->from.size_bytes;
		out->etag = web_etag(&answer);
	}
	return r;
}

/* ---- what such servers do not do */

static int cannot(const struct fs *fs, const char *what, struct err *err)
{
	AUTO(buf_release) struct buf shown = BUF_INIT;
	url_add_shown(&shown, fs->url);
	return err_set(err, ERR_UNSUPPORTED, "'%s' is a web server, which %s no files",
		buf_str(&shown), what);
}

static int http_list(
	struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err)
{
	(void)what, (void)out;
	return cannot(fs, "lists", err);
}

static int http_remove(struct fs *fs, const char *const *paths, size_t count, struct err *err)
{
	(void)paths, (void)count;
	return cannot(fs, "removes", err);
}

static const char *const http_schemes[] = {"http", "https", NULL};

const struct fs_driver fs_http = {
	.name = "http",
	.schemes = http_schemes,
	.capabilities = FS_RANGES | FS_NETWORK | FS_NO_LIST | FS_NO_REMOVE,
	.checksum_key = "checksum",
	.open = http_open,
	.close = http_close,
	.stat = http_stat,
	.list = http_list,
	.get = http_get,
	.put = http_put,
	.remove = http_remove,
};
