/*
 * Tables for users: plain columns, Markdown, CSV, and the wide table of experiments, which drops
 * columns when the terminal is narrow. The layouts equal DVC's (the Python libraries tabulate and
 * rich) to the byte.
 */
#ifndef UI_TABLE_H
#define UI_TABLE_H

#include "base/buf.h"
#include "base/strlist.h"
#include "base/vec.h"

enum table_group { TABLE_INFO, TABLE_METRIC, TABLE_PARAM, TABLE_DEP }; /* colours of headers */

struct table_column {
	char *name;
	enum table_group group;
	bool right;    /* aligned to the right in the wide table */
	bool no_wrap;  /* cut with an ellipsis instead of wrapped over lines */
	bool collapse; /* may be dropped when space is short */
	bool keep;     /* table_drop() does not remove it */
};

struct table_row {
	struct strlist cells; /* one per column */
	bool bold;
	bool is_title; /* of the rows that follow; its other cells are blank and count for nothing
			*/
};

struct table {
	VEC(struct table_column) columns;
	VEC(struct table_row) rows;
	const char *fill; /* text of cells without a value, borrowed */
};

#define TABLE_INIT(fill_text) ((struct table){.fill = fill_text})

void table_release(struct table *t);
/* Append a column; existing rows get the fill value. Returns its index. */
size_t table_add_column(struct table *t, const char *name);
/* Append a row of fill values. Returns its index. */
size_t table_add_row(struct table *t);
void table_set(struct table *t, size_t row, size_t column, const char *text);
const char *table_get(const struct table *t, size_t row, size_t column);
size_t table_find(const struct table *t, const char *name); /* SIZE_MAX when there is none */
void table_drop(struct table *t, size_t column);
bool table_is_empty(const struct table *t, size_t column);    /* has only fill values */
bool table_is_constant(const struct table *t, size_t column); /* has the same value in all rows */

/* Each function appends the whole table. The plain table is empty when there are no rows. */
void table_plain(struct buf *out, const struct table *t);
/* with a blank line at the end, as in DVC */
void table_markdown(struct buf *out, const struct table *t);
void table_csv(struct buf *out, const struct table *t);

/* Replace control characters in all texts (base/printable.h). Done before widths are computed. */
void table_make_printable(struct table *t);

enum { TABLE_UNLIMITED = 1024 };
/* The table of experiments, at most `width` terminal columns wide; with `color` in colours. */
void table_wide(struct buf *out, const struct table *t, int width, bool color);

#endif
