/*
 * Tables for people: plain columns, Markdown, CSV, and the wide table of experiments, which gives
 * up columns when the terminal is narrow. Layouts are those of DVC (which uses the Python libraries
 * tabulate and rich), to the space.
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
	bool collapse; /* may be given up when space is short */
	bool keep;     /* table_drop() leaves it alone */
};

struct table_row {
	struct strlist cells; /* one a column */
	bool bold;
};

struct table {
	VEC(struct table_column) columns;
	VEC(struct table_row) rows;
	const char *fill; /* what stands in cells without a value, borrowed */
};

#define TABLE_INIT(fill_text) ((struct table){.fill = fill_text})

void table_release(struct table *t);
/* A new column after the others; cells of rows that are there get the fill value. Returns its
 * index. */
size_t table_add_column(struct table *t, const char *name);
/* A new row of fill values. Returns its index. */
size_t table_add_row(struct table *t);
void table_set(struct table *t, size_t row, size_t column, const char *text);
const char *table_get(const struct table *t, size_t row, size_t column);
size_t table_find(const struct table *t, const char *name); /* SIZE_MAX when there is none */
void table_drop(struct table *t, size_t column);
bool table_is_empty(const struct table *t, size_t column);    /* nothing but fill values */
bool table_is_constant(const struct table *t, size_t column); /* one value in all rows */

/* Each appends the whole table; the plain one is empty without rows. */
void table_plain(struct buf *out, const struct table *t);
void table_markdown(struct buf *out, const struct table *t); /* with DVC's blank line at the end */
void table_csv(struct buf *out, const struct table *t);

/* Make what is in it fit for a terminal (base/printable.h), so that columns keep their widths. */
void table_make_printable(struct table *t);

enum { TABLE_UNLIMITED = 1024 };
/* The table of experiments, `width` terminal columns wide at most; `color`: with terminal colours.
 */
void table_wide(struct buf *out, const struct table *t, int width, bool color);

#endif
