/* Signs requests to AWS (Signature Version 4). */
#include "fs/s3/sign.h"

#include "base/alloc.h"
#include "base/sha256.h"
#include "base/sort.h"
#include "base/str.h"
#include "net/crypto.h"
#include "text/date.h"

void aws_keys_release(struct aws_keys *k)
{
	free(k->access_key);
	free(k->secret_key);
	free(k->token);
	*k = (struct aws_keys){0};
}

struct aws_keys aws_keys_copy(const struct aws_keys *k)
{
	return (struct aws_keys){
		.access_key = k->access_key ? mem_strdup(k->access_key) : NULL,
		.secret_key = k->secret_key ? mem_strdup(k->secret_key) : NULL,
		.token = k->token ? mem_strdup(k->token) : NULL,
		.expires_s = k->expires_s,
	};
}

/* By name and then by value: the end of a name comes before every other character. */
static int compare(const char *x, const char *y, char end)
{
	while (*x && *x == *y) {
		x++;
		y++;
	}
	int left = *x == end ? 1 : (unsigned char)*x, right = *y == end ? 1 : (unsigned char)*y;
	return left - right;
}

static int compare_parameters(const void *a, const void *b)
{
	return compare(*(const char *const *)a, *(const char *const *)b, '=');
}

static int compare_headers(const void *a, const void *b)
{
	return compare(*(const char *const *)a, *(const char *const *)b, ':');
}

char *sign_query(struct strlist *parameters)
{
	if (parameters->count > 1)
		sort_array(parameters->items, parameters->count, sizeof(*parameters->items),
			compare_parameters);
	return strlist_join(parameters, "&");
}

static void add_hex(struct buf *out, const unsigned char digest[SHA256_BYTES])
{
	for (size_t i = 0; i < SHA256_BYTES; i++)
		buf_addf(out, "%02x", digest[i]);
}

/* "name:value" of a header: the name lowered, blanks at the ends removed and others made one. */
static char *canonical_header(const char *header)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	size_t name = strcspn(header, ":");
	AUTO(mem_freep) char *as_written = mem_strndup(header, name);
	AUTO(mem_freep) char *lowered = str_lower(as_written);
	AUTO(mem_freep) char *value = str_strip(header[name] ? header + name + 1 : "");

	buf_addf(&out, "%s:", lowered);
	for (const char *p = value; *p; p++) {
		if (*p != ' ' || p[1] != ' ')
			buf_addc(&out, *p);
	}
	return buf_detach(&out);
}

/* Append the canonical request without its last line, the hash of the body. `*names` becomes the
 * list of signed headers. */
static void add_canonical(
	struct buf *out, const struct sign *what, const struct strlist *headers, struct buf *names)
{
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	strlist_addf(&lines, "host:%s", what->host);
	for (size_t i = 0; i < headers->count; i++)
		strlist_take(&lines, canonical_header(headers->items[i]));
	sort_array(lines.items, lines.count, sizeof(*lines.items), compare_headers);

	buf_addf(out, "%s\n%s\n%s\n", what->method, what->path, what->query);
	for (size_t i = 0; i < lines.count; i++) {
		buf_addf(out, "%s\n", lines.items[i]);
		buf_addf(names, "%s%.*s", i ? ";" : "", (int)strcspn(lines.items[i], ":"),
			lines.items[i]);
	}
	buf_addf(out, "\n%s\n", names->ptr);
}

static void signing_key(const struct sign *what, const struct aws_keys *keys, const char *day,
	unsigned char out[SHA256_BYTES])
{
	AUTO(buf_release) struct buf secret = BUF_INIT;
	buf_addf(&secret, "AWS4%s", keys->secret_key);
	crypto_hmac_sha256(secret.ptr, secret.len, day, strlen(day), out);
	crypto_hmac_sha256(out, SHA256_BYTES, what->region, strlen(what->region), out);
	crypto_hmac_sha256(out, SHA256_BYTES, what->service, strlen(what->service), out);
	crypto_hmac_sha256(out, SHA256_BYTES, "aws4_request", strlen("aws4_request"), out);
	memset(secret.ptr, 0, secret.len);
}

void sign_add_headers(const struct sign *what, const struct aws_keys *keys, struct strlist *headers)
{
	AUTO(buf_release) struct buf request = BUF_INIT, names = BUF_INIT, text = BUF_INIT;
	char date[DATE_BASIC], hash[SHA256_HEX + 1];
	unsigned char digest[SHA256_BYTES];

	strlist_addf(headers, "X-Amz-Date: %s", date_format_basic(what->time_s, date));
	if (what->is_s3)
		strlist_addf(headers, "X-Amz-Content-Sha256: %s", what->body_sha256);
	if (keys->token)
		strlist_addf(headers, "X-Amz-Security-Token: %s", keys->token);

	add_canonical(&request, what, headers, &names);
	buf_adds(&request, what->body_sha256);
	sha256_hex(request.ptr, request.len, hash);

	AUTO(mem_freep) char *day = mem_strndup(date, strlen("20150830"));
	AUTO(mem_freep) char *scope = mem_printf(
		"%s/%s/%s/aws4_request", day, what->region, what->service);
	buf_addf(&text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, hash);

	signing_key(what, keys, day, digest);
	crypto_hmac_sha256(digest, sizeof(digest), text.ptr, text.len, digest);

	buf_clear(&text);
	buf_addf(&text,
		"Authorization: AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=",
		keys->access_key, scope, names.ptr);
	add_hex(&text, digest);
	strlist_add(headers, text.ptr);
}
