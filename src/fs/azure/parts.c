/* Blobs in parts, which Azure calls blocks.
 * https://learn.microsoft.com/rest/api/storageservices/put-block-list */
#include <sys/random.h>

#include "base/alloc.h"
#include "fs/azure/answers.h"
#include "fs/azure/azure_int.h"
#include "text/base64.h"

/* The blocks of a blob are shared by all who write it: each upload has names of its own. */
int azure_put_begin(struct fs *fs, const struct fs_put *what, char **out_id, struct err *err)
{
	unsigned char bytes[AZURE_UPLOAD_HEX / 2];
	AUTO(buf_release) struct buf id = BUF_INIT;
	(void)fs;
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_errno(err, "unable to begin the upload of '%s'", what->path);
	for (size_t i = 0; i < sizeof(bytes); i++)
		buf_addf(&id, "%02x", bytes[i]);
	*out_id = buf_detach(&id);
	return 0;
}

int azure_put_part(struct fs *fs, const struct fs_put *what, const char *id, unsigned number,
	const struct byte_source *from, struct fs_part *out, struct err *err)
{
	AUTO(azure_call_release) struct azure_call c = {
		.method = "PUT", .path = what->path, .body = from};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(mem_freep) char *block = azure_block_id(id, number);
	unsigned char md5[MD5_BYTES];
	azure_add_query(&c, "comp", "block");
	azure_add_query(&c, "blockid", block);
	int r = byte_source_md5(from, md5, err);
	if (r < 0)
		return r;
	c.body_md5 = md5;
	r = azure_do(fs->handle, &c, &answer, err);
	if (r == 0)
		*out = (struct fs_part){.size_bytes = from->size_bytes, .tag = TAKE(block)};
	return r;
}

int azure_put_end(struct fs *fs, const struct fs_put *what, const char *id,
	const struct fs_part *parts, unsigned count, struct fs_stat *out, struct err *err)
{
	struct azure *a = fs->handle;
	AUTO(azure_call_release) struct azure_call c = {.method = "PUT", .path = what->path};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(buf_release) struct buf body = BUF_INIT;
	(void)id;
	azure_add_block_list(&body, parts, count);
	azure_add_query(&c, "comp", "blocklist");
	strlist_add(&c.headers, "Content-Type: application/xml");
	strlist_add(&c.headers, "x-ms-blob-content-type: application/octet-stream");
	if (what->md5) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		base64_add(&text, what->md5, MD5_BYTES);
		strlist_addf(&c.headers, "x-ms-blob-content-md5: %s", text.ptr);
	}
	c.body = &(struct byte_source){.fd = -1, .bytes = body.ptr, .size_bytes = body.len};
	int r = azure_do(a, &c, &answer, err);
	if (r == 0 && out)
		azure_stat_of(a, &answer, what->from.size_bytes, out);
	return r;
}

/* Blocks that are not used disappear by themselves after a week, and with the next upload of the
 * blob; there is no request for it. */
int azure_put_abort(struct fs *fs, const char *path, const char *id, struct err *err)
{
	(void)fs;
	(void)path;
	(void)id;
	(void)err;
	return 0;
}

/* https://learn.microsoft.com/rest/api/storageservices/get-block-list */
int azure_put_parts(struct fs *fs, const struct fs_put *what, const char *id, struct fs_part *out,
	unsigned count, struct err *err)
{
	AUTO(azure_call_release) struct azure_call c = {.method = "GET", .path = what->path};
	AUTO(http_response_release) struct http_response answer = {0};
	azure_add_query(&c, "comp", "blocklist");
	azure_add_query(&c, "blocklisttype", "uncommitted");
	int r = azure_do(fs->handle, &c, &answer, err);
	return r < 0 ? r : azure_blocks_parse(&answer.body, id, out, count, err);
}
