/* Reads the options of a remote's configuration in their types. */
#include "fs/options.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "text/value.h"

char *fs_option(const struct fs *fs, const char *key)
{
	const struct value *v = value_get(fs->options, key);
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (!value_is_list(v)) {
		if (v)
			value_add_str(&text, v);
		return text.len ? buf_detach(&text) : NULL;
	}
	for (size_t i = 0; i < value_count(v); i++) {
		buf_adds(&text, i ? ", " : "");
		value_add_str(&text, v->list.items[i].value);
	}
	return buf_detach(&text);
}

int fs_option_bool(const struct fs *fs, const char *key)
{
	AUTO(mem_freep) char *text = fs_option(fs, key);
	AUTO(mem_freep) char *lowered = str_lower(text ? text : "");
	return str_eq(lowered, "true") ? 1 : str_eq(lowered, "false") ? 0 : -1;
}

unsigned fs_option_ms(const struct fs *fs, const char *key, unsigned fallback_s)
{
	enum { MOST_S = 24 * 3600 };
	AUTO(mem_freep) char *text = fs_option(fs, key);
	char *end = NULL;
	/* the locale is never set, so the point is a point */
	double seconds = text ? strtod(text, &end) : 0;
	if (!text || *end || !(seconds > 0) || seconds > MOST_S)
		return fallback_s * 1000;
	unsigned ms = (unsigned)(seconds * 1000);
	return ms ? ms : 1;
}
