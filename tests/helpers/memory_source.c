#include "memory_source.h"

#include <string.h>

static const struct value *find(const struct source *s, const char *path)
{
	const struct value *text = value_get(s->ctx, path);
	return value_is(text, VALUE_STRING) ? text : NULL;
}

static int memory_read(const struct source *s, const char *path, struct buf *out, struct err *err)
{
	const struct value *text = find(s, path);
	if (!text)
		return err_set(err, ERR_NOT_FOUND, "no file '%s'", path);
	buf_add(out, text->str.ptr, text->str.len);
	return 0;
}

static enum source_type memory_type(const struct source *s, const char *path)
{
	size_t n = strlen(path);
	if (n == 0 || strcmp(path, ".") == 0)
		return SOURCE_DIR;
	if (find(s, path))
		return SOURCE_FILE;
	for (size_t i = 0; i < value_count(s->ctx); i++) {
		const char *key = ((const struct value *)s->ctx)->list.items[i].key;
		if (strncmp(key, path, n) == 0 && key[n] == '/')
			return SOURCE_DIR;
	}
	return SOURCE_NONE;
}

struct source source_memory(const struct value *files)
{
	return (struct source){.ctx = files, .read = memory_read, .type = memory_type};
}
