/*
 * The driver for Azure Blob Storage.
 * https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api
 */
#include "base/alloc.h"
#include "fs/azure/answers.h"
#include "fs/azure/azure_int.h"

static void azure_free(struct azure *a)
{
	http_free(a->http);
	oauth_release(&a->token);
	azure_identity_release(&a->identity);
	buf_release(&a->key);
	free(a->sas);
	free(a->account);
	free(a->endpoint);
	free(a->container);
	free(a->root);
	free(a->server_timeout);
	free(a);
}

static int azure_open(struct fs *fs, struct err *err)
{
	struct azure *a = NEW(struct azure);
	a->fs = fs;
	oauth_init(&a->token, azure_identity_ask, &a->identity);
	int r = azure_options(a, err);
	if (r < 0) {
		azure_free(a);
		return r;
	}
	fs->handle = a;
	return 0;
}

static void azure_close(struct fs *fs)
{
	azure_free(fs->handle);
}

int azure_list(struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err)
{
	struct azure *a = fs->handle;
	AUTO(azure_call_release) struct azure_call c = {.method = "GET"};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(mem_freep) char *prefix = mem_printf(
		"%s%s%s", a->root, what->prefix, *what->prefix && !what->flat ? "/" : "");
	azure_add_query(&c, "restype", "container");
	azure_add_query(&c, "comp", "list");
	if (*prefix)
		azure_add_query(&c, "prefix", prefix);
	if (!what->flat)
		azure_add_query(&c, "delimiter", "/");
	if (what->token)
		azure_add_query(&c, "marker", what->token);
	if (a->version_aware && what->flat)
		azure_add_query(&c, "include", "versions");
	int r = azure_do(a, &c, &answer, err);
	return r < 0 ? r : azure_list_parse(&answer.body, a->root, out, err);
}

static const char *const azure_schemes[] = {"azure", NULL};

const struct fs_driver fs_azure = {
	.name = "azure",
	.schemes = azure_schemes,
	.capabilities = FS_LIST_FLAT | FS_RANGES | FS_PARTS | FS_VERSIONS | FS_NETWORK |
			FS_PART_MD5,
	.checksum_key = "etag",
	.part_min_bytes = 1,
	.parts_max = 50000,
	.open = azure_open,
	.close = azure_close,
	.stat = azure_stat,
	.list = azure_list,
	.get = azure_get,
	.put = azure_put,
	.remove = azure_remove,
	.copy = azure_copy,
	.put_begin = azure_put_begin,
	.put_part = azure_put_part,
	.put_end = azure_put_end,
	.put_abort = azure_put_abort,
	.put_parts = azure_put_parts,
};
