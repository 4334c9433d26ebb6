/*
 * Collections are made when a file needs them (RFC 4918, 9.3): MKCOL says in one request that there
 * is one now, was one before (405), or that the one above is missing (409).
 */
#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "fs/web/dav_int.h"

static bool is_known(struct dav *d, const char *url)
{
	pthread_mutex_lock(&d->lock);
	bool known = map_has(&d->made, url);
	pthread_mutex_unlock(&d->lock);
	return known;
}

static void remember(struct dav *d, const char *url)
{
	static char exists;
	pthread_mutex_lock(&d->lock);
	(void)map_set(&d->made, url, &exists);
	pthread_mutex_unlock(&d->lock);
}

/* The address of the collection that holds the file. Heap string, without a slash at the end. */
static char *parent_url(struct dav *d, const char *path)
{
	AUTO(mem_freep) char *dir = path_dirname(path);
	char *url = web_url(&d->web.address, dir);
	for (size_t len = strlen(url); len && url[len - 1] == '/'; len--)
		url[len - 1] = '\0';
	return url;
}

/* The end of the part in front of the last slash; NULL: above is only the host. */
static char *above(const struct dav *d, const char *url)
{
	const char *slash = strrchr(url, '/');
	size_t origin = strlen(d->web.address.origin);
	if (!slash || (size_t)(slash - url) <= origin)
		return NULL;
	return mem_strndup(url, (size_t)(slash - url));
}

static int mkcol(struct dav *d, const char *url, struct http_response *out, struct err *err)
{
	const struct web_call c = {.verb = "make the directory",
		.method = "MKCOL",
		.path = "",
		.url = url,
		.is_collection = true};
	return web_do(&d->web, &c, out, err);
}

/* MKCOL was refused. Two that make one collection at the same time disturb each other at some
 * servers, and some refuse it to users who may write into one that exists: look. */
static int check_refused(
	struct dav *d, const char *url, const struct http_response *answer, struct err *err)
{
	AUTO(fs_stat_release) struct fs_stat st = {0};
	const struct web_call c = {.verb = "make the directory",
		.method = "MKCOL",
		.path = "",
		.url = url,
		.is_collection = true};
	if (answer->status != 401 && dav_look(d, &c, &st, NULL) > 0 && st.is_dir)
		return 0;
	return web_fail(&d->web, &c, answer, err);
}

static int make(struct dav *d, const char *url, struct err *err)
{
	AUTO(http_response_release) struct http_response answer = {0};
	if (is_known(d, url) || strlen(url) <= strlen(d->web.address.origin))
		return 0;
	int r = mkcol(d, url, &answer, err);
	if (r < 0)
		return r;

	AUTO(mem_freep) char *upper = above(d, url);
	if ((answer.status == 409 || answer.status == 404) && upper) {
		r = make(d, upper, err);
		http_response_release(&answer);
		if (r == 0)
			r = mkcol(d, url, &answer, err);
		if (r < 0)
			return r;
	}
	if (!http_is_ok(&answer) && answer.status != 405)
		r = check_refused(d, url, &answer, err);
	if (r == 0)
		remember(d, url);
	return r;
}

int dav_make_parents(struct dav *d, const char *path, struct err *err)
{
	AUTO(mem_freep) char *url = parent_url(d, path);
	return make(d, url, err);
}

void dav_forget_parents(struct dav *d, const char *path)
{
	AUTO(mem_freep) char *url = parent_url(d, path);
	pthread_mutex_lock(&d->lock);
	for (char *slash; strlen(url) > strlen(d->web.address.origin); *slash = '\0') {
		(void)map_remove(&d->made, url);
		slash = strrchr(url, '/');
	}
	pthread_mutex_unlock(&d->lock);
}
