/* Objects in parts.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
#include "base/alloc.h"
#include "fs/s3/answers.h"
#include "fs/s3/s3_int.h"

int s3_put_part(struct fs *fs, const struct fs_put *what, const char *id, unsigned number,
	const struct byte_source *from, struct fs_part *out, struct err *err)
{
	struct s3 *s = fs->handle;
	AUTO(s3_call_release) struct s3_call c = {
		.operation = "UploadPart", .method = "PUT", .path = what->path};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(mem_freep) char *part = mem_printf("%u", number);
	s3_add_query(&c, "partNumber", part);
	s3_add_query(&c, "uploadId", id);
	s3_add_headers(&c, &s->key_headers);
	int r = s3_send(s, &c, from, NULL, &answer, err);
	if (r < 0)
		return r;
	const char *tag = http_header(&answer, "ETag");
	if (!tag)
		return err_set(err, ERR_BROKEN, "the server answers without an ETag");
	*out = (struct fs_part){.size_bytes = from->size_bytes, .tag = mem_strdup(tag)};
	return 0;
}

int s3_put_end(struct fs *fs, const struct fs_put *what, const char *id,
	const struct fs_part *parts, unsigned count, struct fs_stat *out, struct err *err)
{
	struct s3 *s = fs->handle;
	AUTO(s3_call_release) struct s3_call c = {
		.operation = "CompleteMultipartUpload", .method = "POST", .path = what->path};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(buf_release) struct buf body = BUF_INIT;
	s3_add_complete(&body, parts, count);
	s3_add_query(&c, "uploadId", id);
	s3_add_headers(&c, &s->key_headers);
	strlist_add(&c.headers, "Content-Type: application/xml");
	c.body = &(struct byte_source){.fd = -1, .bytes = body.ptr, .size_bytes = body.len};
	int r = s3_do_checked(s, &c, &answer, err);
	if (r < 0 || !out)
		return r;
	s3_stat_of(&answer, what->from.size_bytes, out);
	if (!out->etag) {
		AUTO(mem_freep) char *etag = s3_text_of(&answer.body, "ETag");
		out->etag = s3_plain_etag(etag);
	}
	return 0;
}

int s3_put_abort(struct fs *fs, const char *path, const char *id, struct err *err)
{
	AUTO(s3_call_release) struct s3_call c = {.operation = "AbortMultipartUpload",
		.method = "DELETE",
		.path = path,
		.urgent = true};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	s3_add_query(&c, "uploadId", id);
	int r = s3_do(fs->handle, &c, &answer, &why);
	return r == ERR_NOT_FOUND || r == 0 ? 0 : err_move(err, &why);
}

int s3_put_parts(struct fs *fs, const struct fs_put *what, const char *id, struct fs_part *out,
	unsigned count, struct err *err)
{
	AUTO(mem_freep) char *next = NULL;
	unsigned pages = 0;
	do {
		AUTO(s3_call_release) struct s3_call c = {
			.operation = "ListParts", .method = "GET", .path = what->path};
		AUTO(http_response_release) struct http_response answer = {0};
		s3_add_query(&c, "uploadId", id);
		if (next)
			s3_add_query(&c, "part-number-marker", next);
		int r = s3_do(fs->handle, &c, &answer, err);
		free(next);
		next = NULL;
		if (r == 0)
			r = s3_parts_parse(&answer.body, out, count, &next, err);
		if (r < 0)
			return r;
	} while (next && ++pages < count); /* a page has one part at least */
	return 0;
}

/* The next page begins behind a key and an id; ids have no line breaks. */
int s3_put_list(struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err)
{
	struct s3 *s = fs->handle;
	AUTO(s3_call_release) struct s3_call c = {
		.operation = "ListMultipartUploads", .method = "GET"};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(mem_freep) char *prefix = mem_printf("%s%s", s->root, what->prefix);
	s3_add_query(&c, "uploads", "");
	s3_add_query(&c, "encoding-type", "url");
	s3_add_query(&c, "prefix", prefix);
	if (what->token) {
		size_t id_len = strcspn(what->token, "\n");
		AUTO(mem_freep) char *id = mem_strndup(what->token, id_len);
		s3_add_query(&c, "key-marker", what->token + id_len + 1);
		s3_add_query(&c, "upload-id-marker", id);
	}
	int r = s3_do(s, &c, &answer, err);
	return r < 0 ? r : s3_uploads_parse(&answer.body, s->root, out, err);
}
