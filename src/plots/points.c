/* Writes points as JSON, directly from the cells of their rows. */
#include "plots/points.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/json.h"

#define CONCAT "filename::field"

enum plot_varied plot_varied(const struct plot *p)
{
	bool files = false, fields = false;
	VEC_EACH (&p->ys, y) {
		files |= strcmp(y->short_file, p->ys.items[0].short_file) != 0;
		fields |= strcmp(y->field, p->ys.items[0].field) != 0;
	}
	return files    ? fields ? PLOT_VARIED_BOTH : PLOT_VARIED_FILENAME
	       : fields ? PLOT_VARIED_FIELD
			: PLOT_VARIED_NONE;
}

const char *plot_varied_field(enum plot_varied v)
{
	static const char *const names[] = {NULL, "filename", "field", CONCAT};
	return names[v];
}

char *plot_varied_value(enum plot_varied v, const char *short_file, const char *field)
{
	switch (v) {
	case PLOT_VARIED_FILENAME:
		return mem_strdup(short_file);
	case PLOT_VARIED_FIELD:
		return mem_strdup(field);
	case PLOT_VARIED_BOTH:
		return mem_printf("%s::%s", short_file, field);
	default:
		return mem_strdup("");
	}
}

/* ---- Fields that are set beside those of the row ---- */

enum extra_kind {
	EXTRA_CONSTANT, /* `json` */
	EXTRA_INDEX,    /* the number of the row */
	EXTRA_CELL,     /* a cell of `table` */
};

struct extra {
	const char *name;
	enum extra_kind kind;
	char *json; /* heap */
	const struct plot_table *table;
	const char *field;
	size_t column;
};

enum { EXTRAS_MAX = 6 };

/* How the rows of one series become points. */
struct writer {
	struct buf *out;
	const struct plot_series *series;
	struct extra extras[EXTRAS_MAX];
	size_t count;
	const char *removed[2]; /* fields of the row that are left out; NULL: none */
	/* CSV: the key of each column as `"name": `, in one buffer, and what it stands for */
	struct buf keys;
	size_t *key_ends;
	size_t *extra_of; /* the extra that replaces the column, plus one; SIZE_MAX: left out */
};

static void add_constant(struct writer *w, const char *name, const char *text)
{
	AUTO(buf_release) struct buf json = BUF_INIT;
	json_write_string(&json, text, strlen(text));
	w->extras[w->count++] = (struct extra){
		.name = name, .kind = EXTRA_CONSTANT, .json = buf_detach(&json)};
}

static void add_cell(
	struct writer *w, const char *name, const struct plot_table *table, const char *field)
{
	struct extra *e = &w->extras[w->count++];
	*e = (struct extra){.name = name, .kind = EXTRA_CELL, .table = table, .field = field};
	(void)plot_table_column(table, field, &e->column);
}

static bool keeps(enum plot_keep keep, enum plot_varied v, enum plot_varied field)
{
	return keep == PLOT_KEEP_BOTH || v == field;
}

/* In the order in which DVC sets them. */
static void set_extras(struct writer *w, const struct plot *p, enum plot_keep keep)
{
	const struct plot_series *s = w->series;
	enum plot_varied v = plot_varied(p);
	size_t removed = 0;

	if (s->y_name)
		add_cell(w, s->y_name, s->rows, s->y_field);
	if (s->x_field)
		add_cell(w, s->x_name, s->x_rows, s->x_field);
	else
		w->extras[w->count++] = (struct extra){.name = s->x_name, .kind = EXTRA_INDEX};
	add_constant(w, "rev", s->rev);
	if (keeps(keep, v, PLOT_VARIED_FILENAME))
		add_constant(w, "filename", s->short_file);
	else
		w->removed[removed++] = "filename";
	if (keeps(keep, v, PLOT_VARIED_FIELD))
		add_constant(w, "field", s->y_field);
	else
		w->removed[removed++] = "field";
	if (v == PLOT_VARIED_BOTH && keep != PLOT_KEEP_BOTH) {
		AUTO(mem_freep) char *both = plot_varied_value(v, s->short_file, s->y_field);
		add_constant(w, CONCAT, both);
	}
}

static size_t find_extra(const struct writer *w, const char *name)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->extras[i].name, name) == 0)
			return i;
	return w->count;
}

static bool is_left_out(const struct writer *w, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(w->removed); i++)
		if (w->removed[i] && strcmp(w->removed[i], name) == 0)
			return true;
	return false;
}

static void plan_columns(struct writer *w)
{
	const struct strlist *names = &w->series->rows->names;
	w->key_ends = mem_array(NULL, names->count + 1, sizeof(*w->key_ends));
	w->extra_of = mem_array(NULL, names->count + 1, sizeof(*w->extra_of));
	for (size_t i = 0; i < names->count; i++) {
		size_t extra = find_extra(w, names->items[i]);
		w->extra_of[i] = extra < w->count                  ? extra + 1
				 : is_left_out(w, names->items[i]) ? SIZE_MAX
								   : 0;
		json_write_string(&w->keys, names->items[i], strlen(names->items[i]));
		buf_adds(&w->keys, ": ");
		w->key_ends[i] = w->keys.len;
	}
}

/* Append the value of an extra; false: this row has none. */
static bool extra_cell(const struct extra *e, size_t row, struct plot_cell *out)
{
	return plot_table_cell(e->table, row, e->column, e->field, out);
}

static void write_extra(struct writer *w, const struct extra *e, size_t row)
{
	struct plot_cell cell;
	if (e->kind == EXTRA_CONSTANT)
		buf_adds(w->out, e->json);
	else if (e->kind == EXTRA_INDEX)
		buf_addf(w->out, "%zu", row);
	else if (extra_cell(e, row, &cell))
		plot_cell_to_json(w->out, &cell);
}

static void separate(struct writer *w, size_t begin)
{
	if (w->out->len > begin)
		buf_adds(w->out, ", ");
}

/* Append the extras that have replaced no field of the row. `done` has a bit for each other one. */
static void write_rest(struct writer *w, size_t row, unsigned done, size_t begin)
{
	struct plot_cell cell;
	for (size_t i = 0; i < w->count; i++) {
		const struct extra *e = &w->extras[i];
		if (done & 1U << i || (e->kind == EXTRA_CELL && !extra_cell(e, row, &cell)))
			continue;
		separate(w, begin);
		json_write_string(w->out, e->name, strlen(e->name));
		buf_adds(w->out, ": ");
		write_extra(w, e, row);
	}
}

static void write_csv_row(struct writer *w, size_t row)
{
	const struct plot_table *t = w->series->rows;
	size_t begin = w->out->len;
	unsigned done = 0;
	for (size_t i = 0; i < t->names.count; i++) {
		struct plot_cell cell;
		size_t extra = w->extra_of[i], key = i ? w->key_ends[i - 1] : 0;
		if (extra == SIZE_MAX)
			continue;
		separate(w, begin);
		buf_add(w->out, w->keys.ptr + key, w->key_ends[i] - key);
		if (extra) {
			write_extra(w, &w->extras[extra - 1], row);
			done |= 1U << (extra - 1);
			continue;
		}
		(void)plot_table_cell(t, row, i, NULL, &cell);
		plot_cell_to_json(w->out, &cell);
	}
	write_rest(w, row, done, begin);
}

static void write_tree_row(struct writer *w, size_t row)
{
	const struct value *map = w->series->rows->maps.items[row];
	size_t begin = w->out->len;
	unsigned done = 0;
	for (size_t i = 0; i < map->list.count; i++) {
		const struct value_item *it = &map->list.items[i];
		struct plot_cell own = {.value = it->value}, cell;
		size_t extra = find_extra(w, it->key);
		if (extra == w->count && is_left_out(w, it->key))
			continue;
		separate(w, begin);
		json_write_string(w->out, it->key, it->key_len);
		buf_adds(w->out, ": ");
		if (extra < w->count)
			done |= 1U << extra;
		/* a row without the field that would replace it keeps its own */
		if (extra < w->count && (w->extras[extra].kind != EXTRA_CELL ||
						extra_cell(&w->extras[extra], row, &cell)))
			write_extra(w, &w->extras[extra], row);
		else
			plot_cell_to_json(w->out, &own);
	}
	write_rest(w, row, done, begin);
}

static void write_series(struct buf *out, const struct plot *p, const struct plot_series *s,
	enum plot_keep keep, bool first, uint64_t max_bytes)
{
	struct writer w = {.out = out, .series = s};
	set_extras(&w, p, keep);
	if (!s->rows->is_tree)
		plan_columns(&w);
	for (size_t i = 0; i < plot_series_count(s) && out->len <= max_bytes; i++) {
		size_t row = plot_series_row(s, i);
		buf_adds(out, first && i == 0 ? "{" : ", {");
		if (s->rows->is_tree)
			write_tree_row(&w, row);
		else
			write_csv_row(&w, row);
		buf_addc(out, '}');
	}
	for (size_t i = 0; i < w.count; i++)
		free(w.extras[i].json);
	buf_release(&w.keys);
	free(w.key_ends);
	free(w.extra_of);
}

bool plot_points_to_json(
	struct buf *out, const struct plot *p, enum plot_keep keep, uint64_t max_bytes)
{
	size_t begin = out->len + 1;
	uint64_t end = max_bytes < UINT64_MAX - begin ? begin + max_bytes : UINT64_MAX;
	buf_addc(out, '[');
	VEC_EACH (&p->series, s)
		if (out->len <= end)
			write_series(out, p, s, keep, out->len == begin, end);
	buf_addc(out, ']');
	return out->len <= end;
}

/* ---- Numbers ---- */

size_t plot_series_count(const struct plot_series *s)
{
	return s->picked ? s->picked_count : s->rows->rows;
}

size_t plot_series_row(const struct plot_series *s, size_t i)
{
	return s->picked ? s->picked[i] : i;
}

static bool named_cell(
	const struct plot_table *t, size_t row, const char *name, struct plot_cell *out)
{
	size_t column;
	if (t->is_tree)
		return plot_table_cell(t, row, 0, name, out);
	return plot_table_column(t, name, &column) && plot_table_cell(t, row, column, name, out);
}

bool plot_point_x(
	const struct plot *p, const struct plot_series *s, size_t row, struct plot_cell *out)
{
	*out = (struct plot_cell){0};
	if (strcmp(p->x, s->x_name) != 0)
		return named_cell(s->rows, row, p->x, out);
	return !s->x_field || named_cell(s->x_rows, row, s->x_field, out);
}

bool plot_point_y(
	const struct plot *p, const struct plot_series *s, size_t row, struct plot_cell *out)
{
	*out = (struct plot_cell){0};
	if (s->y_name && strcmp(p->y, s->y_name) == 0)
		return named_cell(s->rows, row, s->y_field, out);
	return named_cell(s->rows, row, p->y, out);
}
