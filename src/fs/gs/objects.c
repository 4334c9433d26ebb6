/* Objects as a whole: what is known of them, reading, copying, removing. Writing is in upload.c. */
#include "base/alloc.h"
#include "base/ctx.h"
#include "base/str.h"
#include "fs/gs/answers.h"
#include "fs/gs/gs_int.h"
#include "fs/ranges.h"
#include "text/url.h"

/* An object is missing, which a bucket that is missing answers as well. Check that once. */
static int check_bucket(struct gs *g, struct err *err)
{
	AUTO(gs_call_release) struct gs_call c = {.method = "GET"};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	if (atomic_load(&g->bucket_exists))
		return 0;
	gs_add_url(g, NULL, &c.url);
	gs_add_query(&c, "maxResults", "1");
	gs_add_query(&c, "prefix", g->root);
	int r = gs_do(g, &c, &answer, &why);
	if (r == ERR_CANCELLED || r == ERR_BROKEN || r == ERR_BUSY || r == ERR_NO_PLACE)
		return err_move(err, &why);
	/* it may not be listed, but it is there */
	atomic_store(&g->bucket_exists, true);
	return 0;
}

int gs_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err)
{
	struct gs *g = fs->handle;
	AUTO(gs_call_release) struct gs_call c = {.method = "GET", .path = path};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(gs_object_release) struct gs_object object = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	gs_add_url(g, path, &c.url);
	if (version)
		gs_add_query(&c, "generation", version);
	int r = gs_do(g, &c, &answer, &why);
	if (r == ERR_NOT_FOUND)
		return check_bucket(g, err);
	if (r == 0)
		r = gs_object_parse(&answer.body, &object, &why);
	if (r < 0)
		return err_move(err, &why);
	if (out)
		*out = TAKE(object.stat);
	return 1;
}

/* Is it there at all? Its metadata also say what it is like. */
static int look(struct fs *fs, const struct fs_get *what, struct fs_stat *out, struct err *err)
{
	int r = gs_stat(fs, what->path, what->version, out, err);
	return r == 0 ? err_set(err, ERR_NOT_FOUND, "'%s' does not exist", what->path) : MIN(r, 0);
}

/* The etag of a download is not always that of the metadata, which DVC records, so it is not told.
 */
static void tell(const struct http_response *answer, uint64_t size_bytes, struct fs_stat *out)
{
	const char *version = http_header(answer, "x-goog-generation");
	out->size_bytes = size_bytes;
	out->version = version ? mem_strdup(version) : NULL;
}

int gs_get(struct fs *fs, const struct fs_get *what, const struct byte_sink *to,
	struct fs_stat *out, struct err *err)
{
	struct gs *g = fs->handle;
	struct range_get range = {.what = what, .size_bytes = FS_UNKNOWN};
	AUTO(gs_call_release) struct gs_call c = {.method = "GET",
		.path = what->path,
		.to = to,
		.begin = range_begin,
		.begin_arg = &range};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	if (!what->count)
		return look(fs, what, out, err);
	gs_add_url(g, what->path, &c.url);
	gs_add_query(&c, "alt", "media");
	if (what->version)
		gs_add_query(&c, "generation", what->version);
	range_add_header(&c.headers, what);

	int r = gs_do(g, &c, &answer, &why);
	/* the range begins at the end of the object or behind it: there is nothing to send, and the
	 * answer does not describe the object */
	if (r < 0 && answer.status == 416)
		return look(fs, what, out, err);
	if (r == ERR_NOT_FOUND) {
		int bucket = check_bucket(g, err);
		if (bucket < 0)
			return bucket;
	}
	if (r < 0)
		return err_move(err, &why);
	if (out)
		tell(&answer, range.size_bytes, out);
	return 0;
}

static int remove_one(struct gs *g, const char *path, struct err *err)
{
	AUTO(gs_call_release) struct gs_call c = {.method = "DELETE", .path = path};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	gs_add_url(g, path, &c.url);
	int r = gs_do(g, &c, &answer, &why);
	return r == ERR_NOT_FOUND || r == 0 ? 0 : err_move(err, &why);
}

int gs_remove(struct fs *fs, const char *const *paths, size_t count, struct err *err)
{
	int r = 0;
	for (size_t i = 0; i < count && r == 0; i++)
		r = remove_one(fs->handle, paths[i], err);
	return r;
}

/* A large object is copied in several steps.
 * https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite */
int gs_copy(struct fs *fs, const char *from, const char *to, struct err *err)
{
	struct gs *g = fs->handle;
	AUTO(mem_freep) char *token = NULL;
	for (;;) {
		AUTO(gs_call_release) struct gs_call c = {.method = "POST", .path = from};
		AUTO(http_response_release) struct http_response answer = {0};
		gs_add_url(g, from, &c.url);
		buf_adds(&c.url, "/rewriteTo/b/");
		url_add_escaped(&c.url, g->bucket, "");
		buf_adds(&c.url, "/o/");
		url_add_escaped(&c.url, g->root, "");
		url_add_escaped(&c.url, to, "");
		if (token)
			gs_add_query(&c, "rewriteToken", token);
		strlist_add(&c.headers, "Content-Type: application/json");
		int r = gs_do(g, &c, &answer, err);
		if (r < 0)
			return r;
		free(token);
		token = NULL;
		r = gs_rewrite_parse(&answer.body, &token, err);
		if (r != 0)
			return MIN(r, 0);
		if (ctx_is_stopped(fs->ctx))
			return err_set(err, ERR_CANCELLED, "interrupted by the user");
	}
}
