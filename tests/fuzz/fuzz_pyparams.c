/*
 * Input: any bytes. The reader must not crash, and the positions of values must be those of
 * literals with the same value.
 */
#include <stdlib.h>

#include "text/edit.h"
#include "text/pyliteral.h"
#include "text/pyparams.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v;
	if (pyparams_parse(&a, (const char *)data, size, &v, &err) < 0)
		return 0;
	for (size_t i = 0; i < value_count(v); i++) {
		const struct value *item = v->list.items[i].value;
		if (!item->pos.end)
			continue;
		struct py_scan s = {.arena = &a,
			.text = (const char *)data,
			.at = item->pos.start,
			.end = item->pos.end};
		const struct value *again = py_literal_or_tuple(&s);
		if (!again || !edit_same(item, again))
			abort();
	}
	return 0;
}
