/*
 * Input: any bytes as a directory listing. An accepted listing stays in its directory, has no path
 * twice, and survives writing and reading.
 */
#include <stdlib.h>

#include "base/path.h"
#include "store/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(tree_release) struct tree t = TREE_INIT, again = TREE_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (tree_parse(&t, (const char *)data, size, HASH_MD5, "listing", NULL) < 0)
		return 0;
	for (size_t i = 0; i < t.count; i++) {
		const char *path = tree_path(&t, &t.entries[i]);
		if (!path_is_safe_relative(path, strlen(path)) ||
			tree_find(&t, path) != &t.entries[i])
			abort();
	}
	tree_to_json(&t, &text);
	if (tree_parse(&again, text.ptr, text.len, HASH_MD5, "listing", NULL) < 0 ||
		again.count != t.count)
		abort();
	for (size_t i = 0; i < t.count; i++) {
		if (strcmp(tree_path(&t, &t.entries[i]), tree_path(&again, &again.entries[i])) !=
				0 ||
			memcmp(t.entries[i].digest, again.entries[i].digest, MD5_BYTES) != 0)
			abort();
	}
	return 0;
}
