/* Input: any bytes, as the answer to PROPFIND. Members of a collection lie directly below it. */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "fs/web/dav_answers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(fs_page_release) struct fs_page page = {0};
	AUTO(fs_stat_release) struct fs_stat st = {0};
	buf_add(&text, data, size);

	(void)dav_stat_parse(&text, &st, NULL);
	if (dav_list_parse(&text, "/p/d/", "d", &page, NULL) < 0)
		return 0;
	for (size_t i = 0; i < page.entries.count; i++) {
		const char *path = page.entries.items[i].path;
		if (strncmp(path, "d/", 2) != 0 || strchr(path + 2, '/') ||
			!path_is_safe_relative(path, strlen(path)))
			abort();
	}
	return 0;
}
