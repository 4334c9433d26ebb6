/*
 * The driver for Google Cloud Storage, on its JSON interface.
 * https://cloud.google.com/storage/docs/json_api/v1
 */
#include "base/alloc.h"
#include "fs/gs/answers.h"
#include "fs/gs/gs_int.h"

static void gs_free(struct gs *g)
{
	http_free(g->http);
	oauth_release(&g->token);
	gs_login_release(&g->login);
	free(g->endpoint);
	free(g->bucket);
	free(g->root);
	free(g);
}

static int gs_open(struct fs *fs, struct err *err)
{
	struct gs *g = NEW(struct gs);
	g->fs = fs;
	oauth_init(&g->token, gs_login_ask, &g->login);
	int r = gs_options(g, err);
	if (r < 0) {
		gs_free(g);
		return r;
	}
	fs->handle = g;
	return 0;
}

static void gs_close(struct fs *fs)
{
	gs_free(fs->handle);
}

int gs_list(struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err)
{
	struct gs *g = fs->handle;
	AUTO(gs_call_release) struct gs_call c = {.method = "GET"};
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(mem_freep) char *prefix = mem_printf(
		"%s%s%s", g->root, what->prefix, *what->prefix && !what->flat ? "/" : "");
	gs_add_url(g, NULL, &c.url);
	if (*prefix)
		gs_add_query(&c, "prefix", prefix);
	if (!what->flat)
		gs_add_query(&c, "delimiter", "/");
	if (what->token)
		gs_add_query(&c, "pageToken", what->token);
	/* the rest of a resource is a kilobyte for each object */
	gs_add_query(
		&c, "fields", "prefixes,nextPageToken,items(name,size,etag,generation,updated)");
	int r = gs_do(g, &c, &answer, err);
	return r < 0 ? r : gs_list_parse(&answer.body, g->root, out, err);
}

static const char *const gs_schemes[] = {"gs", NULL};

const struct fs_driver fs_gs = {
	.name = "gs",
	.schemes = gs_schemes,
	.capabilities = FS_LIST_FLAT | FS_RANGES | FS_VERSIONS | FS_NETWORK | FS_SESSIONS,
	.checksum_key = "etag",
	.open = gs_open,
	.close = gs_close,
	.stat = gs_stat,
	.list = gs_list,
	.get = gs_get,
	.put = gs_put,
	.remove = gs_remove,
	.copy = gs_copy,
	.put_abort = gs_put_abort,
};
