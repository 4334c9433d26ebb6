/* Takes apart the JSON that Google Cloud Storage answers. */
#include "fs/gs/answers.h"

#include "base/alloc.h"
#include "base/str.h"
#include "text/base64.h"
#include "text/date.h"
#include "text/json.h"

void gs_error_release(struct gs_error *e)
{
	free(e->message);
	free(e->reason);
	*e = (struct gs_error){0};
}

/* Parse a document; NULL: it is malformed, or no map. */
static const struct value *parse(struct arena *a, const struct buf *text)
{
	struct value *v;
	if (json_parse(a, buf_str(text), text->len, &v, NULL) < 0 || !value_is(v, VALUE_MAP))
		return NULL;
	return v;
}

void gs_error_parse(const struct buf *text, struct gs_error *out)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	const struct value *error = value_get(parse(&a, text), "error");
	const struct value *errors = value_get(error, "errors");
	const char *message = value_get_str(error, "message");
	const char *reason = value_is_list(errors) && value_count(errors)
				     ? value_get_str(errors->list.items[0].value, "reason")
				     : NULL;
	out->message = message ? mem_strndup(message, strcspn(message, "\r\n")) : NULL;
	out->reason = reason ? mem_strdup(reason) : NULL;
}

char *gs_etag(const char *etag)
{
	AUTO(buf_release) struct buf bytes = BUF_INIT, hex = BUF_INIT;
	if (!etag || !base64_decode(&bytes, etag, strlen(etag)))
		return NULL;
	for (size_t i = 0; i < bytes.len; i++)
		buf_addf(&hex, "%02x", (unsigned char)bytes.ptr[i]);
	return buf_detach(&hex);
}

/* A number that JSON has as text, or as a number (emulators). */
static bool number_of(const struct value *object, const char *key, int64_t *out)
{
	const struct value *v = value_get(object, key);
	if (value_is(v, VALUE_INT) && !v->integer.big) {
		*out = v->integer.number;
		return true;
	}
	return value_str(v) && str_to_i64(value_str(v), out);
}

/* Size, time, etag and version of a resource. */
static void stat_of(const struct value *object, struct fs_stat *out)
{
	int64_t number;
	const char *updated = value_get_str(object, "updated");
	out->size_bytes = number_of(object, "size", &number) && number >= 0 ? (uint64_t)number
									    : FS_UNKNOWN;
	out->etag = gs_etag(value_get_str(object, "etag"));
	if (number_of(object, "generation", &number))
		out->version = mem_printf("%lld", (long long)number);
	if (updated)
		(void)date_parse_iso(updated, &out->mtime_s);
}

/* Add an entry, unless it is not below the root, or stands for a directory. */
static void add_entry(struct fs_page *page, const char *root, const char *name, bool is_dir,
	const struct value *object)
{
	AUTO(fs_stat_release) struct fs_stat st = {.size_bytes = FS_UNKNOWN};
	struct arena *a = &page->arena;
	if (!name || !str_starts(name, root))
		return;
	const char *path = name + strlen(root);
	size_t len = strlen(path);
	if (len && path[len - 1] == '/') {
		if (!is_dir)
			return;
		len--;
	}
	if (!len)
		return;
	if (object)
		stat_of(object, &st);
	*vec_push(&page->entries) = (struct fs_entry){
		.path = arena_strndup(a, path, len),
		.size_bytes = st.size_bytes,
		.mtime_s = st.mtime_s,
		.etag = st.etag ? arena_strdup(a, st.etag) : NULL,
		.version = st.version ? arena_strdup(a, st.version) : NULL,
		.is_dir = is_dir,
	};
}

int gs_list_parse(const struct buf *text, const char *root, struct fs_page *out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	const struct value *v = parse(&a, text);
	if (!v)
		return err_set(err, ERR_PARSE,
			"the server does not answer with a listing of Google Cloud Storage");
	const struct value *items = value_get(v, "items"), *prefixes = value_get(v, "prefixes");
	for (size_t i = 0; value_is_list(items) && i < value_count(items); i++) {
		const struct value *object = items->list.items[i].value;
		add_entry(out, root, value_get_str(object, "name"), false, object);
	}
	for (size_t i = 0; value_is_list(prefixes) && i < value_count(prefixes); i++)
		add_entry(out, root, value_str(prefixes->list.items[i].value), true, NULL);
	const char *next = value_get_str(v, "nextPageToken");
	out->next = next && *next ? arena_strdup(&out->arena, next) : NULL;
	return 0;
}

void gs_object_release(struct gs_object *o)
{
	fs_stat_release(&o->stat);
}

int gs_object_parse(const struct buf *text, struct gs_object *out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf md5 = BUF_INIT;
	const struct value *v = parse(&a, text);
	if (!v || !value_get_str(v, "name"))
		return err_set(err, ERR_PARSE,
			"the server does not answer with an object of Google Cloud Storage");
	stat_of(v, &out->stat);
	const char *hash = value_get_str(v, "md5Hash");
	out->has_md5 = hash && base64_decode(&md5, hash, strlen(hash)) && md5.len == MD5_BYTES;
	if (out->has_md5)
		memcpy(out->md5, md5.ptr, MD5_BYTES);
	return 0;
}

int gs_rewrite_parse(const struct buf *text, char **out_token, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	const struct value *v = parse(&a, text);
	if (value_get_bool(v, "done"))
		return 1;
	const char *token = value_get_str(v, "rewriteToken");
	if (!token)
		return err_set(err, ERR_PARSE, "the server does not tell how a copy goes on");
	*out_token = mem_strdup(token);
	return 0;
}
