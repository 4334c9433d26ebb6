/* Objects as a whole: what is known of them, reading, writing, copying, removing. */
#include "base/alloc.h"
#include "base/ctx.h"
#include "base/str.h"
#include "fs/ranges.h"
#include "fs/s3/answers.h"
#include "fs/s3/s3_int.h"
#include "text/date.h"
#include "text/url.h"

void s3_stat_of(const struct http_response *answer, uint64_t size_bytes, struct fs_stat *out)
{
	const char *version = http_header(answer, "x-amz-version-id");
	const char *modified = http_header(answer, "Last-Modified");
	out->size_bytes = size_bytes;
	out->etag = s3_plain_etag(http_header(answer, "ETag"));
	/* in a bucket without versions the word is "null" */
	out->version = version && !str_eq(version, "null") ? mem_strdup(version) : NULL;
	if (modified)
		(void)date_parse_http(modified, &out->mtime_s);
}

/* Ask for the bucket. Fails only when it is certain that it does not exist, or when there is no
 * answer. */
static int ask_for_bucket(struct s3 *s, struct err *err)
{
	AUTO(s3_call_release) struct s3_call c = {.operation = "ListObjectsV2", .method = "GET"};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	s3_add_query(&c, "list-type", "2");
	s3_add_query(&c, "max-keys", "1");
	s3_add_query(&c, "prefix", s->root);
	int r = s3_do(s, &c, &answer, &why);
	if (r == ERR_CANCELLED || r == ERR_BROKEN || r == ERR_BUSY || answer.status == 404)
		return err_move(err, &why);
	/* it may not be listed, but it is there */
	atomic_store(&s->bucket_exists, true);
	return 0;
}

/* An object is missing, which a bucket that is missing answers as well. Check that once. */
static int check_bucket(struct s3 *s, struct err *err)
{
	int r = 0;
	if (atomic_load(&s->bucket_exists))
		return 0;
	pthread_mutex_lock(&s->bucket_lock);
	if (!atomic_load(&s->bucket_exists))
		r = ask_for_bucket(s, err);
	pthread_mutex_unlock(&s->bucket_lock);
	return r;
}

int s3_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err)
{
	struct s3 *s = fs->handle;
	AUTO(s3_call_release) struct s3_call c = {
		.operation = "HeadObject", .method = "HEAD", .path = path};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	if (version)
		s3_add_query(&c, "versionId", version);
	s3_add_headers(&c, &s->key_headers);

	int r = s3_do(s, &c, &answer, &why);
	/* 405: this version says that the object was removed */
	if (r == ERR_NOT_FOUND || (r < 0 && version && answer.status == 405))
		return check_bucket(s, err);
	if (r < 0)
		return err_move(err, &why);
	if (out)
		s3_stat_of(&answer, answer.length_bytes, out);
	return 1;
}

int s3_get(struct fs *fs, const struct fs_get *what, const struct byte_sink *to,
	struct fs_stat *out, struct err *err)
{
	struct s3 *s = fs->handle;
	struct range_get g = {.what = what, .size_bytes = FS_UNKNOWN};
	AUTO(s3_call_release) struct s3_call c = {.operation = "GetObject",
		.method = what->count ? "GET" : "HEAD",
		.path = what->path,
		.to = to,
		.begin = range_begin,
		.begin_arg = &g};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	if (what->version)
		s3_add_query(&c, "versionId", what->version);
	if (what->count)
		range_add_header(&c.headers, what);
	s3_add_headers(&c, &s->key_headers);

	int r = s3_do(s, &c, &answer, &why);
	/* the range begins at the end of the object or behind it: there is nothing to send, and the
	 * answer does not describe the object */
	if (r < 0 && answer.status == 416)
		return fs_stat_instead(fs, what, out, err);
	if (r < 0 && what->version && answer.status == 405)
		return err_set(err, ERR_NOT_FOUND, "version '%s' of '%s' was removed",
			what->version, what->path);
	if (r < 0)
		return err_move(err, &why);
	if (out)
		s3_stat_of(&answer, g.size_bytes, out);
	return 0;
}

/* As mimetypes of Python guesses it for the names of objects. */
static const char *content_type(const char *path)
{
	return str_ends(path, ".dir") ? "Content-Type: application/x-director" : NULL;
}

/* Has the server stored what was sent? */
static int check_etag(struct s3 *s, const struct http_response *answer,
	const unsigned char digest[MD5_BYTES], struct err *err)
{
	AUTO(mem_freep) char *etag = s3_plain_etag(http_header(answer, "ETag"));
	const char *encrypted = http_header(answer, "x-amz-server-side-encryption");
	char hex[MD5_HEX + 1];

	if (!etag || strlen(etag) != MD5_HEX || strspn(etag, "0123456789abcdef") != MD5_HEX ||
		(encrypted && str_starts(encrypted, "aws:kms")))
		return 0;
	md5_to_hex(digest, hex);
	if (str_eq(etag, hex)) {
		atomic_store(&s->etags, S3_ETAG_IS_MD5);
		return 0;
	}
	/* A service may have ETags of another kind that look like MD5. From now on it gets the MD5
	 * with every body, and checks that itself. */
	if (!s->endpoint.is_aws && atomic_load(&s->etags) == S3_ETAG_UNKNOWN)
		atomic_store(&s->etags, S3_ETAG_IS_OTHER);
	return err_set(err, ERR_CORRUPT, "the bytes that arrived are not those that were sent");
}

int s3_send(struct s3 *s, struct s3_call *c, const struct byte_source *from,
	const unsigned char *md5, struct http_response *out, struct err *err)
{
	unsigned char digest[MD5_BYTES];
	struct md5 sent;
	bool by_etag = !md5 && !s->has_other_etags && atomic_load(&s->etags) != S3_ETAG_IS_OTHER;
	bool while_sent = by_etag && !from->md5;
	int r = 0;

	c->body = from;
	if (while_sent) {
		md5_init(&sent);
		c->sent = &sent;
	} else if (!md5) {
		r = byte_source_md5(from, digest, err);
		md5 = by_etag ? NULL : digest;
	}
	c->body_md5 = md5;
	if (r == 0)
		r = s3_do(s, c, out, err);
	if (r == 0 && while_sent)
		md5_final(&sent, digest);
	if (r == 0 && by_etag)
		r = check_etag(s, out, digest, err);
	return r;
}

int s3_put(struct fs *fs, const struct fs_put *what, struct fs_stat *out, struct err *err)
{
	struct s3 *s = fs->handle;
	AUTO(s3_call_release) struct s3_call c = {
		.operation = "PutObject", .method = "PUT", .path = what->path};
	AUTO(http_response_release) struct http_response answer = {0};
	const char *type = content_type(what->path);
	if (type)
		strlist_add(&c.headers, type);
	s3_add_headers(&c, &s->put_headers);
	s3_add_headers(&c, &s->key_headers);
	int r = s3_send(s, &c, &what->from, what->md5, &answer, err);
	if (r == 0 && out)
		s3_stat_of(&answer, what->from.size_bytes, out);
	return r;
}

int s3_put_begin(struct fs *fs, const struct fs_put *what, char **out_id, struct err *err)
{
	struct s3 *s = fs->handle;
	AUTO(s3_call_release) struct s3_call c = {
		.operation = "CreateMultipartUpload", .method = "POST", .path = what->path};
	AUTO(http_response_release) struct http_response answer = {0};
	const char *type = content_type(what->path);
	if (type)
		strlist_add(&c.headers, type);
	s3_add_query(&c, "uploads", "");
	s3_add_headers(&c, &s->put_headers);
	s3_add_headers(&c, &s->key_headers);
	int r = s3_do_checked(s, &c, &answer, err);
	if (r < 0)
		return r;
	*out_id = s3_text_of(&answer.body, "UploadId");
	return *out_id ? 0
		       : err_set(err, ERR_BROKEN,
				 "the server begins an upload without a name for it");
}

int s3_copy(struct fs *fs, const char *from, const char *to, struct err *err)
{
	struct s3 *s = fs->handle;
	AUTO(s3_call_release) struct s3_call c = {
		.operation = "CopyObject", .method = "PUT", .path = to};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(buf_release) struct buf source = BUF_INIT;
	buf_addf(&source, "x-amz-copy-source: /%s/", s->bucket);
	url_add_escaped(&source, s->root, "/");
	url_add_escaped(&source, from, "/");
	strlist_add(&c.headers, source.ptr);
	s3_add_headers(&c, &s->put_headers);
	s3_add_headers(&c, &s->key_headers);
	s3_add_headers(&c, &s->copy_headers);
	return s3_do_checked(s, &c, &answer, err);
}

static int remove_one(struct s3 *s, const char *path, bool urgent, struct err *err)
{
	AUTO(s3_call_release) struct s3_call c = {
		.operation = "DeleteObject", .method = "DELETE", .path = path, .urgent = urgent};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	int r = s3_do(s, &c, &answer, &why);
	return r == ERR_NOT_FOUND || r == 0 ? 0 : err_move(err, &why);
}

static int remove_many(struct s3 *s, const char *const *paths, size_t count, struct err *err)
{
	AUTO(s3_call_release) struct s3_call c = {.operation = "DeleteObjects", .method = "POST"};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(buf_release) struct buf body = BUF_INIT;
	unsigned char digest[MD5_BYTES];
	s3_add_delete(&body, s->root, paths, count);
	md5_of(body.ptr, body.len, digest);
	s3_add_query(&c, "delete", "");
	strlist_add(&c.headers, "Content-Type: application/xml");
	c.body = &(struct byte_source){.fd = -1, .bytes = body.ptr, .size_bytes = body.len};
	c.body_md5 = digest;
	return s3_do_checked(s, &c, &answer, err);
}

int s3_remove(struct fs *fs, const char *const *paths, size_t count, struct err *err)
{
	struct s3 *s = fs->handle;
	AUTO(err_release) struct err why = ERR_INIT;
	int r = count == 1 ? ERR_UNSUPPORTED : remove_many(s, paths, count, &why);
	if (r != ERR_UNSUPPORTED)
		return r < 0 ? err_move(err, &why) : 0;
	/* one, or a service that knows no more */
	r = 0;
	for (size_t i = 0; i < count && r == 0; i++)
		r = remove_one(s, paths[i], count == 1 && ctx_is_stopped(fs->ctx), err);
	return r;
}
