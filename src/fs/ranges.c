/* Ranges of bytes in HTTP: the header of a request, and what an answer says of them. */
#include "fs/ranges.h"

#include <strings.h>

#include "base/str.h"
#include "net/http.h"

void range_add_header(struct strlist *headers, const struct fs_get *what)
{
	unsigned long long from = what->offset, count = what->count;
	if (what->count != FS_REST)
		strlist_addf(headers, "Range: bytes=%llu-%llu", from, from + count - 1);
	else if (what->offset)
		strlist_addf(headers, "Range: bytes=%llu-", from);
}

/* A body in another coding than "identity" has another length than the file. */
static bool is_coded(const struct http_response *answer)
{
	const char *coding = http_header(answer, "Content-Encoding");
	return coding && *coding && strcasecmp(coding, "identity") != 0;
}

uint64_t range_size(const struct http_response *answer)
{
	const char *range = http_header(answer, "Content-Range");
	/* "bytes 0-9/1234", "bytes *" "/1234" */
	const char *slash = range ? strchr(range, '/') : NULL;
	int64_t size_bytes;
	if (slash)
		return str_to_i64(slash + 1, &size_bytes) && size_bytes >= 0 ? (uint64_t)size_bytes
									     : FS_UNKNOWN;
	if (answer->status == 206 || answer->length_bytes == HTTP_UNKNOWN || is_coded(answer))
		return FS_UNKNOWN;
	return answer->length_bytes;
}

/* Does the answer 206 begin where it should? Not every server tells. */
static bool begins_at(const struct http_response *answer, uint64_t offset)
{
	const char *range = http_header(answer, "Content-Range");
	unsigned long long first;
	return !range || sscanf(range, "bytes %llu-", &first) != 1 || first == offset;
}

int range_begin(void *arg, const struct http_response *answer, struct err *err)
{
	struct range_get *g = arg;
	bool is_part = answer->status == 206;
	g->size_bytes = range_size(answer);
	if (!is_part && g->what->offset)
		return err_set(err, ERR_UNSUPPORTED, "this service does not know ranges");
	if (is_part && !begins_at(answer, g->what->offset))
		return err_set(err, ERR_BROKEN, "another range of '%s' arrives than was asked for",
			g->what->path);
	return 0;
}
