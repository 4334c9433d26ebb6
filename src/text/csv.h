/* CSV and TSV in the default dialect of Python's csv module. */
#ifndef TEXT_CSV_H
#define TEXT_CSV_H

#include "base/buf.h"
#include "base/strlist.h"
#include "base/vec.h"

/* Append one row, which ends in "\r\n". A field that contains the delimiter, a quote or a line
 * break is quoted. */
void csv_write_row(struct buf *out, const struct strlist *fields, char delimiter);

struct csv_reader {
	const char *text;
	size_t len, at;
	char delimiter;
};

/* A field of a row: a range of bytes in the buffer that the reader filled. */
struct csv_cell {
	size_t at, len;
};
VEC_TYPE(csv_cells, struct csv_cell);

/* Append the fields of the next row to `cells`, and their bytes to `bytes`: for files with many
 * rows, since no field is a string of its own. Blank lines are skipped. False at the end. */
bool csv_next_cells(struct csv_reader *r, struct buf *bytes, struct csv_cells *cells);

/* Fill `out_fields` with the next row; blank lines are skipped. False at the end. Lines may end
 * with \n, \r\n or \r. */
bool csv_next(struct csv_reader *r, struct strlist *out_fields);

#endif
