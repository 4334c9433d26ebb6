#include "text/csv.h"

#include <string.h>

void csv_write_row(struct buf *out, const struct strlist *fields, char delimiter)
{
	for (size_t i = 0; i < fields->count; i++) {
		const char *s = fields->items[i];
		if (i)
			buf_addc(out, delimiter);

		bool quote = strchr(s, '"') || strpbrk(s, "\r\n") || (*s && strchr(s, delimiter)) ||
			     /* an empty line would be skipped by readers */
			     (!*s && fields->count == 1);
		if (!quote) {
			buf_adds(out, s);
			continue;
		}
		buf_addc(out, '"');
		for (; *s; s++) {
			if (*s == '"')
				buf_addc(out, '"');
			buf_addc(out, *s);
		}
		buf_addc(out, '"');
	}
	buf_adds(out, "\r\n");
}

/* Read one field. A quoted field ends at its closing quote; text between that and the delimiter is
 * appended as it is, as in Python. */
static void read_field(struct csv_reader *r, struct buf *field)
{
	bool quoted = r->at < r->len && r->text[r->at] == '"';
	if (quoted)
		r->at++;

	while (r->at < r->len) {
		char c = r->text[r->at];
		if (quoted && c == '"') {
			r->at++;
			/* a doubled quote is a quote */
			if (r->at < r->len && r->text[r->at] == '"') {
				buf_addc(field, '"');
				r->at++;
			} else {
				quoted = false;
			}
			continue;
		}

		if (!quoted && (c == r->delimiter || c == '\n' || c == '\r'))
			return;
		buf_addc(field, c);
		r->at++;
	}
}

bool csv_next_cells(struct csv_reader *r, struct buf *bytes, struct csv_cells *cells)
{
	/* blank lines are no rows */
	while (r->at < r->len && (r->text[r->at] == '\n' || r->text[r->at] == '\r'))
		r->at++;

	if (r->at >= r->len)
		return false;

	/* fields until something other than a delimiter follows */
	for (;;) {
		size_t begin = bytes->len;
		read_field(r, bytes);
		*vec_push(cells) = (struct csv_cell){begin, bytes->len - begin};
		if (r->at >= r->len || r->text[r->at] != r->delimiter)
			break;
		r->at++;
	}

	/* one line end: \n, \r or \r\n */
	if (r->at < r->len && r->text[r->at] == '\r')
		r->at++;
	if (r->at < r->len && r->text[r->at] == '\n')
		r->at++;
	return true;
}

bool csv_next(struct csv_reader *r, struct strlist *out_fields)
{
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	struct csv_cells cells = {0};
	bool more = csv_next_cells(r, &bytes, &cells);

	strlist_clear(out_fields);
	VEC_EACH (&cells, c)
		strlist_addn(out_fields, buf_str(&bytes) + c->at, c->len);
	vec_release(&cells);
	return more;
}
