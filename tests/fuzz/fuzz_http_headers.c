/* Input: any bytes, as the head of an answer, line by line; the first line has the status. What is
 * read of a head is in range: a wait of at most an hour, a size that is known or not, a range that
 * begins where it was asked for. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "fs/ranges.h"
#include "fs/web/checksum.h"
#include "net/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HOUR_MS = 60 * 60 * 1000 };

static void read_head(struct http_response *r, const char *text)
{
	static const int statuses[] = {200, 206, 204, 301, 401, 404, 416, 429, 503};
	unsigned first = (unsigned char)*text;
	r->status = statuses[first % ARRAY_SIZE(statuses)];
	r->length_bytes = first & 0x80 ? HTTP_UNKNOWN : first;
	r->url = mem_strdup("http://h/a");
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\r\n");
		if (len)
			strlist_addn(&r->headers, line, len);
		line += len + (line[len] != '\0');
	}
}

static void check_ranges(const struct http_response *r)
{
	const struct fs_get whole = {.path = "a", .count = FS_REST};
	const struct fs_get part = {.path = "a", .offset = 7, .count = 5};
	struct range_get g = {.what = &whole};
	if (range_begin(&g, r, NULL) == 0 && g.size_bytes != range_size(r))
		abort();
	g.what = &part;
	if (range_begin(&g, r, NULL) == 0 && r->status != 206)
		abort();
	if (r->status == 206 && !http_header(r, "Content-Range") && g.size_bytes != FS_UNKNOWN)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(http_response_release) struct http_response r = {0};
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	buf_add(&text, data, size);
	read_head(&r, buf_str(&text));

	if (http_retry_after_ms(&r) > HOUR_MS)
		abort();
	check_ranges(&r);

	AUTO(mem_freep) char *etag = web_etag(&r);
	AUTO(mem_freep) char *checksum = web_checksum(&r, "http://h/a");
	if (!checksum || (etag && strcmp(etag, checksum) != 0))
		abort();
	return 0;
}
