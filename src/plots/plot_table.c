/* Reads CSV and trees into tables, and cells as JSON, numbers and texts. */
#include "plots/plot_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "text/json.h"

void plot_table_release(struct plot_table *t)
{
	strlist_release(&t->names);
	vec_release(&t->places);
	vec_release(&t->starts);
	vec_release(&t->cells);
	vec_release(&t->maps);
	buf_release(&t->bytes);
}

/* ---- CSV and TSV ---- */

/* Name the columns. Of cells with one name the last one is the column's, at the place of the first,
 * as in a dict of Python. */
static void name_columns(
	struct plot_table *t, const struct csv_cells *header, const char *bytes, bool has_header)
{
	AUTO(map_release) struct map seen = MAP_INIT;
	for (size_t i = 0; i < header->count; i++) {
		AUTO(buf_release) struct buf name = BUF_INIT;
		if (has_header)
			buf_add(&name, bytes + header->items[i].at, header->items[i].len);
		else
			buf_addf(&name, "%zu", i);

		const char *key = buf_str(&name);
		uintptr_t known = (uintptr_t)map_get(&seen, key); /* column + 1 */
		size_t column = known ? known - 1 : t->names.count;
		if (!known) {
			strlist_add(&t->names, key);
			(void)vec_push(&t->places);
			(void)map_set(&seen, key, (void *)(uintptr_t)(column + 1));
		}
		t->places.items[column] = i;
	}
}

static int check_row(
	const struct csv_cells *cells, size_t first, const char *bytes, struct err *err)
{
	for (size_t i = first; i < cells->count; i++) {
		const struct csv_cell *c = &cells->items[i];
		if (c->len > PLOT_CELL_MAX && str_utf8_len(bytes + c->at, c->len) > PLOT_CELL_MAX)
			return err_set(err, ERR_VALUE, "field larger than field limit (%d)",
				PLOT_CELL_MAX);
	}
	return 0;
}

/* End a row whose cells were appended. `width` is the number of cells of the header. */
static void end_row(struct plot_table *t, size_t width)
{
	size_t count = t->cells.count - t->starts.items[t->rows];
	t->rows++;
	*vec_push(&t->starts) = t->cells.count;
	if (count > width && !t->long_row) {
		t->long_row = t->rows;
		t->long_row_cells = count;
	}
}

int plot_table_from_csv(struct plot_table *t, const char *text, size_t len, char delimiter,
	bool has_header, struct err *err)
{
	struct csv_reader r = {.text = text, .len = len, .delimiter = delimiter};
	size_t width = 0;

	buf_reserve(&t->bytes, len);
	(void)vec_push(&t->starts);
	for (;;) {
		size_t first = t->cells.count;
		if (!csv_next_cells(&r, &t->bytes, &t->cells))
			break;
		int ret = check_row(&t->cells, first, buf_str(&t->bytes), err);
		if (ret < 0)
			return ret;
		bool is_header = !width && has_header;
		if (!width) {
			width = t->cells.count;
			name_columns(t, &t->cells, buf_str(&t->bytes), has_header);
		}
		if (is_header)
			t->cells.count = 0;
		else
			end_row(t, width);
		if (t->rows * width > t->cells.count + PLOT_MISSING_MAX)
			return err_set(err, ERR_VALUE,
				"its rows are too short: the first one has %zu columns", width);
	}

	if (t->names.count)
		t->last_key = t->names.items[t->names.count - 1];
	return 0;
}

/* ---- Trees ---- */

static bool all_maps(const struct value *list)
{
	for (size_t i = 0; i < value_count(list); i++)
		if (!value_is(list->list.items[i].value, VALUE_MAP))
			return false;
	return true;
}

/* Has the first item every key that occurs in any item? */
static bool first_has_all_keys(const struct value *list)
{
	const struct value *first = list->list.items[0].value;
	for (size_t i = 1; i < list->list.count; i++) {
		const struct value *item = list->list.items[i].value;
		for (size_t k = 0; k < item->list.count; k++)
			if (!value_itemn(
				    first, item->list.items[k].key, item->list.items[k].key_len))
				return false;
	}
	return true;
}

static void set_fault(struct plot_table *t, struct arena *a, const char *type, const char *method)
{
	if (!t->fault.type)
		t->fault = (struct reading_error){"AttributeError",
			arena_printf(a, "'%s' object has no attribute '%s'", type, method)};
}

/* Merge the rows of a list into those that are there, by position. */
static void merge_list(struct plot_table *t, const struct value *list, struct arena *a)
{
	for (size_t i = 0; i < list->list.count; i++) {
		struct value *from = list->list.items[i].value;
		if (i == t->maps.count) {
			*vec_push(&t->maps) = from;
			continue;
		}
		struct value *merged = value_map(a);
		const struct value *sources[] = {t->maps.items[i], from};
		for (size_t s = 0; s < 2; s++)
			for (size_t k = 0; k < sources[s]->list.count; k++) {
				const struct value_item *it = &sources[s]->list.items[k];
				value_setn(a, merged, it->key, it->key_len, it->value);
				value_itemn(merged, it->key, it->key_len)->key_kind = it->key_kind;
			}
		t->maps.items[i] = merged;
	}
}

/* The last key of the first item of a list whose items are maps; only a string can name a field. */
static const char *last_key_of(const struct value *list)
{
	const struct value *first = list->list.items[0].value;
	const struct value_item *last = first->list.count
						? &first->list.items[first->list.count - 1]
						: NULL;
	return last && last->key_kind == VALUE_STRING ? last->key : NULL;
}

struct walk {
	struct plot_table *table;
	struct arena *arena;
	bool key_known; /* the first list of maps decides on `last_key`, even if it has no key */
};

static void take_list(struct walk *w, const struct value *list)
{
	if (!all_maps(list))
		return;
	if (!list->list.count) {
		set_fault(w->table, w->arena, "NoneType", "keys");
		return;
	}
	if (!w->key_known)
		w->table->last_key = last_key_of(list);
	w->key_known = true;
	if (first_has_all_keys(list))
		merge_list(w->table, list, w->arena);
}

/* Take all lists that nested maps contain, in the order of the file; lists are not entered. */
static void take_map(struct walk *w, const struct value *map)
{
	for (size_t i = 0; i < map->list.count; i++) {
		const struct value *v = map->list.items[i].value;
		if (value_is(v, VALUE_MAP))
			take_map(w, v);
		else if (value_is_list(v))
			take_list(w, v);
	}
}

void plot_table_from_tree(struct plot_table *t, struct value *document, struct arena *a)
{
	struct walk w = {t, a, false};
	t->is_tree = true;
	if (value_is_falsy(document))
		return;
	if (value_is_list(document))
		take_list(&w, document);
	else if (value_is(document, VALUE_MAP))
		take_map(&w, document);
	else
		set_fault(t, a, value_type_name(document), "values");
	t->rows = t->maps.count;
}

/* ---- Cells ---- */

bool plot_table_column(const struct plot_table *t, const char *name, size_t *out_column)
{
	*out_column = 0;
	if (t->is_tree)
		return t->rows && value_get(t->maps.items[0], name);
	while (*out_column < t->names.count && strcmp(t->names.items[*out_column], name) != 0)
		++*out_column;
	return *out_column < t->names.count;
}

bool plot_table_cell(const struct plot_table *t, size_t row, size_t column, const char *name,
	struct plot_cell *out)
{
	*out = (struct plot_cell){0};
	if (t->is_tree) {
		out->value = value_get(t->maps.items[row], name);
		return out->value != NULL;
	}
	size_t at = t->starts.items[row] + t->places.items[column];
	if (at < t->starts.items[row + 1]) {
		const struct csv_cell *c = &t->cells.items[at];
		*out = (struct plot_cell){.text = buf_str(&t->bytes) + c->at, .len = c->len};
	}
	return true;
}

char *plot_table_fields(const struct plot_table *t)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	if (!t->is_tree)
		return strlist_join(&t->names, ", ");
	for (size_t i = 0; t->rows && i < t->maps.items[0]->list.count; i++)
		strlist_add(&names, t->maps.items[0]->list.items[i].key);
	return strlist_join(&names, ", ");
}

void plot_cell_to_json(struct buf *out, const struct plot_cell *c)
{
	if (c->text)
		json_write_string(out, c->text, c->len);
	else if (!c->value || json_write(out, c->value, NULL, NULL) < 0)
		buf_adds(out, "null"); /* bytes, sets and complex numbers have no JSON */
}

static bool text_number(const char *text, size_t len, double *out)
{
	char copy[64];
	char *end;
	while (len && strchr(" \t", text[len - 1]))
		len--;
	if (!len || len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	*out = strtod(copy, &end);
	return *end == '\0';
}

bool plot_cell_number(const struct plot_cell *c, double *out)
{
	if (c->text)
		return text_number(c->text, c->len, out);
	if (!c->value)
		return false;
	const char *text = value_str(c->value);
	if (text)
		return text_number(text, c->value->str.len, out);
	if (!value_is_number(c->value))
		return false;
	*out = value_number(c->value);
	return true;
}

void plot_cell_add_text(struct buf *out, const struct plot_cell *c)
{
	if (c->text)
		buf_add(out, c->text, c->len);
	else if (c->value)
		value_add_str(out, c->value);
}
