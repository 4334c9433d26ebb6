/* The options of a remote: the bucket, the address, and who makes the requests. */
#include "fs/options.h"

#include "base/alloc.h"
#include "base/str.h"
#include "fs/gs/gs_int.h"
#include "text/url.h"

/* "gs://bucket/prefix". The prefix is taken as it is: it has no escapes and no query. */
static int take_url(struct gs *g, struct err *err)
{
	const char *bucket = strstr(g->fs->url, "://") + strlen("://");
	size_t len = strcspn(bucket, "/");
	if (!len)
		return err_set(err, ERR_CONFIG, "URL '%s' names no bucket", g->fs->url);
	g->bucket = mem_strndup(bucket, len);

	const char *prefix = bucket + len + strspn(bucket + len, "/");
	size_t end = strlen(prefix);
	while (end && prefix[end - 1] == '/')
		end--;
	g->root = end ? mem_printf("%.*s/", (int)end, prefix) : mem_strdup("");
	return 0;
}

static int take_endpoint(struct gs *g, bool *out_emulator, struct err *err)
{
	AUTO(url_release) struct url u = {0};
	AUTO(mem_freep) char *given = fs_option(g->fs, "endpointurl");
	const char *emulator = given ? NULL : gs_env("STORAGE_EMULATOR_HOST");
	*out_emulator = emulator != NULL;
	g->is_google = !given && !emulator;
	if (given)
		g->endpoint = TAKE(given);
	else if (emulator)
		g->endpoint = mem_printf(
			"%s%s", strstr(emulator, "://") ? "" : "http://", emulator);
	else
		g->endpoint = mem_strdup("https://storage.googleapis.com");
	size_t len = strlen(g->endpoint);
	while (len && g->endpoint[len - 1] == '/')
		g->endpoint[--len] = '\0';
	int r = url_parse(&u, g->endpoint, err);
	if (r < 0)
		return r;
	if ((!str_eq(u.scheme, "http") && !str_eq(u.scheme, "https")) || !*u.host || u.query)
		return err_set(err, ERR_CONFIG,
			"endpointurl '%s' is not an address of http or https", g->endpoint);
	return 0;
}

static int take_login(struct gs *g, bool is_emulator, struct err *err)
{
	AUTO(mem_freep) char *path = fs_option(g->fs, "credentialpath");
	g->login.ctx = g->fs->ctx;
	/* Google's own libraries log in to no emulator either */
	if (fs_option_bool(g->fs, "allow_anonymous_login") == 1 || (is_emulator && !path)) {
		g->login.kind = GS_ANONYMOUS;
		return 0;
	}
	int r = gs_login_find(&g->login, path, err);
	if (r < 0)
		return r;
	r = oauth_check_url(g->endpoint, "endpointurl", err);
	if (r < 0)
		err_hint(err,
			"A token would be sent so that others can read it. For a server that asks for none:\n"
			"    dvc remote modify <remote name> allow_anonymous_login true");
	return r;
}

int gs_options(struct gs *g, struct err *err)
{
	bool is_emulator = false;
	int r = take_url(g, err);
	if (r == 0)
		r = take_endpoint(g, &is_emulator, err);
	if (r == 0)
		r = take_login(g, is_emulator, err);
	if (r < 0)
		return r;
	return http_new(&g->http,
		&(struct http_opts){.ctx = g->fs->ctx,
			.connect_timeout_ms = 20000,
			.verify_option = "SSL_CERT_FILE"},
		err);
}
