/* Input: any bytes, as the answer of a server. Paths of a listing are relative and name something.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "fs/s3/answers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Parts are told where they belong, once. */
static void read_parts(const struct buf *text)
{
	enum { COUNT = 4 };
	struct fs_part parts[COUNT + 1] = {0};
	AUTO(mem_freep) char *next = NULL;
	(void)s3_parts_parse(text, parts, COUNT, &next, NULL);
	if (parts[COUNT].tag)
		abort();
	for (int i = 0; i < COUNT; i++)
		free(parts[i].tag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(fs_page_release) struct fs_page page = {0};
	AUTO(s3_error_release) struct s3_error e = {0};
	buf_add(&text, data, size);

	s3_error_parse(&text, &e);
	AUTO(mem_freep) char *id = s3_text_of(&text, "UploadId");
	read_parts(&text);
	AUTO(fs_page_release) struct fs_page uploads = {0};
	(void)s3_uploads_parse(&text, "p/", &uploads, NULL);
	if (s3_list_parse(&text, "p/", &page, NULL) < 0)
		return 0;
	for (size_t i = 0; i < page.entries.count; i++) {
		const char *path = page.entries.items[i].path;
		if (!*path || (path[strlen(path) - 1] == '/' && !page.entries.items[i].is_dir))
			abort();
	}
	return 0;
}
