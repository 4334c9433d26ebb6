/* Blobs as a whole: what is known of them, reading, writing, copying, removing. */
#include <time.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/str.h"
#include "fs/azure/answers.h"
#include "fs/azure/azure_int.h"
#include "fs/ranges.h"
#include "text/date.h"
#include "text/url.h"

void azure_stat_of(const struct azure *a, const struct http_response *answer, uint64_t size_bytes,
	struct fs_stat *out)
{
	const char *version = http_header(answer, "x-ms-version-id");
	const char *modified = http_header(answer, "Last-Modified");
	out->size_bytes = size_bytes;
	out->etag = azure_etag(http_header(answer, "ETag"));
	/* DVC records versions only where it is told to */
	out->version = version && a->version_aware ? mem_strdup(version) : NULL;
	if (modified)
		(void)date_parse_http(modified, &out->mtime_s);
}

/* A directory of an account with a hierarchical namespace looks like an empty blob. */
static bool is_folder(const struct http_response *answer)
{
	const char *mark = http_header(answer, "x-ms-meta-hdi_isfolder");
	return mark && str_eq(mark, "true");
}

int azure_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err)
{
	struct azure *a = fs->handle;
	AUTO(azure_call_release) struct azure_call c = {.method = "HEAD", .path = path};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	if (version)
		azure_add_query(&c, "versionid", version);
	int r = azure_do(a, &c, &answer, &why);
	if (r == ERR_NOT_FOUND)
		return 0;
	if (r < 0)
		return err_move(err, &why);
	if (is_folder(&answer))
		return 0;
	if (out)
		azure_stat_of(a, &answer, answer.length_bytes, out);
	return 1;
}

int azure_get(struct fs *fs, const struct fs_get *what, const struct byte_sink *to,
	struct fs_stat *out, struct err *err)
{
	struct azure *a = fs->handle;
	struct range_get g = {.what = what, .size_bytes = FS_UNKNOWN};
	AUTO(azure_call_release) struct azure_call c = {.method = what->count ? "GET" : "HEAD",
		.path = what->path,
		.to = to,
		.begin = range_begin,
		.begin_arg = &g};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	if (what->version)
		azure_add_query(&c, "versionid", what->version);
	if (what->count)
		range_add_header(&c.headers, what);

	int r = azure_do(a, &c, &answer, &why);
	/* the range begins at the end of the blob or behind it: there is nothing to send, and the
	 * answer does not describe the blob */
	if (r < 0 && answer.status == 416)
		return fs_stat_instead(fs, what, out, err);
	if (r < 0)
		return err_move(err, &why);
	if (out)
		azure_stat_of(a, &answer, g.size_bytes, out);
	return 0;
}

int azure_put(struct fs *fs, const struct fs_put *what, struct fs_stat *out, struct err *err)
{
	struct azure *a = fs->handle;
	AUTO(azure_call_release) struct azure_call c = {
		.method = "PUT", .path = what->path, .body = &what->from};
	AUTO(http_response_release) struct http_response answer = {0};
	unsigned char md5[MD5_BYTES];
	int r = what->md5 ? 0 : byte_source_md5(&what->from, md5, err);
	if (r < 0)
		return r;
	c.body_md5 = what->md5 ? what->md5 : md5;
	strlist_add(&c.headers, "x-ms-blob-type: BlockBlob");
	strlist_add(&c.headers, "Content-Type: application/octet-stream");
	r = azure_do(a, &c, &answer, err);
	if (r == 0 && out)
		azure_stat_of(a, &answer, what->from.size_bytes, out);
	return r;
}

static int remove_one(struct azure *a, const char *path, bool urgent, struct err *err)
{
	AUTO(azure_call_release) struct azure_call c = {
		.method = "DELETE", .path = path, .urgent = urgent};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	strlist_add(&c.headers, "x-ms-delete-snapshots: include");
	int r = azure_do(a, &c, &answer, &why);
	return r == ERR_NOT_FOUND || r == 0 ? 0 : err_move(err, &why);
}

int azure_remove(struct fs *fs, const char *const *paths, size_t count, struct err *err)
{
	int r = 0;
	for (size_t i = 0; i < count && r == 0; i++)
		r = remove_one(fs->handle, paths[i], count == 1 && ctx_is_stopped(fs->ctx), err);
	return r;
}

/* A large blob is copied while others work: wait for the end. */
static int wait_for_copy(struct azure *a, const char *path, struct err *err)
{
	const struct timespec step = {.tv_nsec = 200 * 1000000L};
	for (;;) {
		AUTO(azure_call_release) struct azure_call c = {.method = "HEAD", .path = path};
		AUTO(http_response_release) struct http_response answer = {0};
		int r = azure_do(a, &c, &answer, err);
		const char *state = http_header(&answer, "x-ms-copy-status");
		if (r < 0 || !state || str_eq(state, "success"))
			return r;
		if (!str_eq(state, "pending"))
			return err_set(
				err, ERR_BROKEN, "the copy to '%s' has ended: %s", path, state);
		if (ctx_is_stopped(a->fs->ctx))
			return err_set(err, ERR_CANCELLED, "interrupted by the user");
		(void)nanosleep(&step, NULL);
	}
}

int azure_copy(struct fs *fs, const char *from, const char *to, struct err *err)
{
	struct azure *a = fs->handle;
	AUTO(azure_call_release) struct azure_call c = {.method = "PUT", .path = to};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(buf_release) struct buf source = BUF_INIT;
	azure_add_url(a, from, &source);
	if (a->sas)
		buf_addf(&source, "?%s", a->sas);
	strlist_addf(&c.headers, "x-ms-copy-source: %s", source.ptr);
	int r = azure_do(a, &c, &answer, err);
	const char *state = http_header(&answer, "x-ms-copy-status");
	return r == 0 && state && str_eq(state, "pending") ? wait_for_copy(a, to, err) : r;
}
