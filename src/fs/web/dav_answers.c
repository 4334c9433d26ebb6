/* Takes apart the XML of WebDAV: the answers to PROPFIND. */
#include "fs/web/dav_answers.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "net/xml.h"
#include "text/date.h"
#include "text/url.h"

const char dav_propfind[] = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
			    "<propfind xmlns=\"DAV:\"><prop><resourcetype/><getcontentlength/>"
			    "<getlastmodified/><getetag/></prop></propfind>";

/* Properties of a resource: those of one <propstat>, or all of them. */
struct properties {
	uint64_t size_bytes;
	int64_t mtime_s;
	const char *etag;
	bool is_dir;
};

struct resource {
	const char *href;
	int status; /* of the resource itself; 0: its properties are there */
	struct properties of;
};

/* The answer while it is read. Strings are in the arena. */
struct reading {
	struct arena *arena;
	VEC(struct resource) all;
	struct resource now;     /* the <response> that is open */
	struct properties props; /* of the <propstat> that is open */
	int props_status;
	bool is_multistatus;
};

static const struct properties no_properties = {.size_bytes = FS_UNKNOWN};

static int on_begin(void *arg, const char *path, struct err *err)
{
	struct reading *r = arg;
	(void)err;
	if (str_eq(path, "multistatus")) {
		r->is_multistatus = true;
	} else if (str_eq(path, "multistatus/response")) {
		r->now = (struct resource){.of = no_properties};
	} else if (str_eq(path, "multistatus/response/propstat")) {
		r->props = no_properties;
		r->props_status = 200;
	} else if (str_eq(path, "multistatus/response/propstat/prop/resourcetype/collection")) {
		r->props.is_dir = true;
	}
	return 0;
}

/* "HTTP/1.1 404 Not Found" */
static int status_of(const char *line)
{
	int status = 0;
	(void)sscanf(line, " HTTP/%*s %3d", &status);
	return status;
}

static void on_property(struct reading *r, const char *name, const char *text)
{
	int64_t number;
	if (str_eq(name, "getcontentlength")) {
		if (str_to_i64(text, &number) && number >= 0)
			r->props.size_bytes = (uint64_t)number;
	} else if (str_eq(name, "getlastmodified")) {
		(void)date_parse_http(text, &r->props.mtime_s);
	} else if (str_eq(name, "getetag") && *text) {
		r->props.etag = arena_strdup(r->arena, text);
	}
}

/* Properties that are there come in one <propstat>, those that are not in another. */
static void end_propstat(struct reading *r)
{
	struct properties *of = &r->now.of;
	if (r->props_status < 200 || r->props_status > 299)
		return;
	of->is_dir |= r->props.is_dir;
	of->etag = r->props.etag ? r->props.etag : of->etag;
	of->mtime_s = r->props.mtime_s ? r->props.mtime_s : of->mtime_s;
	if (r->props.size_bytes != FS_UNKNOWN)
		of->size_bytes = r->props.size_bytes;
}

static int on_element(void *arg, const char *path, const char *text, struct err *err)
{
	static const char response[] = "multistatus/response/", prop[] = "propstat/prop/";
	struct reading *r = arg;
	(void)err;
	if (str_eq(path, "multistatus/response")) {
		if (r->now.href)
			*vec_push(&r->all) = r->now;
		return 0;
	}
	if (!str_starts(path, response))
		return 0;
	const char *name = path + strlen(response);
	if (str_eq(name, "href")) {
		AUTO(mem_freep) char *plain = str_strip(text);
		r->now.href = arena_strdup(r->arena, plain);
	} else if (str_eq(name, "status")) {
		r->now.status = status_of(text);
	} else if (str_eq(name, "propstat/status")) {
		r->props_status = status_of(text);
	} else if (str_eq(name, "propstat")) {
		end_propstat(r);
	} else if (str_starts(name, prop)) {
		on_property(r, name + strlen(prop), text);
	}
	return 0;
}

static int read_answer(struct reading *r, const struct buf *text, struct err *err)
{
	const struct xml_reader to = {.begin = on_begin, .element = on_element, .arg = r};
	int code = xml_read(buf_str(text), text->len, &to, err);
	if (code < 0)
		return err_wrap(err, code, "unable to read the answer of the server");
	if (!r->is_multistatus)
		return err_set(err, ERR_PARSE, "the server does not answer as WebDAV");
	return 0;
}

static bool is_there(const struct resource *r)
{
	return r->status == 0 || (r->status >= 200 && r->status <= 299);
}

/* ---- listings */

/* Where a resource is: "/dir/name" in two parts, decoded. Heap strings. */
struct place {
	char *dir, *name;
};

static void place_release(struct place *p)
{
	free(p->dir);
	free(p->name);
}

/* `href` is a URL or a path; some servers send one that is relative to what was asked. */
static struct place place_of(const char *href, const char *asked)
{
	const char *host = strstr(href, "://");
	const char *path = host && host < href + strcspn(href, "/?#") + 1 ? host + 3 : href;
	if (path != href)
		path += strcspn(path, "/?#");
	bool is_relative = path == href && *path != '/';
	AUTO(mem_freep) char *full = mem_printf("%s%s%.*s", is_relative ? asked : "",
		is_relative && !str_ends(asked, "/") ? "/" : "", (int)strcspn(path, "?#"), path);
	size_t len = strlen(full);
	while (len && full[len - 1] == '/')
		full[--len] = '\0';
	char *slash = strrchr(full, '/');
	struct place out = {0};
	out.name = url_decoded(slash ? slash + 1 : full);
	if (slash)
		*slash = '\0';
	out.dir = url_decoded(slash ? full : "");
	return out;
}

static char *joined(const struct place *p)
{
	return mem_printf("%s/%s", p->dir, p->name);
}

/* The collection's own path, as the server writes it: that which was asked if it is in the answer,
 * else the first. Heap string, without a slash at the end. */
static char *own_path(const struct reading *r, const char *asked)
{
	AUTO(place_release) struct place wanted = place_of(asked, "");
	AUTO(mem_freep) char *path = joined(&wanted), *first = NULL;
	for (size_t i = 0; i < r->all.count; i++) {
		AUTO(place_release) struct place p = place_of(r->all.items[i].href, asked);
		AUTO(mem_freep) char *full = joined(&p);
		if (str_eq(full, path))
			return TAKE(path);
		first = first ? first : TAKE(full);
	}
	return first ? TAKE(first) : TAKE(path);
}

static void add_member(const struct resource *r, const char *own, const char *asked,
	const char *prefix, struct fs_page *out)
{
	AUTO(place_release) struct place p = place_of(r->href, asked);
	/* of the host's root it is "/", of others "/dir" */
	bool is_root = str_eq(own, "/");
	if (!is_there(r) || !str_eq(p.dir, is_root ? "" : own) ||
		!path_is_safe_relative(p.name, strlen(p.name)) || strchr(p.name, '/'))
		return;
	*vec_push(&out->entries) = (struct fs_entry){
		.path = arena_printf(&out->arena, "%s%s%s", prefix, *prefix ? "/" : "", p.name),
		.size_bytes = r->of.size_bytes,
		.mtime_s = r->of.mtime_s,
		.etag = r->of.etag,
		.is_dir = r->of.is_dir,
	};
}

int dav_list_parse(const struct buf *text, const char *asked, const char *prefix,
	struct fs_page *out, struct err *err)
{
	struct reading r = {.arena = &out->arena};
	int code = read_answer(&r, text, err);
	if (code == 0) {
		AUTO(mem_freep) char *own = own_path(&r, asked);
		VEC_EACH (&r.all, resource)
			add_member(resource, own, asked, prefix, out);
	}
	vec_release(&r.all);
	return code;
}

/* ---- one resource */

int dav_stat_parse(const struct buf *text, struct fs_stat *out, struct err *err)
{
	AUTO(arena_release) struct arena arena = ARENA_INIT;
	struct reading r = {.arena = &arena};
	int code = read_answer(&r, text, err);
	bool found = code == 0 && r.all.count && is_there(&r.all.items[0]);
	if (found && out) {
		const struct properties *of = &r.all.items[0].of;
		*out = (struct fs_stat){
			.size_bytes = of->size_bytes,
			.mtime_s = of->mtime_s,
			.etag = of->etag ? mem_strdup(of->etag) : NULL,
			.is_dir = of->is_dir,
		};
	}
	vec_release(&r.all);
	return code < 0 ? code : found;
}
