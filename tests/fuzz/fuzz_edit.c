/*
 * Input: two documents, separated by a NUL. The first is edited to contain the second, and must
 * then parse as the second.
 */
#include <stdlib.h>
#include <string.h>

#include "text/edit.h"
#include "text/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_plain(const struct value *v)
{
	if (v->kind == VALUE_SET || v->kind == VALUE_BYTES)
		return false;
	for (size_t i = 0; i < value_count(v); i++) {
		const struct value_item *it = &v->list.items[i];
		if ((it->key && it->key_kind != VALUE_STRING) || !is_plain(it->value))
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	struct value *want, *got;
	if (!nul)
		return 0;
	buf_add(&text, data, (size_t)(nul - data));
	if (yaml_parse(&a, "x", (const char *)nul + 1, size - (size_t)(nul + 1 - data), &want,
		    &err) < 0 ||
		!is_plain(want))
		return 0;
	err_release(&err);
	if (edit_text(EDIT_YAML, "x", &text, want, &err) < 0)
		return 0;
	if (yaml_parse(&a, "x", buf_str(&text), text.len, &got, &err) < 0 || !edit_same(want, got))
		abort();
	return 0;
}
