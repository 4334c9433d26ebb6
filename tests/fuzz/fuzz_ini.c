/*
 * Input: any bytes. A document that was read can be written and is then read back unchanged, unless
 * it mixes quotes in a way that cannot be expressed.
 */
#include <stdlib.h>

#include "text/edit.h"
#include "text/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sections without entries are dropped; a key before any section belongs to it only at the start.
 */
static struct value *without_empty(struct arena *a, const struct value *v)
{
	struct value *out = value_map(a);
	for (size_t i = 0; i < value_count(v); i++) {
		const struct value_item *it = &v->list.items[i];
		if (!value_is(it->value, VALUE_MAP) || value_count(it->value))
			value_set(a, out, it->key, it->value);
	}
	return out;
}

static void check_place(const struct value_pos *pos, size_t size)
{
	if (pos->line == 0 || pos->start > pos->end || pos->end > size)
		abort();
}

/* Names and values have their places in the text. */
static void check_places(const struct value *v, size_t size)
{
	for (size_t i = 0; i < value_count(v); i++) {
		const struct value_item *it = &v->list.items[i];
		check_place(&it->key_pos, size);
		if (value_is(it->value, VALUE_MAP))
			check_places(it->value, size);
		else
			check_place(&it->value->pos, size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *v, *again;
	if (ini_parse(&a, "x", (const char *)data, size, &v, &err) < 0)
		return 0;
	check_places(v, size);
	if (ini_format(&text, v, &err) < 0)
		return 0;
	if (ini_parse(&a, "x", buf_str(&text), text.len, &again, &err) < 0 ||
		!edit_same(without_empty(&a, v), again))
		abort();
	return 0;
}
