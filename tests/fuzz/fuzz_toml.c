/*
 * Input: any bytes. A document that was read must survive writing and reading.
 */
#include <stdlib.h>

#include "text/edit.h"
#include "text/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *v, *again;
	if (toml_parse(&a, (const char *)data, size, &v, &err) < 0)
		return 0;
	if (toml_write(&text, v, &err) < 0 ||
		toml_parse(&a, buf_str(&text), text.len, &again, &err) < 0 || !edit_same(v, again))
		abort();
	return 0;
}
