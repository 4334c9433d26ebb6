/*
 * The rows of one data file of plots. A CSV or TSV file is a table whose cells are text, as in DVC.
 * A tree (JSON, YAML, TOML, Python) has rows where it has lists of maps; these lists are merged by
 * position.
 *
 * A table is read once and used by all plots that show the file, so it never changes after it was
 * made. CSV: 16 bytes for each cell beside its text. Trees: the parsed document.
 */
#ifndef PLOTS_PLOT_TABLE_H
#define PLOTS_PLOT_TABLE_H

#include "base/buf.h"
#include "base/strlist.h"
#include "base/vec.h"
#include "ops/readings.h"
#include "text/csv.h"
#include "text/value.h"

enum {
	PLOT_CELL_MAX = 131072,    /* characters of a CSV cell, as in Python's csv module */
	PLOT_MISSING_MAX = 1 << 24 /* cells that short rows of a CSV file may lack, in all */
};

struct plot_table {
	size_t rows;
	bool is_tree;
	/* CSV: the names of the columns, each once; the cell of column i is the places[i]-th of a
	 * row, and the cells of row r begin at starts[r] */
	struct strlist names;
	VEC(size_t) places;
	VEC(size_t) starts; /* rows + 1 */
	struct csv_cells cells;
	struct buf bytes;
	/* trees: one map for each row, borrowed from the arena of the document */
	VEC(struct value *) maps;
	/* the last key of the first row, which is plotted if no other is named; NULL: none */
	const char *last_key;
	/* Rows cannot be made of this document. DVC reports that for each plot that uses it. */
	struct reading_error fault;
	/* CSV: the first row that has more cells than the header, counted from 1 without it; 0:
	 * none. The extra cells are left out. */
	size_t long_row, long_row_cells;
};

void plot_table_release(struct plot_table *t);

/*
 * Read the text of a CSV file, or with `delimiter` '\t' of a TSV file, in UTF-8 with "\n" as line
 * ends. Without a header the columns are named "0", "1", … Fails: ERR_VALUE, a cell is longer than
 * PLOT_CELL_MAX or rows lack more than PLOT_MISSING_MAX cells.
 */
int plot_table_from_csv(struct plot_table *t, const char *text, size_t len, char delimiter,
	bool has_header, struct err *err);
/* The rows of a document, which lives in `a`. Never fails: see `fault`. */
void plot_table_from_tree(struct plot_table *t, struct value *document, struct arena *a);

/* A cell: text of a CSV file, or a value of a tree. */
struct plot_cell {
	const char *text; /* NULL: a value */
	size_t len;
	const struct value *value; /* NULL in a cell without text: a short row has no such cell */
};

/* The column of that name, to be passed on to plot_table_cell(); a tree has the same one for every
 * name. False: the first row has no such field. */
bool plot_table_column(const struct plot_table *t, const char *name, size_t *out_column);
/* The cell of a row. False: this row of a tree has no such key. */
bool plot_table_cell(const struct plot_table *t, size_t row, size_t column, const char *name,
	struct plot_cell *out);
/* The keys of the first row, as DVC lists them: "a, b". Heap string. */
char *plot_table_fields(const struct plot_table *t);

void plot_cell_to_json(struct buf *out, const struct plot_cell *c);
/* The cell as a number; false: it is none. An empty cell counts as none. */
bool plot_cell_number(const struct plot_cell *c, double *out);
/* The cell as text; a missing one is "". */
void plot_cell_add_text(struct buf *out, const struct plot_cell *c);

#endif
