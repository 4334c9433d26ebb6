/*
 * CSV and TSV as Python's csv module writes and reads them by default.
 */
#ifndef TEXT_CSV_H
#define TEXT_CSV_H

#include "base/buf.h"
#include "base/strlist.h"

/* Append one row ending in "\r\n". A field is quoted when it holds the delimiter, a quote or a line
 * break. */
void csv_write_row(struct buf *out, const struct strlist *fields, char delimiter);

struct csv_reader {
	const char *text;
	size_t len, at;
	char delimiter;
};

/* Fill `out_fields` with the next row (blank lines are skipped); false at the end. Lines end with
 * \n, \r\n or \r. */
bool csv_next(struct csv_reader *r, struct strlist *out_fields);

#endif
