/* The data of tables and the narrow layouts. The layout of the wide table is in table_wide.c. */
#include "ui/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/printable.h"
#include "base/str.h"
#include "text/csv.h"

enum { MIN_PADDING = 2 }; /* tabulate adds it to the width of a header */

void table_release(struct table *t)
{
	VEC_EACH (&t->columns, c)
		free(c->name);
	VEC_EACH (&t->rows, r)
		strlist_release(&r->cells);
	vec_release(&t->columns);
	vec_release(&t->rows);
}

size_t table_add_column(struct table *t, const char *name)
{
	struct table_column *c = vec_push(&t->columns);
	c->name = mem_strdup(name);
	VEC_EACH (&t->rows, r)
		strlist_add(&r->cells, t->fill);
	return t->columns.count - 1;
}

size_t table_add_row(struct table *t)
{
	struct table_row *r = vec_push(&t->rows);
	for (size_t i = 0; i < t->columns.count; i++)
		strlist_add(&r->cells, t->fill);
	return t->rows.count - 1;
}

void table_set(struct table *t, size_t row, size_t column, const char *text)
{
	char **cell = &t->rows.items[row].cells.items[column];
	free(*cell);
	*cell = mem_strdup(text);
}

static void make_printable(char **text)
{
	struct buf out = BUF_INIT;
	printable_add(&out, *text, strlen(*text), 0);
	free(*text);
	*text = buf_detach(&out);
}

void table_make_printable(struct table *t)
{
	VEC_EACH (&t->columns, c)
		make_printable(&c->name);
	VEC_EACH (&t->rows, r)
		for (size_t i = 0; i < r->cells.count; i++)
			make_printable(&r->cells.items[i]);
}

const char *table_get(const struct table *t, size_t row, size_t column)
{
	return t->rows.items[row].cells.items[column];
}

size_t table_find(const struct table *t, const char *name)
{
	for (size_t i = 0; i < t->columns.count; i++)
		if (strcmp(t->columns.items[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

void table_drop(struct table *t, size_t column)
{
	struct table_column *c = &t->columns.items[column];
	if (c->keep)
		return;
	free(c->name);

	memmove(c, c + 1, (--t->columns.count - column) * sizeof(*c));
	VEC_EACH (&t->rows, r)
		strlist_remove_at(&r->cells, column);
}

bool table_is_empty(const struct table *t, size_t column)
{
	for (size_t i = 0; i < t->rows.count; i++)
		if (!t->rows.items[i].is_title && strcmp(table_get(t, i, column), t->fill) != 0)
			return false;
	return true;
}

bool table_is_constant(const struct table *t, size_t column)
{
	const char *first = NULL;

	for (size_t i = 0; i < t->rows.count; i++) {
		if (t->rows.items[i].is_title)
			continue;
		if (!first)
			first = table_get(t, i, column);
		if (strcmp(table_get(t, i, column), first) != 0)
			return false;
	}
	return first != NULL;
}

/* Text without white space at both ends, and its display width. */
struct cell {
	const char *s;
	size_t len;
	int width;
};

/* tabulate strips cells before it measures them. */
static struct cell stripped(const char *s)
{
	while (*s && strchr(" \t\r\n\v\f", *s))
		s++;
	size_t len = strlen(s);
	while (len && strchr(" \t\r\n\v\f", s[len - 1]))
		len--;
	return (struct cell){s, len, str_display_width(s, len)};
}

/* One line of a cell of several lines; empty behind the last one. */
static struct cell line_of(struct cell c, size_t line)
{
	for (; line; line--) {
		const char *next = memchr(c.s, '\n', c.len);
		if (!next)
			return (struct cell){"", 0, 0};
		c.len -= (size_t)(next + 1 - c.s);
		c.s = next + 1;
	}

	const char *end = memchr(c.s, '\n', c.len);
	size_t len = end ? (size_t)(end - c.s) : c.len;
	return (struct cell){c.s, len, str_display_width(c.s, len)};
}

static size_t line_count(struct cell c)
{
	size_t n = 1;
	for (size_t i = 0; i < c.len; i++)
		n += c.s[i] == '\n';
	return n;
}

static int cell_width(struct cell c)
{
	int width = 0;
	for (size_t i = 0, n = line_count(c); i < n; i++)
		width = MAX(width, line_of(c, i).width);
	return width;
}

/* The display widths, header included. The caller frees them. */
static int *column_widths(const struct table *t)
{
	int *widths = mem_array(NULL, t->columns.count + 1, sizeof(*widths));
	for (size_t i = 0; i < t->columns.count; i++) {
		widths[i] = str_display_width(
				    t->columns.items[i].name, strlen(t->columns.items[i].name)) +
			    MIN_PADDING;
		for (size_t r = 0; r < t->rows.count; r++)
			widths[i] = MAX(widths[i], cell_width(stripped(table_get(t, r, i))));
	}
	return widths;
}

static void add_cells(struct buf *out, const struct table *t, const int *widths, char *const *cells,
	bool markdown)
{
	size_t lines = 1;
	for (size_t i = 0; i < t->columns.count; i++)
		lines = MAX(lines, line_count(stripped(cells[i])));

	for (size_t line = 0; line < lines; line++) {
		if (markdown)
			buf_adds(out, "| ");

		for (size_t i = 0; i < t->columns.count; i++) {
			struct cell c = line_of(stripped(cells[i]), line);
			if (i)
				buf_adds(out, markdown ? " | " : "  ");
			buf_add(out, c.s, c.len);
			buf_addn(out, ' ', (size_t)(widths[i] - c.width)); /* pad to the width */
		}

		if (markdown)
			buf_adds(out, " |");

		/* tabulate strips each line at the end */
		while (out->len && out->ptr[out->len - 1] == ' ')
			buf_truncate(out, out->len - 1);
		buf_addc(out, '\n');
	}
}

static void add_header(struct buf *out, const struct table *t, const int *widths, bool markdown)
{
	AUTO(mem_freep) char **names = mem_array(NULL, t->columns.count + 1, sizeof(*names));
	for (size_t i = 0; i < t->columns.count; i++)
		names[i] = t->columns.items[i].name;
	add_cells(out, t, widths, names, markdown);
}

void table_plain(struct buf *out, const struct table *t)
{
	if (!t->rows.count)
		return;
	AUTO(mem_freep) int *widths = column_widths(t);
	add_header(out, t, widths, false);
	VEC_EACH (&t->rows, r)
		add_cells(out, t, widths, r->cells.items, false);
}

void table_markdown(struct buf *out, const struct table *t)
{
	AUTO(mem_freep) int *widths = column_widths(t);
	add_header(out, t, widths, true);

	for (size_t i = 0; i < t->columns.count; i++) {
		buf_addc(out, '|');
		/* one dash for each blank beside the cell */
		buf_addn(out, '-', (size_t)widths[i] + 2);
	}
	buf_adds(out, "|\n");

	VEC_EACH (&t->rows, r)
		add_cells(out, t, widths, r->cells.items, true);

	buf_addc(out, '\n');
}

void table_csv(struct buf *out, const struct table *t)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	VEC_EACH (&t->columns, c)
		strlist_add(&names, c->name);
	csv_write_row(out, &names, ',');
	if (!names.count)
		return; /* without columns, rows would be blank lines */
	VEC_EACH (&t->rows, r)
		csv_write_row(out, &r->cells, ',');
}
