/*
 * Input: any bytes. The tree and the pull reader must agree, and a document must survive writing
 * and reading.
 */
#include <stdlib.h>

#include "base/str.h"
#include "text/edit.h"
#include "text/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT, pull_err = ERR_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct json_reader r;
	struct value *v, *again;
	int ret = json_parse(&a, (const char *)data, size, &v, &err), token;
	json_reader_init(&r, (const char *)data, size);
	do
		token = json_next(&r, &pull_err);
	while (token > JSON_EOF);
	json_reader_release(&r);
	if (ret == 0 && token < 0)
		abort();
	if (ret < 0 ||
		!str_is_utf8((const char *)data, size)) /* bad bytes are read back as U+DC80.. */
		return 0;
	if (json_write(&text, v, NULL, &err) < 0 ||
		json_parse(&a, buf_str(&text), text.len, &again, &err) < 0 || !edit_same(v, again))
		abort();
	return 0;
}
