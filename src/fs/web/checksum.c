/* What DVC records as the checksum of a file of a web server. */
#include "fs/web/checksum.h"

#include "base/alloc.h"
#include "base/md5.h"
#include "base/str.h"
#include "fs/ranges.h"
#include "fs/web/web_int.h"
#include "text/value.h"

char *web_etag(const struct http_response *answer)
{
	const char *found = http_header(answer, "ETag");
	if (!found || !*found)
		found = http_header(answer, "Content-MD5");
	return found && *found ? mem_strdup(found) : NULL;
}

static void add_text(struct arena *a, struct value *map, const char *key, const char *text)
{
	value_set(a, map, key, value_string(a, text));
}

/* fsspec's description of a file, in its order of keys. */
static struct value *describe(struct arena *a, const struct http_response *answer, const char *name)
{
	static const char *const kept[] = {"Digest", "Last-Modified"};
	struct value *map = value_map(a);
	AUTO(mem_freep) char *url = web_url_requoted(answer->url ? answer->url : name);
	const char *type = http_header(answer, "Content-Type");
	const char *ranges = http_header(answer, "Accept-Ranges");
	uint64_t size_bytes = range_size(answer);

	add_text(a, map, "name", name);
	value_set(a, map, "size",
		size_bytes == FS_UNKNOWN ? value_null(a) : value_int(a, (int64_t)size_bytes));
	if (type)
		value_set(a, map, "mimetype", value_stringn(a, type, strcspn(type, ";")));
	if (ranges && str_eq(ranges, "none"))
		value_set(a, map, "partial", value_bool(a, false));
	add_text(a, map, "url", url);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		const char *text = http_header(answer, kept[i]);
		if (text && *text)
			add_text(a, map, kept[i], text);
	}
	add_text(a, map, "type", "file");
	return map;
}

/* A digest as one number, the first byte being the highest. */
static char *decimal(const unsigned char digest[MD5_BYTES])
{
	enum { DIGITS_MOST = 39 }; /* of 128 bits */
	unsigned char rest[MD5_BYTES];
	char text[DIGITS_MOST + 1] = {0};
	size_t at = DIGITS_MOST;
	memcpy(rest, digest, sizeof(rest));
	do {
		unsigned remainder = 0;
		for (size_t i = 0; i < sizeof(rest); i++) {
			unsigned value = remainder * 256 + rest[i];
			rest[i] = (unsigned char)(value / 10);
			remainder = value % 10;
		}
		text[--at] = (char)('0' + remainder);
	} while (at > 0);
	const char *first = text + strspn(text, "0");
	return mem_strdup(*first ? first : "0");
}

char *web_checksum(const struct http_response *answer, const char *name)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	unsigned char digest[MD5_BYTES];
	char *etag = web_etag(answer);
	if (etag)
		return etag;
	struct value *tuple = value_new(&a, VALUE_TUPLE);
	value_append(&a, tuple, describe(&a, answer, name));
	value_add_str(&text, tuple);
	md5_of(text.ptr, text.len, digest);
	return decimal(digest);
}
