/* One request is one curl_easy_perform(); redirects are followed here, because libcurl would send
 * the headers of the request to any host. */
#include "net/http.h"

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/errno_text.h"
#include "base/rate.h"
#include "base/str.h"
#include "base/vec.h"
#include "net/curl.h"
#include "net/http_int.h"
#include "text/url.h"

enum {
	RECEIVE_BYTES = 64 * 1024,      /* libcurl's buffers, for each connection in use */
	SEND_BYTES = 128 * 1024,        /* larger ones are no faster */
	HEADERS_MAX_BYTES = 256 * 1024, /* of one answer */
	DEFAULT_TIMEOUT_MS = 60 * 1000,
};

struct http {
	const struct curl_lib *lib;
	const struct ctx *ctx;
	struct http_opts opts; /* its strings are ours */
	CURLSH *share;         /* host names and TLS sessions */
	pthread_mutex_t share_locks[CURL_LOCK_DATA_LAST];
	atomic_bool needs_file; /* the directory of certificates does not suffice */
	pthread_mutex_t lock;   /* of `idle` */
	VEC(CURL *) idle;       /* handles with their connections, the last used at the end */
};

static void lock_share(CURL *c, curl_lock_data data, curl_lock_access access, void *arg)
{
	struct http *h = arg;
	(void)c;
	(void)access;
	pthread_mutex_lock(&h->share_locks[data]);
}

static void unlock_share(CURL *c, curl_lock_data data, void *arg)
{
	struct http *h = arg;
	(void)c;
	pthread_mutex_unlock(&h->share_locks[data]);
}

static char *copy(const char *s)
{
	return s ? mem_strdup(s) : NULL;
}

int http_new(struct http **out, const struct http_opts *opts, struct err *err)
{
	const struct curl_lib *lib = curl_lib(err);
	if (!lib)
		return ERR_UNSUPPORTED;

	struct http *h = NEW(struct http);
	h->lib = lib;
	h->ctx = opts->ctx;
	h->opts = *opts;
	h->opts.ca_path = copy(opts->ca_path);
	h->opts.verify_option = copy(opts->verify_option ? opts->verify_option : "ssl_verify");
	h->opts.client_cert = copy(opts->client_cert);
	h->opts.client_key = copy(opts->client_key);
	h->opts.user = copy(opts->user);
	h->opts.password = copy(opts->password);

	pthread_mutex_init(&h->lock, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(h->share_locks); i++)
		pthread_mutex_init(&h->share_locks[i], NULL);
	/* without it every handle looks up the host itself, which only costs time */
	h->share = lib->share_init();
	if (h->share) {
		lib->share_setopt(h->share, CURLSHOPT_LOCKFUNC, lock_share);
		lib->share_setopt(h->share, CURLSHOPT_UNLOCKFUNC, unlock_share);
		lib->share_setopt(h->share, CURLSHOPT_USERDATA, h);
		lib->share_setopt(h->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
		lib->share_setopt(h->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	}
	*out = h;
	return 0;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	VEC_EACH (&h->idle, c)
		h->lib->easy_cleanup(*c);
	vec_release(&h->idle);
	if (h->share)
		(void)h->lib->share_cleanup(h->share);
	pthread_mutex_destroy(&h->lock);
	for (size_t i = 0; i < ARRAY_SIZE(h->share_locks); i++)
		pthread_mutex_destroy(&h->share_locks[i]);
	free((char *)h->opts.ca_path);
	free((char *)h->opts.verify_option);
	free((char *)h->opts.client_cert);
	free((char *)h->opts.client_key);
	free((char *)h->opts.user);
	free((char *)h->opts.password);
	free(h);
}

/* A handle of libcurl for one request, with an idle connection if there is one. */
static CURL *take_handle(struct http *h)
{
	CURL *c = NULL;
	pthread_mutex_lock(&h->lock);
	if (h->idle.count)
		c = h->idle.items[--h->idle.count];
	pthread_mutex_unlock(&h->lock);
	return c ? c : h->lib->easy_init();
}

static void give_handle(struct http *h, CURL *c)
{
	h->lib->easy_reset(c); /* keeps the connection */
	pthread_mutex_lock(&h->lock);
	*vec_push(&h->idle) = c;
	pthread_mutex_unlock(&h->lock);
}

/* One request on its way; the argument of libcurl's callbacks. */
struct exchange {
	struct http *http;
	const struct http_request *what;
	struct http_response *out;
	const struct byte_source *body; /* NULL: none */
	uint64_t sent;                  /* bytes of it */
	size_t header_bytes;
	size_t error_bytes; /* of a body that explains a failure */
	bool began;         /* begin() was called */
	bool unreachable;
	int result; /* negative: the code with which a callback has ended the request */
	struct err *err;
	char reason[CURL_ERROR_SIZE];
};

static void start_answer(struct exchange *x, const char *line)
{
	strlist_clear(&x->out->headers);
	buf_clear(&x->out->body);
	x->out->status = 0;
	x->error_bytes = 0;
	(void)sscanf(line, "HTTP/%*s %3d", &x->out->status);
}

/* One line of the head. An answer 100, and each step of an authentication, has a head of its own;
 * only the last one is kept. */
static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
	struct exchange *x = arg;
	AUTO(buf_release) struct buf line = BUF_INIT;
	size_t total = size * count;

	x->header_bytes += total;
	if (x->header_bytes > HEADERS_MAX_BYTES) {
		x->result = err_set(x->err, ERR_FAIL, "the server sends too many headers");
		return 0;
	}
	buf_add(&line, bytes, total);
	buf_rtrim(&line);
	if (str_starts(buf_str(&line), "HTTP/"))
		start_answer(x, buf_str(&line));
	else if (line.len)
		strlist_addn(&x->out->headers, line.ptr, line.len);
	return total;
}

static int begin_body(struct exchange *x)
{
	if (x->began || !x->what->begin)
		return 0;
	x->began = true;
	/* `length_bytes` is known before the body, too */
	const char *length = http_header(x->out, "Content-Length");
	int64_t bytes;
	x->out->length_bytes = length && str_to_i64(length, &bytes) && bytes >= 0 ? (uint64_t)bytes
										  : HTTP_UNKNOWN;
	return x->what->begin(x->what->begin_arg, x->out, x->err);
}

static int keep_body(struct exchange *x, const char *bytes, size_t count)
{
	static const char too_long[] = "the answer of the server is too long";
	struct buf *body = &x->out->body;
	if (!http_is_ok(x->out)) {
		x->error_bytes += count;
		if (x->error_bytes > HTTP_KEEP_BYTES)
			return err_set(x->err, ERR_FAIL, "%s", too_long);
		buf_add(body, bytes,
			MIN(count, HTTP_ERROR_BYTES - MIN(body->len, (size_t)HTTP_ERROR_BYTES)));
		return 0;
	}
	if (count > HTTP_KEEP_BYTES - body->len)
		return err_set(x->err, ERR_FAIL, "%s", too_long);
	buf_add(body, bytes, count);
	return 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct exchange *x = arg;
	const struct byte_sink *to = x->what->to;
	size_t total = size * count;
	int r = 0;

	rate_take(x->http->ctx, total);
	if (to && http_is_ok(x->out)) {
		r = begin_body(x);
		if (r >= 0)
			r = to->write(to->arg, bytes, total, x->err);
	} else {
		r = keep_body(x, bytes, total);
	}
	if (r >= 0)
		return total;
	x->result = r;
	return total ? 0 : 1; /* anything but `total` ends the request */
}

static void tell(const struct exchange *x, int64_t more)
{
	const struct byte_watch *w = x->body ? x->body->watch : NULL;
	if (w)
		w->moved(w->arg, more);
}

static size_t on_read(char *out, size_t size, size_t count, void *arg)
{
	struct exchange *x = arg;
	uint64_t left = x->body->size_bytes - x->sent;
	size_t want = (size_t)MIN(MIN((uint64_t)(size * count), left), rate_step(x->http->ctx));
	ssize_t n = byte_source_read(x->body, x->sent, out, want, x->err);

	if (n >= 0 && (size_t)n < want)
		n = err_set(x->err, ERR_IO, "a file became shorter while it was sent");
	if (n < 0) {
		x->result = (int)n;
		return CURL_READFUNC_ABORT;
	}
	if (x->what->sent)
		md5_update(x->what->sent, out, (size_t)n);
	x->sent += (uint64_t)n;
	tell(x, n);
	rate_take(x->http->ctx, (uint64_t)n);
	return (size_t)n;
}

static void start_body(struct exchange *x)
{
	tell(x, -(int64_t)x->sent);
	x->sent = 0;
	if (x->what->sent)
		md5_init(x->what->sent);
}

/* libcurl sends again from the beginning when an idle connection turns out to be closed, and for
 * the steps of an authentication. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
	struct exchange *x = arg;
	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > x->body->size_bytes)
		return CURL_SEEKFUNC_FAIL;
	/* a hash can only start again */
	if (x->what->sent && offset != 0)
		return CURL_SEEKFUNC_FAIL;
	start_body(x);
	x->sent = (uint64_t)offset;
	tell(x, offset);
	return CURL_SEEKFUNC_OK;
}

static int on_progress(
	void *arg, curl_off_t total, curl_off_t now, curl_off_t total_sent, curl_off_t now_sent)
{
	const struct exchange *x = arg;
	(void)total;
	(void)now;
	(void)total_sent;
	(void)now_sent;
	return !x->what->urgent && ctx_is_stopped(x->http->ctx);
}

#define SET(option, value) (void)lib->easy_setopt(c, option, value)

enum { URGENT_MS = 2000 };

static long ms_or_default(unsigned timeout_ms)
{
	return timeout_ms ? (long)timeout_ms : DEFAULT_TIMEOUT_MS;
}

static void set_callbacks(const struct curl_lib *lib, CURL *c, struct exchange *x)
{
	SET(CURLOPT_ERRORBUFFER, x->reason);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, x);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, x);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, x);
	SET(CURLOPT_NOPROGRESS, 0L);
}

static void set_connection(
	const struct curl_lib *lib, CURL *c, const struct http *h, const struct http_request *what)
{
	SET(CURLOPT_SHARE, h->share);
	SET(CURLOPT_NOSIGNAL, 1L); /* many threads */
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_USERAGENT, "cairn/" CAIRN_VERSION);
	SET(CURLOPT_PATH_AS_IS, 1L); /* names with "/../" are names */
	SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_BUFFERSIZE, (long)MIN((uint64_t)RECEIVE_BYTES, rate_step(h->ctx)));
	SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BYTES);
	SET(CURLOPT_CONNECTTIMEOUT_MS, ms_or_default(h->opts.connect_timeout_ms));
	SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(CURLOPT_LOW_SPEED_TIME, (ms_or_default(h->opts.read_timeout_ms) + 999) / 1000);
	if (what->timeout_ms || what->urgent)
		SET(CURLOPT_TIMEOUT_MS, what->urgent ? (long)URGENT_MS : (long)what->timeout_ms);
	if (what->no_proxy)
		SET(CURLOPT_NOPROXY, "*");
}

/* The file or directory of certificates that the user names, or NULL. */
static const char *named_trust(const struct http_opts *opts)
{
	const char *file = getenv("SSL_CERT_FILE");
	return opts->ca_path ? opts->ca_path : file && *file ? file : NULL;
}

/* The system's directory of certificates, where it is used instead of its file, or NULL. */
static const char *trust_dir(struct http *h)
{
	return h->opts.insecure || atomic_load(&h->needs_file)
		       ? NULL
		       : curl_trust_dir(named_trust(&h->opts));
}

static void set_tls(const struct curl_lib *lib, CURL *c, struct http *h)
{
	const struct http_opts *opts = &h->opts;
	const char *trusted = named_trust(opts), *dir = trust_dir(h);
	if (!trusted)
		trusted = curl_trust_file();

	if (opts->insecure) {
		SET(CURLOPT_SSL_VERIFYPEER, 0L);
		SET(CURLOPT_SSL_VERIFYHOST, 0L);
	} else if (dir || (trusted && http_is_dir(trusted))) {
		SET(CURLOPT_CAINFO, NULL);
		SET(CURLOPT_CAPATH, dir ? dir : trusted);
	} else if (trusted) {
		SET(CURLOPT_CAINFO, trusted);
	}
	if (opts->client_cert)
		SET(CURLOPT_SSLCERT, opts->client_cert);
	if (opts->client_key)
		SET(CURLOPT_SSLKEY, opts->client_key);
}

/* `trusted`: this is still the host that the caller named. */
static void set_user(
	const struct curl_lib *lib, CURL *c, const struct http_opts *opts, bool trusted)
{
	if (opts->user && trusted) {
		SET(CURLOPT_USERNAME, opts->user);
		SET(CURLOPT_PASSWORD, opts->password ? opts->password : "");
		SET(CURLOPT_HTTPAUTH,
			(long)(opts->auth == HTTP_AUTH_DIGEST ? CURLAUTH_DIGEST : CURLAUTH_BASIC));
	} else if (opts->netrc) {
		SET(CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
		const char *file = getenv("NETRC");
		if (file && *file)
			SET(CURLOPT_NETRC_FILE, file);
	}
}

static void set_method(const struct curl_lib *lib, CURL *c, struct exchange *x, const char *method)
{
	if (str_eq(method, "HEAD"))
		SET(CURLOPT_NOBODY, 1L);
	/* without a body these say that its length is 0 */
	bool sends = x->body || str_eq(method, "PUT") || str_eq(method, "POST");
	static const struct byte_source nothing = {.fd = -1};
	if (sends) {
		x->body = x->body ? x->body : &nothing;
		SET(CURLOPT_UPLOAD, 1L);
		SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)x->body->size_bytes);
		SET(CURLOPT_READFUNCTION, on_read);
		SET(CURLOPT_READDATA, x);
		SET(CURLOPT_SEEKFUNCTION, on_seek);
		SET(CURLOPT_SEEKDATA, x);
	}
	if (!str_eq(method, "HEAD"))
		SET(CURLOPT_CUSTOMREQUEST, method);
}

/* Does the header hold something that only the named host may see? */
static bool is_secret(const char *header)
{
	return strncasecmp(header, "Authorization:", strlen("Authorization:")) == 0 ||
	       strncasecmp(header, "Cookie:", strlen("Cookie:")) == 0;
}

static struct curl_slist *headers_of(
	const struct curl_lib *lib, const struct http_request *what, bool trusted)
{
	/* libcurl would wait a second for the answer to an Expect that it adds itself */
	struct curl_slist *list = lib->slist_append(
		NULL, what->expect_continue ? "Expect: 100-continue" : "Expect:");
	for (size_t i = 0; what->headers && i < what->headers->count; i++) {
		if (trusted || !is_secret(what->headers->items[i]))
			list = lib->slist_append(list, what->headers->items[i]);
	}
	for (size_t i = 0; what->secret_headers && i < what->secret_headers->count && trusted; i++)
		list = lib->slist_append(list, what->secret_headers->items[i]);
	return list;
}

/* Is it a failure of the resolver, rather than its answer that there is no such host? */
static bool may_exist(const char *host)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	int r = getaddrinfo(host, NULL, &hints, &found);
	if (found)
		freeaddrinfo(found);
	return r == 0 || r == EAI_AGAIN || r == EAI_SYSTEM || r == EAI_MEMORY;
}

static int no_host(const struct url *u, struct err *err)
{
	/* libcurl has one code for both, and the second of them is not worth trying again */
	if (may_exist(u->host))
		return err_set(err, ERR_BROKEN, "unable to look up the host '%s'", u->host);
	return err_set(err, ERR_NO_PLACE, "there is no host '%s'", u->host);
}

static int not_trusted(const struct exchange *x, const char *origin)
{
	const char *option = x->http->opts.verify_option;
	(void)err_set(
		x->err, ERR_AUTH, "the certificate of '%s' is not trusted: %s", origin, x->reason);
	err_hint(x->err,
		"Set '%s' to a file with the certificates to trust, or to false to trust any server.",
		option);
	return ERR_AUTH;
}

/* Why the connection failed, in the system's words if it has some. */
static const char *reason_of(const struct exchange *x, CURL *c, CURLcode code)
{
	const struct curl_lib *lib = x->http->lib;
	long number = 0;
	if (code == CURLE_COULDNT_CONNECT &&
		lib->easy_getinfo(c, CURLINFO_OS_ERRNO, &number) == CURLE_OK && number > 0)
		return errno_text((int)number);
	return *x->reason ? x->reason : lib->easy_strerror(code);
}

/* Does the reason (of OpenSSL or GnuTLS) say that the server answers without TLS? */
static bool is_plain_server(const char *reason)
{
	return strstr(reason, "wrong version number") || strstr(reason, "unexpected TLS packet");
}

/* Set the error for a request that got no complete answer. */
static int transport_error(struct exchange *x, CURL *c, CURLcode code, const char *url)
{
	AUTO(url_release) struct url u = {0};
	AUTO(buf_release) struct buf origin = BUF_INIT;
	if (x->result < 0)
		return x->result;
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return err_set(x->err, ERR_CANCELLED, "interrupted by the user");
	int r = url_parse(&u, url, x->err);
	if (r < 0)
		return r;
	url_add_origin(&origin, &u);

	x->unreachable = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
	if (code == CURLE_SSL_CONNECT_ERROR && is_plain_server(x->reason))
		return err_set(x->err, ERR_NO_PLACE, "'%s' does not speak TLS: is it http://?",
			buf_str(&origin));
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return no_host(&u, x->err);
	case CURLE_COULDNT_RESOLVE_PROXY:
		return err_set(x->err, ERR_FAIL, "unable to find the proxy for '%s': %s",
			buf_str(&origin), x->reason);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
		return not_trusted(x, buf_str(&origin));
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
		return err_set(x->err, ERR_CONFIG, "unable to use the certificates for '%s': %s",
			buf_str(&origin), x->reason);
	case CURLE_UNSUPPORTED_PROTOCOL: /* or an answer that is not HTTP */
		if (str_eq(u.scheme, "http") || str_eq(u.scheme, "https"))
			return err_set(x->err, ERR_BROKEN, "'%s' does not answer in HTTP: %s",
				buf_str(&origin), x->reason);
		return err_set(x->err, ERR_CONFIG, "URL '%s': %s", buf_str(&origin), x->reason);
	case CURLE_URL_MALFORMAT:
		return err_set(x->err, ERR_CONFIG, "URL '%s': %s", buf_str(&origin), x->reason);
	default:
		return err_set(x->err, ERR_BROKEN, "connection to '%s' failed: %s",
			buf_str(&origin), reason_of(x, c, code));
	}
}

/* One step: a request and its answer, without redirects. */
static int perform(
	struct exchange *x, const char *method, const char *url, bool trusted, char **next)
{
	const struct curl_lib *lib = x->http->lib;
	CURL *c = take_handle(x->http);
	if (!c)
		return err_set(x->err, ERR_FAIL, "libcurl cannot make a request");

	struct curl_slist *headers = headers_of(lib, x->what, trusted);
	set_callbacks(lib, c, x);
	set_connection(lib, c, x->http, x->what);
	set_tls(lib, c, x->http);
	set_user(lib, c, &x->http->opts, trusted);
	set_method(lib, c, x, method);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_URL, url);

	int64_t start_ms = http_now_ms();
	bool by_dir = trust_dir(x->http) != NULL;
	CURLcode code = lib->easy_perform(c);
	if (code == CURLE_PEER_FAILED_VERIFICATION && by_dir) {
		/* a certificate that somebody has added to the file alone */
		atomic_store(&x->http->needs_file, true);
		give_handle(x->http, c);
		lib->slist_free_all(headers);
		return perform(x, method, url, trusted, next);
	}
	int r = code == CURLE_OK ? 0 : transport_error(x, c, code, url);
	http_log(x->http->ctx, method, url, r < 0 ? 0 : x->out->status, http_now_ms() - start_ms);

	curl_off_t length = -1;
	const char *to = NULL;
	(void)lib->easy_getinfo(c, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	(void)lib->easy_getinfo(c, CURLINFO_REDIRECT_URL, &to);
	x->out->length_bytes = length < 0 ? HTTP_UNKNOWN : (uint64_t)length;
	*next = copy(to);
	give_handle(x->http, c);
	lib->slist_free_all(headers);
	return r;
}

/* The method after a redirect, as all clients do it: a POST that has moved is answered elsewhere,
 * by GET. */
static const char *method_after(int status, const char *method)
{
	if (status == 303 && !str_eq(method, "HEAD"))
		return "GET";
	if ((status == 301 || status == 302) && str_eq(method, "POST"))
		return "GET";
	return method;
}

static int follow(struct exchange *x)
{
	AUTO(mem_freep) char *url = mem_strdup(x->what->url);
	const char *method = x->what->method;
	bool trusted = true;

	for (unsigned left = x->what->redirects;; left--) {
		AUTO(mem_freep) char *next = NULL;
		start_body(x);
		x->header_bytes = 0;
		int r = perform(x, method, url, trusted, &next);
		if (r < 0)
			return r;

		if (!next || left == 0) {
			x->out->url = TAKE(url);
			return 0;
		}
		if (!str_starts(next, "http://") && !str_starts(next, "https://"))
			return err_set(x->err, ERR_FAIL, "'%s' leads to something that is not HTTP",
				x->what->url);
		const char *then = method_after(x->out->status, method);
		x->body = then == method ? x->what->body : NULL;
		method = then;
		trusted = trusted && http_same_origin(url, next);
		free(url);
		url = TAKE(next);
	}
}

int http_do(
	struct http *h, const struct http_request *what, struct http_response *out, struct err *err)
{
	struct exchange x = {.http = h, .what = what, .out = out, .body = what->body, .err = err};
	AUTO(url_release) struct url u = {0};
	if (!what->urgent && ctx_is_stopped(h->ctx))
		return err_set(err, ERR_CANCELLED, "interrupted by the user");
	int r = url_parse(&u, what->url, err);
	if (r == 0)
		r = follow(&x);
	/* the body is empty, or it is kept */
	if (r == 0 && what->to && http_is_ok(out))
		r = begin_body(&x);
	if (r < 0)
		http_response_release(out);
	out->unreachable = x.unreachable;
	return r;
}

void http_response_release(struct http_response *r)
{
	strlist_release(&r->headers);
	buf_release(&r->body);
	free(r->url);
	*r = (struct http_response){0};
}
