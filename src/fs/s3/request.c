/* One request: its address, its signature, and another try where the server says that the region or
 * the keys are wrong. */
#include "base/alloc.h"
#include "base/ctx.h"
#include "base/sha256.h"
#include "base/str.h"
#include "fs/s3/answers.h"
#include "fs/s3/s3_int.h"
#include "text/base64.h"
#include "text/url.h"

void s3_call_release(struct s3_call *c)
{
	strlist_release(&c->query);
	strlist_release(&c->headers);
}

void s3_add_query(struct s3_call *c, const char *name, const char *value)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	buf_addf(&text, "%s=", name);
	url_add_escaped(&text, value, "");
	strlist_add(&c->query, text.ptr);
}

void s3_add_headers(struct s3_call *c, const struct strlist *headers)
{
	for (size_t i = 0; i < headers->count; i++)
		strlist_add(&c->headers, headers->items[i]);
}

static char *region_of(struct s3 *s)
{
	pthread_mutex_lock(&s->lock);
	char *region = mem_strdup(s->region);
	pthread_mutex_unlock(&s->lock);
	return region;
}

/* Use another region from now on. False: it is the one already. */
static bool change_region(struct s3 *s, const char *used, const char *region)
{
	pthread_mutex_lock(&s->lock);
	/* another thread may have changed it meanwhile */
	bool changed = !str_eq(used, region);
	if (changed) {
		free(s->region);
		s->region = mem_strdup(region);
	}
	pthread_mutex_unlock(&s->lock);
	return changed;
}

static void add_host(const struct s3 *s, const char *region, struct buf *out)
{
	const struct s3_endpoint *e = &s->endpoint;
	if (!e->path_style)
		buf_addf(out, "%s.", s->bucket);
	if (!e->is_aws)
		buf_adds(out, e->host);
	else if (e->accelerated)
		buf_adds(out, "s3-accelerate.amazonaws.com");
	else
		buf_addf(out, "s3.%s.amazonaws.com%s", region,
			str_starts(region, "cn-") ? ".cn" : "");
}

static void add_path(const struct s3 *s, const char *path, struct buf *out)
{
	buf_adds(out, s->endpoint.path);
	if (s->endpoint.path_style) {
		buf_addc(out, '/');
		url_add_escaped(out, s->bucket, "");
	}
	if (path || !s->endpoint.path_style)
		buf_addc(out, '/');
	if (path) {
		url_add_escaped(out, s->root, "/");
		url_add_escaped(out, path, "/");
	}
}

/* Does the signature cover the body? Without TLS nothing else protects it from others on the way,
 * so by default it does. As botocore, which asks for a setting to leave it out there. A body in
 * memory is small, at most that of one request. */
static bool signs_body(const struct s3 *s, const struct byte_source *body)
{
	if (!body || byte_source_in_memory(body))
		return true;
	return s->sign_bodies == S3_SIGN_DEFAULT ? !s->endpoint.with_tls
						 : s->sign_bodies == S3_SIGN_ALWAYS;
}

/* The hash of a body that is signed. */
static int hash_body(const struct s3 *s, const struct byte_source *body, char out[SHA256_HEX + 1],
	struct err *err)
{
	enum { BLOCK_BYTES = 256 * 1024 };
	unsigned char digest[SHA256_BYTES];
	struct sha256 hash;

	sha256_init(&hash);
	bool in_memory = body && byte_source_in_memory(body);
	AUTO(mem_freep) char *block = body && !in_memory ? mem_alloc(BLOCK_BYTES) : NULL;
	if (in_memory)
		sha256_update(&hash, (const char *)body->bytes + body->offset, body->size_bytes);
	for (uint64_t at = 0; block && at < body->size_bytes;) {
		ssize_t n = byte_source_read(body, at, block, BLOCK_BYTES, err);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break; /* sending it finds that, too */
		if (ctx_is_stopped(s->fs->ctx))
			return err_set(err, ERR_CANCELLED, "interrupted by the user");
		sha256_update(&hash, block, (size_t)n);
		at += (uint64_t)n;
	}
	sha256_final(&hash, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
	return 0;
}

/* Add the signature. `*out_keys` are those that signed. */
static int sign_call(struct s3 *s, const struct s3_call *c, const char *host, const char *path,
	const char *query, const char *region, struct strlist *headers, struct aws_keys *out_keys,
	struct err *err)
{
	char hash[SHA256_HEX + 1] = SIGN_UNSIGNED;
	if (!s->credentials)
		return 0;
	int r = aws_credentials_get(s->credentials, out_keys, err);
	if (r < 0)
		return r;
	if (signs_body(s, c->body))
		r = hash_body(s, c->body, hash, err);
	if (r < 0)
		return r;
	sign_add_headers(&(struct sign){.method = c->method,
				 .host = host,
				 .path = path,
				 .query = query,
				 .body_sha256 = hash,
				 .region = region,
				 .service = "s3",
				 .time_s = time(NULL),
				 .is_s3 = true},
		out_keys, headers);
	return 0;
}

/* Put DVC's words in front of the reason why there was no answer. */
static int transport_words(const char *url, int code, bool unreachable, struct err *err)
{
	AUTO(mem_freep) char *why = mem_strdup(err_text(err));
	if (unreachable)
		(void)err_set(err, code, "Could not connect to the endpoint URL: \"%s\"", url);
	else if (code == ERR_AUTH)
		(void)err_set(err, code, "SSL validation failed for %s %s", url, why);
	else
		return code;
	if (code == ERR_AUTH)
		err_hint(err,
			"Set 'ssl_verify' of the remote to a file with the certificates to trust, or to false to trust any server.");
	return err_plain(err, code, "%s", why);
}

/* Make the request once. */
static int perform(struct s3 *s, struct s3_call *c, const char *region, struct aws_keys *out_keys,
	struct http_response *out, struct err *err)
{
	AUTO(buf_release) struct buf host = BUF_INIT, path = BUF_INIT, url = BUF_INIT;
	AUTO(strlist_release) struct strlist headers = STRLIST_INIT;
	AUTO(mem_freep) char *query = sign_query(&c->query);

	add_host(s, region, &host);
	add_path(s, c->path, &path);
	buf_addf(&url, "%s://%s%s%s%s", s->endpoint.scheme, host.ptr, path.ptr, *query ? "?" : "",
		query);
	for (size_t i = 0; i < c->headers.count; i++)
		strlist_add(&headers, c->headers.items[i]);
	if (c->body_md5) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		base64_add(&text, c->body_md5, MD5_BYTES);
		strlist_addf(&headers, "Content-MD5: %s", text.ptr);
	}
	int r = sign_call(s, c, host.ptr, path.ptr, query, region, &headers, out_keys, err);
	if (r < 0)
		return r;
	r = http_do(s->http,
		&(struct http_request){.method = c->method,
			.url = url.ptr,
			.headers = &headers,
			.body = c->body,
			.sent = c->sent,
			.to = c->to,
			.begin = c->begin,
			.begin_arg = c->begin_arg,
			.urgent = c->urgent},
		out, err);
	return r < 0 ? transport_words(url.ptr, r, out->unreachable, err) : r;
}

/* The region that the server names in an error, or NULL. Heap string. */
static char *named_region(const struct http_response *answer, const struct s3_error *e)
{
	const char *header = http_header(answer, "x-amz-bucket-region");
	const char *found = header ? header : e->region;
	return found && *found ? mem_strdup(found) : NULL;
}

static bool says_expired(const struct s3_error *e)
{
	return e->code &&
	       (str_eq(e->code, "ExpiredToken") || str_eq(e->code, "ExpiredTokenException") ||
		       str_eq(e->code, "TokenRefreshRequired"));
}

/* An answer to HEAD has no body that says why. Ask the same by GET for the first byte, for its
 * error. */
static void ask_why(
	struct s3 *s, const struct s3_call *head, const char *region, struct http_response *answer)
{
	AUTO(s3_call_release) struct s3_call get = {
		.operation = head->operation, .method = "GET", .path = head->path};
	AUTO(http_response_release) struct http_response why = {0};
	AUTO(aws_keys_release) struct aws_keys keys = {0};
	for (size_t i = 0; i < head->query.count; i++)
		strlist_add(&get.query, head->query.items[i]);
	s3_add_headers(&get, &head->headers);
	strlist_add(&get.headers, "Range: bytes=0-0");
	if (perform(s, &get, region, &keys, &why, NULL) < 0 || why.status != answer->status)
		return;
	struct http_response other = *answer;
	*answer = why;
	why = other;
}

int s3_do(struct s3 *s, struct s3_call *c, struct http_response *out, struct err *err)
{
	bool region_tried = false, keys_tried = false;
	for (;;) {
		AUTO(mem_freep) char *region = region_of(s);
		AUTO(aws_keys_release) struct aws_keys keys = {0};
		AUTO(s3_error_release) struct s3_error e = {0};
		int r = perform(s, c, region, &keys, out, err);
		if (r < 0)
			return r;
		if (http_is_ok(out)) {
			atomic_store(&s->bucket_exists, true);
			return 0;
		}

		bool is_head = str_eq(c->method, "HEAD");
		AUTO(mem_freep) char *hint = named_region(out, &e);
		if (is_head && c->path && !hint && (out->status == 400 || out->status == 403))
			ask_why(s, c, region, out);
		s3_error_parse(&out->body, &e);
		if (!hint)
			hint = named_region(out, &e);

		/* a wrong region is answered with 301, 307 or 400, never with the others */
		bool may_move = out->status < 404 && out->status != 401 && out->status != 403;
		if (hint && may_move && !region_tried && change_region(s, region, hint))
			region_tried = true;
		else if (says_expired(&e) && !keys_tried && s->credentials &&
			 aws_credentials_refused(s->credentials, &keys))
			keys_tried = true;
		else
			return s3_fail(s, c, out, err);
		http_response_release(out);
	}
}

int s3_do_checked(struct s3 *s, struct s3_call *c, struct http_response *out, struct err *err)
{
	int r = s3_do(s, c, out, err);
	if (r < 0)
		return r;
	AUTO(s3_error_release) struct s3_error e = {0};
	s3_error_parse(&out->body, &e);
	return e.code ? s3_fail(s, c, out, err) : 0;
}
