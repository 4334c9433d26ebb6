/*
 * The driver for S3 and the services that speak its protocol (MinIO, Ceph, R2, ...).
 * https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html
 */
#include <string.h>

#include "base/alloc.h"
#include "fs/s3/answers.h"
#include "fs/s3/s3_int.h"

static void s3_free(struct s3 *s)
{
	http_free(s->http);
	aws_credentials_free(s->credentials);
	aws_files_release(&s->files);
	strlist_release(&s->put_headers);
	strlist_release(&s->key_headers);
	strlist_release(&s->copy_headers);
	free(s->endpoint.scheme);
	free(s->endpoint.host);
	free(s->endpoint.path);
	free(s->bucket);
	free(s->root);
	free(s->region);
	pthread_mutex_destroy(&s->bucket_lock);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static int s3_open(struct fs *fs, struct err *err)
{
	struct s3 *s = NEW(struct s3);
	s->fs = fs;
	pthread_mutex_init(&s->bucket_lock, NULL);
	pthread_mutex_init(&s->lock, NULL);
	int r = s3_options(s, err);
	if (r < 0) {
		s3_free(s);
		return r;
	}
	fs->handle = s;
	return 0;
}

static void s3_close(struct fs *fs)
{
	s3_free(fs->handle);
}

/* A page of all versions goes on behind a key and a version, which its token joins. */
static void add_versions_token(struct s3_call *c, const char *token)
{
	const char *version = strchr(token, '\n');
	AUTO(mem_freep) char *key = mem_strndup(token, version ? (size_t)(version - token) : 0);
	s3_add_query(c, "key-marker", key);
	if (version && version[1])
		s3_add_query(c, "version-id-marker", version + 1);
}

int s3_list(struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err)
{
	struct s3 *s = fs->handle;
	AUTO(s3_call_release) struct s3_call c = {.operation = "ListObjectsV2", .method = "GET"};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(mem_freep) char *prefix = mem_printf(
		"%s%s%s", s->root, what->prefix, *what->prefix && !what->flat ? "/" : "");
	if (what->versions)
		c.operation = "ListObjectVersions";
	s3_add_query(&c, what->versions ? "versions" : "list-type", what->versions ? "" : "2");
	s3_add_query(&c, "encoding-type", "url");
	s3_add_query(&c, "prefix", prefix);
	if (!what->flat)
		s3_add_query(&c, "delimiter", "/");
	if (what->token && what->versions)
		add_versions_token(&c, what->token);
	else if (what->token)
		s3_add_query(&c, "continuation-token", what->token);
	int r = s3_do(s, &c, &answer, err);
	return r < 0 ? r : s3_list_parse(&answer.body, s->root, out, err);
}

static const char *const s3_schemes[] = {"s3", NULL};

const struct fs_driver fs_s3 = {
	.name = "s3",
	.schemes = s3_schemes,
	.capabilities = FS_LIST_FLAT | FS_RANGES | FS_PARTS | FS_VERSIONS | FS_NETWORK |
			FS_PART_MD5,
	.checksum_key = "etag",
	.part_min_bytes = (uint64_t)5 * 1024 * 1024,
	.parts_max = 10000,
	/* https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
	.copy_max_bytes = (uint64_t)5 << 30,
	.remove_max = 1000,
	.open = s3_open,
	.close = s3_close,
	.stat = s3_stat,
	.list = s3_list,
	.get = s3_get,
	.put = s3_put,
	.remove = s3_remove,
	.copy = s3_copy,
	.put_begin = s3_put_begin,
	.put_part = s3_put_part,
	.put_end = s3_put_end,
	.put_abort = s3_put_abort,
	.put_parts = s3_put_parts,
	.put_list = s3_put_list,
};
