/*
 * Input: any text, taken as a condition. What parses is evaluated; a malformed one has a message
 * that ends with a mark.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "exp/filter.h"
#include "text/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct value *get(void *ctx, const char *name)
{
	return value_get(ctx, name);
}

static bool always(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char row[] =
		"{\"a\": 1, \"b\": \"x\", \"tag\": [\"best\", 2], \"created\": \"2026-11-30\", \"n\": NaN}";
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(mem_freep) char *text = mem_strndup((const char *)data, size);
	struct filter *f = NULL;
	struct value *v = NULL;

	/* repetitions of repetitions are slow in the C library, and only the user writes them */
	if (strchr(text, '~') && (strpbrk(text, "{*+?") || size > 200))
		return 0;
	if (json_parse(&a, row, strlen(row), &v, NULL) < 0)
		abort();
	if (filter_parse(&f, text, &err) < 0) {
		if (f || !err_text(&err)[0])
			abort();
		return 0;
	}
	if (filter_match(f, get, v) != filter_match(f, get, v))
		abort();
	if (filter_check_names(f, always, NULL, &err) < 0)
		abort();
	filter_free(f);
	return 0;
}
