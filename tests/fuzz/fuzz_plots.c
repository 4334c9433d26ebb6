/* Input: two bytes of settings, then a template, the properties of a plot (both JSON) and a data
 * file, set apart by NUL bytes. The rows of a CSV file are those of csv_next(); each row of a drawn
 * series is one point, and points and the filled template are JSON. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "plots/series.h"
#include "plots/template.h"
#include "plots/terminal.h"
#include "text/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* The part of the input up to the next NUL byte. Heap string. */
static char *take_part(const uint8_t **data, size_t *size)
{
	size_t len = strnlen((const char *)*data, *size);
	char *part = mem_strndup((const char *)*data, len);
	len += len < *size;
	*data += len;
	*size -= len;
	return part;
}

/* The columns are told by their names, the last one of a name counts; rows may be short or long. */
static void check_table(
	const struct plot_table *t, const char *text, char delimiter, bool has_header)
{
	struct csv_reader r = {.text = text, .len = strlen(text), .delimiter = delimiter};
	AUTO(strlist_release) struct strlist header = STRLIST_INIT;
	AUTO(strlist_release) struct strlist row = STRLIST_INIT;
	size_t rows = 0;
	if (has_header && !csv_next(&r, &header))
		check(t->rows == 0);
	for (; csv_next(&r, &row); rows++) {
		check(rows < t->rows);
		for (size_t i = 0; i < t->names.count; i++) {
			struct plot_cell cell;
			size_t place = t->places.items[i];
			check(plot_table_cell(t, rows, i, NULL, &cell));
			check((cell.text != NULL) == (place < row.count));
			check(!cell.text ||
				(cell.len == strlen(row.items[place]) &&
					memcmp(cell.text, row.items[place], cell.len) == 0));
			check(!has_header || strcmp(t->names.items[i], header.items[place]) == 0);
		}
		strlist_clear(&row);
	}
	check(rows == t->rows);
}

/* Read the data as `read_text` of plots/source.c does. False: an error, which is fine. */
static bool read_source(struct plot_source *s, const char *text, unsigned settings, struct arena *a)
{
	char delimiter = settings & 1 ? ',' : '\t';
	bool has_header = settings & 2;
	struct value *document = NULL;
	if (settings & 4) {
		if (json_parse(a, text, strlen(text), &document, NULL) < 0)
			return false;
		plot_table_from_tree(&s->table, document, a);
		s->empty = value_is_falsy(document);
		return true;
	}
	if (strchr(text, '\r') ||
		plot_table_from_csv(&s->table, text, strlen(text), delimiter, has_header, NULL) < 0)
		return false;
	check_table(&s->table, text, delimiter, has_header);
	s->empty = !s->table.rows;
	return true;
}

static void check_points(const struct plot *p, enum plot_keep keep)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct value *list;
	check(plot_points_to_json(&out, p, keep, 1 << 30));
	check(json_parse(&a, buf_str(&out), out.len, &list, NULL) == 0);
	check(value_is_list(list) && list->list.count == p->points);
	for (size_t i = 0; i < list->list.count; i++)
		check(value_get_str(list->list.items[i].value, "rev") != NULL);
}

static void check_template(const struct plot *p, const struct value *template, bool split)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct value *filled, *parsed, *definitions = split ? value_map(&a) : NULL;
	if (plot_template_fill(template, p, &a, &filled, definitions, NULL) < 0)
		return;
	check(json_write(&out, filled, NULL, NULL) == 0);
	if (definitions)
		check(value_get(definitions, "<DVC_METRIC_DATA>") != NULL);
	/* a filled document may be deeper than what is read */
	if (out.len < 4096)
		check(json_parse(&a, buf_str(&out), out.len, &parsed, NULL) == 0);
}

static void draw(struct plot *p, unsigned settings)
{
	static const char *const templates[] = {NULL, "scatter", "bar_horizontal_sorted",
		"confusion_normalized", "heatmap", "histogram", "box", "parallel"};
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct chart_style style = {.width = (int)(settings >> 5), .unicode = settings & 8};
	p->template = templates[settings >> 5 & 7];
	plot_draw(&out, p, &style);
}

/* The files of x and y. All have the same content. */
static void add_files(const struct value *properties, struct plot_source *s, struct strlist *files,
	struct plot_sources *sources)
{
	static const char *const axes[] = {"y", "x"};
	strlist_add(files, "f");
	for (size_t axis = 0; axis < ARRAY_SIZE(axes); axis++) {
		const struct value *v = value_get(properties, axes[axis]);
		for (size_t i = 0; value_is(v, VALUE_MAP) && i < v->list.count; i++)
			strlist_add_once(files, v->list.items[i].key);
	}
	for (size_t i = 0; i < files->count; i++)
		(void)map_set(&sources->by_path, files->items[i], s);
}

static void show(struct plot *p, struct plot_source *s, const struct value *properties,
	const struct value *template, unsigned settings, struct arena *a)
{
	AUTO(strlist_release) struct strlist files = STRLIST_INIT;
	struct plot_sources sources = {MAP_INIT};
	struct reading_error why = {0};
	add_files(properties, s, &files, &sources);
	int r = plot_add_series(p, "workspace", "f", properties, &files, &sources, a, &why);
	if (r == 0 && settings & 16)
		r = plot_add_series(p, "v1", "f", properties, &files, &sources, a, &why);
	check((r < 0) == (why.type != NULL));
	if (p->points) {
		check_points(p, PLOT_KEEP_VARIED);
		check_points(p, PLOT_KEEP_BOTH);
		check_template(p, template, settings & 8);
		draw(p, settings);
	}
	map_release(&sources.by_path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *template = NULL, *properties = NULL;
	if (size < 2)
		return 0;
	unsigned settings = data[0] | (unsigned)data[1] << 8;
	data += 2;
	size -= 2;
	AUTO(mem_freep) char *first = take_part(&data, &size);
	AUTO(mem_freep) char *second = take_part(&data, &size);
	AUTO(mem_freep) char *third = take_part(&data, &size);
	if (json_parse(&a, first, strlen(first), &template, NULL) < 0 ||
		!value_is(template, VALUE_MAP))
		template = value_map(&a);
	if (json_parse(&a, second, strlen(second), &properties, NULL) < 0 ||
		!value_is(properties, VALUE_MAP))
		properties = value_map(&a);

	struct plot_source *s = NEW(struct plot_source);
	struct plot p = {.id = "f", .title = "f"};
	if (read_source(s, third, settings, &a))
		show(&p, s, properties, template, settings, &a);
	strlist_release(&p.revs);
	vec_release(&p.ys);
	vec_release(&p.series);
	plot_source_free(s);
	return 0;
}
