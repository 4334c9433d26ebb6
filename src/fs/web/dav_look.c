/* PROPFIND, the question what is there. */
#include "base/alloc.h"
#include "fs/web/dav_answers.h"
#include "fs/web/dav_int.h"

static int not_dav(const struct web *w, struct err *err)
{
	(void)err_set(err, ERR_UNSUPPORTED, "'%s' does not speak WebDAV", w->address.origin);
	err_hint(err,
		"Is the path of the URL right? For a web server without WebDAV use http:// or https://.");
	return ERR_UNSUPPORTED;
}

int dav_ask(struct dav *d, const struct web_call *where, const char *depth,
	struct http_response *out, struct err *err)
{
	AUTO(web_call_release) struct web_call c = {.verb = "look at",
		.method = "PROPFIND",
		.path = where->path,
		.url = where->url,
		.is_collection = where->is_collection};
	c.body = &(struct byte_source){
		.fd = -1, .bytes = dav_propfind, .size_bytes = strlen(dav_propfind)};
	strlist_addf(&c.headers, "Depth: %s", depth);
	strlist_add(&c.headers, "Content-Type: application/xml; charset=utf-8");
	int r = web_do(&d->web, &c, out, err);
	if (r < 0)
		return r;
	if (web_is_missing(out))
		return 0;
	if (web_is_unknown_method(out) || (http_is_ok(out) && out->status != 207))
		return not_dav(&d->web, err);
	return http_is_ok(out) ? 1 : web_fail(&d->web, &c, out, err);
}

int dav_look(struct dav *d, const struct web_call *where, struct fs_stat *out, struct err *err)
{
	AUTO(http_response_release) struct http_response answer = {0};
	int r = dav_ask(d, where, "0", &answer, err);
	return r <= 0 ? r : dav_stat_parse(&answer.body, out, err);
}
