/* Input: any bytes, as the answer of a server, a connection string, and a shared access signature.
 * Paths of a listing are relative and name something. */
#include <stdlib.h>
#include <string.h>

#include "fs/azure/answers.h"
#include "fs/azure/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Parts are told where they belong, once. */
static void read_parts(const struct buf *text)
{
	enum { COUNT = 4 };
	struct fs_part parts[COUNT + 1] = {0};
	(void)azure_blocks_parse(text, "0123456789abcdef0123456789abcdef", parts, COUNT, NULL);
	if (parts[COUNT].tag)
		abort();
	for (int i = 0; i < COUNT; i++)
		free(parts[i].tag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(fs_page_release) struct fs_page page = {0};
	AUTO(azure_error_release) struct azure_error e = {0};
	struct value *map;
	int64_t at_s;
	buf_add(&text, data, size);

	azure_error_parse(&text, &e);
	(void)azure_sas_expiry(buf_str(&text), &at_s);
	if (azure_connection_parse(&a, buf_str(&text), &map, NULL) == 0 && !value_count(map))
		abort();
	read_parts(&text);
	if (azure_list_parse(&text, "p/", &page, NULL) < 0)
		return 0;
	for (size_t i = 0; i < page.entries.count; i++) {
		const char *path = page.entries.items[i].path;
		if (!*path || (path[strlen(path) - 1] == '/' && !page.entries.items[i].is_dir))
			abort();
	}
	return 0;
}
