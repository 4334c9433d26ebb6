/* Signs requests to Azure with the key of the account (Shared Key). */
#include "fs/azure/sign.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/str.h"
#include "net/crypto.h"
#include "text/base64.h"
#include "text/url.h"

/* The value of a header, or NULL. */
static const char *value_of(const struct strlist *headers, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < headers->count; i++) {
		const char *line = headers->items[i];
		if (strncasecmp(line, name, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " ");
	}
	return NULL;
}

/* The lines of the usual headers; the date is always in x-ms-date. */
static void add_usual(struct buf *out, const struct azure_sign *what)
{
	static const char *const names[] = {"Content-Encoding", "Content-Language", NULL,
		"Content-MD5", "Content-Type", "Date", "If-Modified-Since", "If-Match",
		"If-None-Match", "If-Unmodified-Since", "Range"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = names[i] ? value_of(what->headers, names[i]) : NULL;
		/* a length of 0 is left empty since 2015 */
		if (!names[i] && what->body_bytes)
			buf_addf(out, "%llu", (unsigned long long)what->body_bytes);
		buf_addf(out, "%s\n", value ? value : "");
	}
}

/* "name:value" lines of those headers that begin with "x-ms-", by name. */
static void add_own(struct buf *out, const struct azure_sign *what)
{
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	for (size_t i = 0; i < what->headers->count; i++) {
		const char *header = what->headers->items[i];
		if (strncasecmp(header, "x-ms-", strlen("x-ms-")) != 0)
			continue;
		size_t len = strcspn(header, ":");
		AUTO(mem_freep) char *name = mem_strndup(header, len);
		AUTO(mem_freep) char *lowered = str_lower(name);
		AUTO(mem_freep) char *value = str_strip(header[len] ? header + len + 1 : "");
		strlist_addf(&lines, "%s:%s", lowered, value);
	}
	strlist_sort(&lines);
	for (size_t i = 0; i < lines.count; i++)
		buf_addf(out, "%s\n", lines.items[i]);
}

/* The address: the account, the path, and the parameters by name. */
static void add_resource(struct buf *out, const struct azure_sign *what)
{
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	buf_addf(out, "/%s%s", what->account, what->path);
	for (size_t i = 0; i < what->query->count; i++) {
		const char *parameter = what->query->items[i];
		size_t len = strcspn(parameter, "=");
		AUTO(mem_freep) char *name = mem_strndup(parameter, len);
		AUTO(mem_freep) char *lowered = str_lower(name);
		AUTO(mem_freep) char *value = url_decoded(
			parameter[len] ? parameter + len + 1 : "");
		strlist_addf(&lines, "%s:%s", lowered, value);
	}
	strlist_sort(&lines);
	for (size_t i = 0; i < lines.count; i++)
		buf_addf(out, "\n%s", lines.items[i]);
}

void azure_string_to_sign(struct buf *out, const struct azure_sign *what)
{
	buf_addf(out, "%s\n", what->method);
	add_usual(out, what);
	add_own(out, what);
	add_resource(out, what);
}

void azure_sign(struct buf *out, const struct azure_sign *what, const void *key, size_t key_len)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	unsigned char digest[SHA256_BYTES];
	azure_string_to_sign(&text, what);
	crypto_hmac_sha256(key, key_len, text.ptr, text.len, digest);
	buf_addf(out, "SharedKey %s:", what->account);
	base64_add(out, digest, sizeof(digest));
}
