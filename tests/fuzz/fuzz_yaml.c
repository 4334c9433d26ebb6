/*
 * Input: any bytes. The reader must not crash, and the tree must survive writing and reading.
 */
#include <stdlib.h>

#include "text/edit.h"
#include "text/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sets, bytes and keys that are lists are not read back unchanged. */
static bool is_plain(const struct value *v)
{
	if (v->kind == VALUE_SET || v->kind == VALUE_BYTES || v->kind == VALUE_COMPLEX)
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
	struct value *v, *again;
	if (yaml_parse(&a, "x", (const char *)data, size, &v, &err) < 0) {
		AUTO(err_release) struct err plain = ERR_INIT;
		if (yaml_load(&a, "x", (const char *)data, size, &v, &plain) == 0)
			abort();
		return 0;
	}
	yaml_emit(&text, v); /* its folding may lose spaces, as ruamel.yaml's does */
	buf_clear(&text);
	yaml_emit_flags(&text, v, YAML_NO_FOLD);
	if (is_plain(v) && (yaml_parse(&a, "y", buf_str(&text), text.len, &again, &err) < 0 ||
				   !edit_same(v, again)))
		abort();
	return 0;
}
