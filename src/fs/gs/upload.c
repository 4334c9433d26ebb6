/*
 * Writing objects: small ones in one request, others in a session of chunks, one after another.
 * https://cloud.google.com/storage/docs/uploads-downloads
 *
 * Parts in any order are not among them: the JSON interface has none (compose would leave an object
 * for each part when it is interrupted).
 */
#include <time.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/str.h"
#include "fs/gs/answers.h"
#include "fs/gs/gs_int.h"
#include "text/base64.h"
#include "text/json.h"
#include "text/url.h"

enum {
	SMALL_BYTES = 5 * 1024 * 1024,  /* as DVC */
	CHUNK_BYTES = 16 * 1024 * 1024, /* a multiple of 256 KiB */
	CHUNK_TRIES = 4,
	FIRST_WAIT_MS = 200,
};

/* An upload in a session. */
struct session {
	struct gs *g;
	const struct fs_put *what;
	const unsigned char *md5;
	char *url;
	uint64_t done_bytes; /* that the server has */
	int status;          /* of the last answer; 0: there was none */
	struct gs_object object;
	bool is_complete;
};

static void session_release(struct session *s)
{
	free(s->url);
	gs_object_release(&s->object);
}

/* As mimetypes of Python guesses it for the names of objects. */
static const char *content_type(const char *path)
{
	return str_ends(path, ".dir") ? "application/x-director" : "application/octet-stream";
}

/* The resource that the new object gets. Google compares the content with the hash. */
static void add_resource(
	struct buf *out, const struct gs *g, const char *path, const unsigned char *md5)
{
	AUTO(mem_freep) char *name = mem_printf("%s%s", g->root, path);
	buf_adds(out, "{\"name\": ");
	json_write_string(out, name, strlen(name));
	buf_adds(out, ", \"md5Hash\": \"");
	base64_add(out, md5, MD5_BYTES);
	buf_addf(out, "\", \"contentType\": \"%s\"}", content_type(path));
}

static void add_bucket_url(const struct gs *g, struct buf *out)
{
	buf_addf(out, "%s/upload/storage/v1/b/", g->endpoint);
	url_add_escaped(out, g->bucket, "");
	buf_adds(out, "/o");
}

static void add_upload_url(const struct gs *g, struct gs_call *c, const char *type)
{
	add_bucket_url(g, &c->url);
	gs_add_query(c, "uploadType", type);
}

static int check_object(const struct gs_object *o, const unsigned char *md5, struct err *err)
{
	if (!o->has_md5 || memcmp(o->md5, md5, MD5_BYTES) == 0)
		return 0;
	return err_set(err, ERR_CORRUPT, "the bytes that arrived are not those that were sent");
}

/* Append the content, which is small. */
static int add_content(struct buf *out, const struct byte_source *from, struct err *err)
{
	size_t count = (size_t)from->size_bytes;
	buf_reserve(out, count);
	ssize_t n = byte_source_read(from, 0, out->ptr + out->len, count, err);
	if (n < 0)
		return (int)n;
	if ((size_t)n < count)
		return err_set(err, ERR_IO, "a file became shorter while it was sent");
	out->len += count;
	out->ptr[out->len] = '\0';
	return 0;
}

/* One request with two parts (RFC 2387). No content has its own MD5 in it, so that is the mark
 * between them. */
static int put_small(struct gs *g, const struct fs_put *what, const unsigned char *md5,
	struct gs_object *out, struct err *err)
{
	AUTO(gs_call_release) struct gs_call c = {.method = "POST"};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(buf_release) struct buf body = BUF_INIT;
	char mark[MD5_HEX + 1];
	md5_to_hex(md5, mark);
	buf_addf(&body, "--%s\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n", mark);
	add_resource(&body, g, what->path, md5);
	buf_addf(&body, "\r\n--%s\r\nContent-Type: %s\r\n\r\n", mark, content_type(what->path));
	int r = add_content(&body, &what->from, err);
	if (r < 0)
		return r;
	buf_addf(&body, "\r\n--%s--\r\n", mark);

	add_upload_url(g, &c, "multipart");
	strlist_addf(&c.headers, "Content-Type: multipart/related; boundary=%s", mark);
	c.body = &(struct byte_source){.fd = -1, .bytes = body.ptr, .size_bytes = body.len};
	r = gs_do(g, &c, &answer, err);
	return r < 0 ? r : gs_object_parse(&answer.body, out, err);
}

/* The address of a session gets a token and the bytes, so one that was read from a file has to be
 * at the place itself, and of this bucket. */
static bool is_own_session(const struct gs *g, const char *url)
{
	AUTO(buf_release) struct buf own = BUF_INIT;
	add_bucket_url(g, &own);
	buf_addc(&own, '?');
	return str_starts(url, own.ptr);
}

static int begin_session(struct session *s, struct err *err)
{
	AUTO(gs_call_release) struct gs_call c = {.method = "POST"};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(buf_release) struct buf body = BUF_INIT;
	add_resource(&body, s->g, s->what->path, s->md5);
	add_upload_url(s->g, &c, "resumable");
	strlist_add(&c.headers, "Content-Type: application/json; charset=UTF-8");
	strlist_addf(&c.headers, "X-Upload-Content-Type: %s", content_type(s->what->path));
	strlist_addf(&c.headers, "X-Upload-Content-Length: %llu",
		(unsigned long long)s->what->from.size_bytes);
	c.body = &(struct byte_source){.fd = -1, .bytes = body.ptr, .size_bytes = body.len};
	int r = gs_do(s->g, &c, &answer, err);
	if (r < 0)
		return r;
	const char *location = http_header(&answer, "Location");
	if (!location || !str_starts(location, "http"))
		return err_set(err, ERR_BROKEN, "the server does not say where to send the file");
	/* a server behind another address (a proxy, an emulator) tells its own */
	const char *path = s->g->is_google ? NULL : strstr(location, "/upload/");
	s->url = path ? mem_printf("%s%s", s->g->endpoint, path) : mem_strdup(location);
	if (s->what->session && is_own_session(s->g, s->url))
		s->what->session->begun(s->what->session->arg, s->url);
	return 0;
}

/* What an answer to a chunk says: the object, or how much has arrived. */
static int read_answer(struct session *s, const struct gs_call *c,
	const struct http_response *answer, struct err *err)
{
	const char *range = http_header(answer, "Range");
	int64_t last;
	if (http_is_ok(answer)) {
		s->is_complete = true;
		return gs_object_parse(&answer->body, &s->object, err);
	}
	if (answer->status != 308)
		return gs_fail(s->g, c, answer, err);
	/* Nothing has arrived: no range. An emulator says "0-0" then; one byte alone never arrives,
	 * since a server keeps multiples of 256 KiB. */
	s->done_bytes = 0;
	if (range && str_starts(range, "bytes=0-") &&
		str_to_i64(range + strlen("bytes=0-"), &last) && last > 0)
		s->done_bytes = (uint64_t)last + 1;
	if (s->done_bytes > s->what->from.size_bytes)
		return err_set(err, ERR_BROKEN, "the server has more bytes than were sent");
	return 0;
}

/* Send `count` bytes, or with 0 ask how much has arrived. */
static int send_chunk(struct session *s, uint64_t count, struct err *err)
{
	AUTO(gs_call_release) struct gs_call c = {.method = "PUT", .path = s->what->path};
	AUTO(http_response_release) struct http_response answer = {0};
	unsigned long long at = s->done_bytes, total = s->what->from.size_bytes;
	struct byte_source body = s->what->from;
	body.offset += at;
	body.size_bytes = count;
	buf_adds(&c.url, s->url);
	strlist_add(&c.headers, "Content-Type: application/octet-stream");
	if (count)
		strlist_addf(&c.headers, "Content-Range: bytes %llu-%llu/%llu", at,
			at + (unsigned long long)count - 1, total);
	else
		strlist_addf(&c.headers, "Content-Range: bytes */%llu", total);
	c.body = &body;
	s->status = 0;
	int r = gs_perform(s->g, &c, &answer, err);
	s->status = answer.status;
	return r < 0 ? r : read_answer(s, &c, &answer, err);
}

static bool is_passing(int code)
{
	return code == ERR_BROKEN || code == ERR_BUSY;
}

static int wait_before(const struct session *s, unsigned attempt, struct err *err)
{
	const struct timespec step = {.tv_nsec = 100 * 1000000L};
	for (unsigned ms = FIRST_WAIT_MS << attempt; ms >= 100; ms -= 100) {
		if (ctx_is_stopped(s->g->fs->ctx))
			return err_set(err, ERR_CANCELLED, "interrupted by the user");
		(void)nanosleep(&step, NULL);
	}
	return 0;
}

/* The connection broke in a chunk: what has arrived of it is not sent again. The whole file would
 * be, if this were left to the caller. */
static int recover(struct session *s, struct err *why)
{
	for (unsigned i = 0; i < CHUNK_TRIES; i++) {
		AUTO(err_release) struct err again = ERR_INIT;
		int r = wait_before(s, i, &again);
		if (r == 0)
			r = send_chunk(s, 0, &again);
		if (r == 0)
			return 0;
		(void)err_move(why, &again);
		if (!is_passing(r))
			return r;
	}
	return ERR_BROKEN;
}

/* Go on with the session of an earlier call, or begin one. A session that has ended is answered
 * with 404, 410 or another 4xx. */
static int open_session(struct session *s, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	const char *id = s->what->session ? s->what->session->id : NULL;
	if (!id || !is_own_session(s->g, id))
		return begin_session(s, err);
	s->url = mem_strdup(id);
	int r = send_chunk(s, 0, &why);
	if (r == 0)
		return 0;
	if (s->status < 400 || s->status >= 500 || r == ERR_AUTH || r == ERR_BUSY)
		return err_move(err, &why);
	free(s->url);
	s->url = NULL;
	return begin_session(s, err);
}

static int put_large(struct session *s, struct err *err)
{
	uint64_t total = s->what->from.size_bytes;
	unsigned without_progress = 0;
	int r = open_session(s, err);
	while (r == 0 && !s->is_complete) {
		AUTO(err_release) struct err why = ERR_INIT;
		uint64_t before = s->done_bytes;
		/* at the end it is asked whether the object is complete */
		r = send_chunk(s, MIN(total - before, (uint64_t)CHUNK_BYTES), &why);
		if (is_passing(r) && without_progress < CHUNK_TRIES)
			r = recover(s, &why);
		if (r < 0)
			return err_move(err, &why);
		without_progress = s->done_bytes > before ? 0 : without_progress + 1;
		if (without_progress > CHUNK_TRIES && !s->is_complete)
			return err_set(err, ERR_BROKEN, "the server does not take the file");
	}
	return r;
}

int gs_put(struct fs *fs, const struct fs_put *what, struct fs_stat *out, struct err *err)
{
	unsigned char computed[MD5_BYTES];
	AUTO(session_release) struct session s = {
		.g = fs->handle, .what = what, .md5 = what->md5 ? what->md5 : computed};
	int r = what->md5 ? 0 : byte_source_md5(&what->from, computed, err);
	if (r == 0 && !str_is_utf8(what->path, strlen(what->path)))
		r = err_set(err, ERR_FAIL, "the name of an object has to be UTF-8");
	if (r < 0)
		return r;
	if (what->from.size_bytes <= SMALL_BYTES)
		r = put_small(s.g, what, s.md5, &s.object, err);
	else
		r = put_large(&s, err);
	if (r == 0)
		r = check_object(&s.object, s.md5, err);
	if (r == 0 && out) {
		*out = TAKE(s.object.stat);
		out->size_bytes = what->from.size_bytes;
	}
	return r;
}

/* https://cloud.google.com/storage/docs/performing-resumable-uploads#cancel-upload */
int gs_put_abort(struct fs *fs, const char *path, const char *id, struct err *err)
{
	struct gs *g = fs->handle;
	AUTO(gs_call_release) struct gs_call c = {.method = "DELETE", .path = path};
	AUTO(http_response_release) struct http_response answer = {0};
	enum { CANCELLED = 499 };
	if (!is_own_session(g, id))
		return 0;
	buf_adds(&c.url, id);
	int r = gs_perform(g, &c, &answer, err);
	bool is_gone = http_is_ok(&answer) || answer.status == CANCELLED || answer.status == 404 ||
		       answer.status == 410;
	return r < 0 || is_gone ? r : gs_fail(g, &c, &answer, err);
}
