/* Takes apart the XML that S3 answers. */
#include "fs/s3/answers.h"

#include "base/alloc.h"
#include "base/str.h"
#include "net/xml.h"
#include "text/date.h"
#include "text/url.h"

void s3_error_release(struct s3_error *e)
{
	free(e->code);
	free(e->message);
	free(e->region);
	free(e->key);
	*e = (struct s3_error){0};
}

static void keep_first(char **field, const char *text)
{
	if (!*field)
		*field = mem_strdup(text);
}

static int on_error_element(void *arg, const char *path, const char *text, struct err *err)
{
	struct s3_error *e = arg;
	(void)err;
	if (str_eq(path, "Error/Code") || str_eq(path, "DeleteResult/Error/Code"))
		keep_first(&e->code, text);
	else if (str_eq(path, "Error/Message") || str_eq(path, "DeleteResult/Error/Message"))
		keep_first(&e->message, text);
	else if (str_eq(path, "Error/Region"))
		keep_first(&e->region, text);
	else if (str_eq(path, "DeleteResult/Error/Key"))
		keep_first(&e->key, text);
	return 0;
}

void s3_error_parse(const struct buf *text, struct s3_error *out)
{
	const struct xml_reader to = {.element = on_error_element, .arg = out};
	if (text->len)
		(void)xml_read(text->ptr, text->len, &to, NULL);
}

char *s3_plain_etag(const char *etag)
{
	size_t len = etag ? strlen(etag) : 0;
	if (!etag)
		return NULL;
	if (len >= 2 && etag[0] == '"' && etag[len - 1] == '"')
		return mem_strndup(etag + 1, len - 2);
	return mem_strdup(etag);
}

/* A listing while it is read. */
struct listing {
	struct fs_page *page;
	const char *root;
	struct fs_entry now; /* the <Contents> that is open; its path is the key as written */
	/* of a <Version>: it is the newest of its key */
	bool is_latest;
	bool is_listing, is_encoded, is_truncated;
	const char *next;                    /* a token, or ... */
	const char *next_key, *next_version; /* ... the last key and version, of all versions */
};

/* The part of an element's path behind the listing's own name; NULL: it is in no listing. A listing
 * of all versions has the same elements under another name. */
static const char *in_listing(const char *path)
{
	static const char *const names[] = {"ListBucketResult", "ListVersionsResult"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t len = strlen(names[i]);
		if (str_starts(path, names[i]) && (path[len] == '/' || !path[len]))
			return path[len] ? path + len + 1 : "";
	}
	return NULL;
}

static bool is_entry(const char *element)
{
	return str_eq(element, "Contents") || str_eq(element, "Version") ||
	       str_eq(element, "CommonPrefixes");
}

static int on_list_begin(void *arg, const char *path, struct err *err)
{
	struct listing *l = arg;
	const char *element = in_listing(path);
	(void)err;
	if (!element)
		return 0;
	l->is_listing = true;
	if (is_entry(element)) {
		l->now = (struct fs_entry){.size_bytes = FS_UNKNOWN};
		l->is_latest = true;
	}
	return 0;
}

static void on_contents(struct listing *l, const char *field, const char *text)
{
	struct arena *a = &l->page->arena;
	int64_t size_bytes;
	if (str_eq(field, "Key")) {
		l->now.path = arena_strdup(a, text);
	} else if (str_eq(field, "Size")) {
		if (str_to_i64(text, &size_bytes) && size_bytes >= 0)
			l->now.size_bytes = (uint64_t)size_bytes;
	} else if (str_eq(field, "LastModified")) {
		(void)date_parse_iso(text, &l->now.mtime_s);
	} else if (str_eq(field, "ETag")) {
		AUTO(mem_freep) char *plain = s3_plain_etag(text);
		l->now.etag = arena_strdup(a, plain);
	} else if (str_eq(field, "VersionId")) {
		/* in a bucket without versions the word is "null" */
		l->now.version = str_eq(text, "null") ? NULL : arena_strdup(a, text);
	} else if (str_eq(field, "IsLatest")) {
		l->is_latest = str_eq(text, "true");
	}
}

static int on_list_element(void *arg, const char *path, const char *text, struct err *err)
{
	struct listing *l = arg;
	struct arena *a = &l->page->arena;
	const char *element = in_listing(path);
	(void)err;

	if (!element)
		return 0;
	if (str_starts(element, "Contents/") || str_starts(element, "Version/")) {
		on_contents(l, strchr(element, '/') + 1, text);
	} else if (str_eq(element, "CommonPrefixes/Prefix")) {
		l->now.path = arena_strdup(a, text);
		l->now.is_dir = true;
	} else if (is_entry(element)) {
		if (l->now.path && l->is_latest)
			*vec_push(&l->page->entries) = l->now;
	} else if (str_eq(element, "EncodingType")) {
		l->is_encoded = str_eq(text, "url");
	} else if (str_eq(element, "IsTruncated")) {
		l->is_truncated = str_eq(text, "true");
	} else if (str_eq(element, "NextContinuationToken")) {
		l->next = arena_strdup(a, text);
	} else if (str_eq(element, "NextKeyMarker")) {
		l->next_key = arena_strdup(a, text);
	} else if (str_eq(element, "NextVersionIdMarker")) {
		l->next_version = arena_strdup(a, text);
	}
	return 0;
}

/* A key as it is: '+' stands for a blank, as in forms. */
static const char *decoded_key(struct arena *a, const char *key)
{
	AUTO(buf_release) struct buf blanks = BUF_INIT, out = BUF_INIT;
	for (const char *p = key; *p; p++)
		buf_addc(&blanks, *p == '+' ? ' ' : *p);
	url_add_decoded(&out, buf_str(&blanks), blanks.len);
	return arena_strdup(a, buf_str(&out));
}

/* Make paths of the keys, and drop those that are not below the root and the empty objects that
 * stand for directories. */
static void finish_paths(struct listing *l)
{
	struct fs_page *page = l->page;
	size_t kept = 0;
	for (size_t i = 0; i < page->entries.count; i++) {
		struct fs_entry e = page->entries.items[i];
		if (l->is_encoded)
			e.path = decoded_key(&page->arena, e.path);
		if (!str_starts(e.path, l->root))
			continue;
		e.path += strlen(l->root);
		if (e.is_dir && str_ends(e.path, "/"))
			e.path = arena_strndup(&page->arena, e.path, strlen(e.path) - 1);
		else if (str_ends(e.path, "/"))
			continue;
		if (*e.path)
			page->entries.items[kept++] = e;
	}
	page->entries.count = kept;
}

int s3_list_parse(const struct buf *text, const char *root, struct fs_page *out, struct err *err)
{
	struct listing l = {.page = out, .root = root};
	const struct xml_reader to = {
		.begin = on_list_begin, .element = on_list_element, .arg = &l};
	int r = xml_read(buf_str(text), text->len, &to, err);
	if (r < 0)
		return err_wrap(err, ERR_CORRUPT, "unable to read the listing of the bucket");
	if (!l.is_listing)
		return err_set(err, ERR_FAIL, "the server does not answer with a listing of S3");
	if (l.next_key)
		l.next = arena_printf(&out->arena, "%s\n%s",
			l.is_encoded ? decoded_key(&out->arena, l.next_key) : l.next_key,
			l.next_version ? l.next_version : "");
	/* the rest must not count as missing */
	if (l.is_truncated && (!l.next || !*l.next))
		return err_set(err, ERR_FAIL, "the server cuts the listing of the bucket off");
	finish_paths(&l);
	out->next = l.is_truncated ? l.next : NULL;
	return 0;
}

/* ---- uploads in parts */

/* The parts of an upload while they are read. */
struct part_list {
	struct fs_part *out;
	unsigned count;
	int64_t number, size_bytes; /* of the <Part> that is open */
	char *tag;
	bool is_list, is_truncated;
	char *next;
};

static void finish_part(struct part_list *l)
{
	if (l->number >= 1 && l->number <= l->count && l->size_bytes >= 0 && l->tag) {
		struct fs_part *part = &l->out[l->number - 1];
		free(part->tag);
		*part = (struct fs_part){(uint64_t)l->size_bytes, TAKE(l->tag)};
	}
	free(l->tag);
	l->tag = NULL;
	l->number = l->size_bytes = -1;
}

/* The path below the root, whose name begins with `root` ("ListPartsResult", or "ListPartsOutput"
 * as some servers have it); NULL when it is another one. */
static const char *below_root(const char *path, const char *root)
{
	const char *slash = strchr(path, '/');
	if (!str_starts(path, root))
		return NULL;
	return slash ? slash + 1 : "";
}

static int on_parts_element(void *arg, const char *path, const char *text, struct err *err)
{
	struct part_list *l = arg;
	(void)err;
	path = below_root(path, "ListParts");
	if (!path)
		return 0;
	l->is_list = true;
	if (str_eq(path, "Part/PartNumber"))
		l->number = str_to_i64(text, &l->number) ? l->number : -1;
	else if (str_eq(path, "Part/Size"))
		l->size_bytes = str_to_i64(text, &l->size_bytes) ? l->size_bytes : -1;
	else if (str_eq(path, "Part/ETag"))
		keep_first(&l->tag, text);
	else if (str_eq(path, "Part"))
		finish_part(l);
	else if (str_eq(path, "IsTruncated"))
		l->is_truncated = str_eq(text, "true");
	else if (str_eq(path, "NextPartNumberMarker"))
		keep_first(&l->next, text);
	return 0;
}

int s3_parts_parse(
	const struct buf *text, struct fs_part *out, unsigned count, char **next, struct err *err)
{
	struct part_list l = {.out = out, .count = count, .number = -1, .size_bytes = -1};
	const struct xml_reader to = {.element = on_parts_element, .arg = &l};
	int r = xml_read(buf_str(text), text->len, &to, err);
	free(l.tag);
	if (r >= 0 && l.is_list && l.is_truncated)
		*next = TAKE(l.next);
	free(l.next);
	if (r < 0)
		return err_wrap(err, ERR_CORRUPT, "unable to read the list of parts");
	return l.is_list
		       ? 0
		       : err_set(err, ERR_FAIL, "the server does not answer with a list of parts");
}

/* Uploads while they are read: a listing whose entries have ids for versions. */
struct upload_list {
	struct listing base;
	const char *next_key, *next_id;
};

static int on_uploads_begin(void *arg, const char *path, struct err *err)
{
	struct upload_list *l = arg;
	(void)err;
	path = below_root(path, "ListMultipartUploads");
	l->base.is_listing = l->base.is_listing || path;
	if (str_eq(path, "Upload"))
		l->base.now = (struct fs_entry){.size_bytes = FS_UNKNOWN};
	return 0;
}

static int on_uploads_element(void *arg, const char *path, const char *text, struct err *err)
{
	struct upload_list *l = arg;
	struct listing *b = &l->base;
	struct arena *a = &b->page->arena;
	(void)err;
	path = below_root(path, "ListMultipartUploads");
	if (str_eq(path, "Upload/Key"))
		b->now.path = arena_strdup(a, text);
	else if (str_eq(path, "Upload/UploadId"))
		b->now.version = arena_strdup(a, text);
	else if (str_eq(path, "Upload/Initiated"))
		(void)date_parse_iso(text, &b->now.mtime_s);
	else if (str_eq(path, "Upload") && b->now.path && b->now.version)
		*vec_push(&b->page->entries) = b->now;
	else if (str_eq(path, "EncodingType"))
		b->is_encoded = str_eq(text, "url");
	else if (str_eq(path, "IsTruncated"))
		b->is_truncated = str_eq(text, "true");
	else if (str_eq(path, "NextKeyMarker"))
		l->next_key = arena_strdup(a, text);
	else if (str_eq(path, "NextUploadIdMarker"))
		l->next_id = arena_strdup(a, text);
	return 0;
}

int s3_uploads_parse(const struct buf *text, const char *root, struct fs_page *out, struct err *err)
{
	struct upload_list l = {.base = {.page = out, .root = root}};
	const struct xml_reader to = {
		.begin = on_uploads_begin, .element = on_uploads_element, .arg = &l};
	int r = xml_read(buf_str(text), text->len, &to, err);
	if (r < 0)
		return err_wrap(err, ERR_CORRUPT, "unable to read the list of uploads");
	if (!l.base.is_listing)
		return err_set(err, ERR_FAIL, "the server does not answer with a list of uploads");
	finish_paths(&l.base);
	if (l.base.is_truncated && l.next_key && l.next_id)
		out->next = arena_printf(&out->arena, "%s\n%s", l.next_id,
			l.base.is_encoded ? decoded_key(&out->arena, l.next_key) : l.next_key);
	return 0;
}

struct wanted {
	const char *element;
	char *found;
};

static int on_wanted_element(void *arg, const char *path, const char *text, struct err *err)
{
	struct wanted *w = arg;
	const char *slash = strrchr(path, '/');
	(void)err;
	if (slash && str_eq(slash + 1, w->element))
		keep_first(&w->found, text);
	return 0;
}

char *s3_text_of(const struct buf *text, const char *element)
{
	struct wanted w = {.element = element};
	const struct xml_reader to = {.element = on_wanted_element, .arg = &w};
	(void)xml_read(buf_str(text), text->len, &to, NULL);
	return w.found;
}

static void add_xml_text(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '&' || *s == '<' || *s == '>' || *s == '"' || (unsigned char)*s < ' ')
			buf_addf(out, "&#%d;", *s);
		else
			buf_addc(out, *s);
	}
}

void s3_add_delete(struct buf *out, const char *root, const char *const *paths, size_t count)
{
	buf_adds(out,
		"<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>");
	for (size_t i = 0; i < count; i++) {
		buf_adds(out, "<Object><Key>");
		add_xml_text(out, root);
		add_xml_text(out, paths[i]);
		buf_adds(out, "</Key></Object>");
	}
	buf_adds(out, "</Delete>");
}

void s3_add_complete(struct buf *out, const struct fs_part *parts, unsigned count)
{
	buf_adds(
		out, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
	for (unsigned i = 0; i < count; i++) {
		buf_addf(out, "<Part><PartNumber>%u</PartNumber><ETag>", i + 1);
		add_xml_text(out, parts[i].tag);
		buf_adds(out, "</ETag></Part>");
	}
	buf_adds(out, "</CompleteMultipartUpload>");
}
