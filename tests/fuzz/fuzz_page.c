/* Input: any bytes, taken as a JSON text for a script and as a template of the user. What goes into
 * a script cannot end it and, if it was JSON without NaN and Infinity, means the same; a template
 * keeps its text but for the three places. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/json.h"
#include "view/page.h"
#include "view/page_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(const char *text, size_t len)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct value *before, *after;

	if (page_add_json(&out, value_text(&a, VALUE_JSON, text, len), NULL) < 0)
		abort();
	if (memchr(buf_str(&out), '<', out.len))
		abort();
	if (memmem(text, len, "NaN", 3) || memmem(text, len, "Infinity", 8))
		return;
	if (json_parse(&a, text, len, &before, NULL) < 0)
		return;
	if (json_parse(&a, buf_str(&out), out.len, &after, NULL) < 0)
		abort();
	if (!value_equal(before, after))
		abort();
}

static void check_template(const char *text, size_t len)
{
	static const char place[] = "{plot_divs}";
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	bool has_place = memmem(text, len, place, strlen(place));
	int r = page_write_template(&out, value_map(&a), text, len, NULL);

	if ((r == 0) != has_place)
		abort();
	if (out.len > len)
		abort(); /* without plots, all that is put in is empty */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(mem_freep) char *text = mem_strndup(
		(const char *)data, size); /* as a file that was read */

	check_json(text, size);
	check_template(text, size);
	return 0;
}
