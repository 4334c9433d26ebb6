/*
 * Input: the files of a configuration and overrides (helpers/memory_config.h). The outcome must be
 * the same when it is composed again, a failure must have a message, and what is written must be
 * read back as the same values, and written in the same way again.
 */
#include <stdlib.h>
#include <string.h>

#include "helpers/memory_config.h"
#include "text/yaml11.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_readable(const struct buf *text)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(buf_release) struct buf again = BUF_INIT;
	struct value *v;
	if (yaml11_load(&a, "x", buf_str(text), text->len, &v, &err) < 0)
		abort();
	yaml11_emit(&again, v);
	if (again.len != text->len || memcmp(buf_str(&again), buf_str(text), text->len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_release) struct buf text = BUF_INIT, one = BUF_INIT, two = BUF_INIT;
	AUTO(err_release) struct err first = ERR_INIT, second = ERR_INIT;
	AUTO(memory_config_release) struct memory_config c = {0};
	AUTO(strlist_release) struct strlist warnings = STRLIST_INIT;

	buf_add(&text, data, size);
	memory_config_parse(&c, buf_str(&text));
	int r = memory_config_compose(&c, &one, &warnings, &first);
	if (memory_config_compose(&c, &two, NULL, &second) != r)
		abort();
	if (r < 0 && (!first.msg || !*first.msg || strcmp(first.msg, second.msg) != 0))
		abort();
	if (r == 0) {
		if (one.len != two.len || memcmp(buf_str(&one), buf_str(&two), one.len) != 0)
			abort();
		check_readable(&one);
	}
	return 0;
}
