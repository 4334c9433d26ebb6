/*
 * Input: the delimiter, then any bytes. Both readers must find the same rows; a row that is written
 * again is read back unchanged, and reading ends at the end of the text.
 */
#include <stdlib.h>
#include <string.h>

#include "text/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A string ends at a NUL, so that only rows without one can be written. */
static bool can_be_written(const struct buf *bytes)
{
	return !bytes->len || !memchr(bytes->ptr, '\0', bytes->len);
}

static void check_same(
	const struct strlist *fields, const struct buf *bytes, const struct csv_cells *cells)
{
	if (fields->count != cells->count || cells->count == 0)
		abort();
	for (size_t i = 0; i < cells->count; i++) {
		const struct csv_cell *c = &cells->items[i];
		if (c->at > bytes->len || c->len > bytes->len - c->at ||
			strlen(fields->items[i]) > c->len ||
			(c->len && memcmp(fields->items[i], buf_str(bytes) + c->at,
					   strlen(fields->items[i])) != 0))
			abort();
	}
}

static void check_written(const struct strlist *fields, char delimiter)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strlist_release) struct strlist again = STRLIST_INIT;
	csv_write_row(&text, fields, delimiter);
	struct csv_reader r = {.text = text.ptr, .len = text.len, .delimiter = delimiter};
	if (!csv_next(&r, &again) || again.count != fields->count || r.at != r.len)
		abort();
	for (size_t i = 0; i < fields->count; i++)
		if (strcmp(again.items[i], fields->items[i]) != 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	char delimiter = data[0] == '\t' ? '\t' : ',';
	struct csv_reader one = {
		.text = (const char *)data + 1, .len = size - 1, .delimiter = delimiter};
	struct csv_reader two = one;

	for (;;) {
		AUTO(buf_release) struct buf bytes = BUF_INIT;
		AUTO(strlist_release) struct strlist fields = STRLIST_INIT;
		struct csv_cells cells = {0};
		size_t before = one.at;
		bool more = csv_next_cells(&one, &bytes, &cells);
		if (more != csv_next(&two, &fields) || one.at != two.at ||
			(more && one.at <= before) || one.at > one.len)
			abort();
		if (more)
			check_same(&fields, &bytes, &cells);
		if (more && can_be_written(&bytes))
			check_written(&fields, delimiter);
		vec_release(&cells);
		if (!more)
			return 0;
	}
}
