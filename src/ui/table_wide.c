/*
 * The layout and drawing of the wide table. Widths are computed as by rich: natural widths if they
 * fit. Otherwise columns that may collapse are dropped from the right; then the widest of the
 * columns that may wrap are narrowed step by step. Of adjacent dropped columns one stays, as a
 * column of ellipses.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "ui/table.h"

enum { PADDING = 2 }; /* one space on both sides of a cell */

struct range {
	int min, max;
};

struct shown { /* a column and its width, with padding */
	const struct table_column *column;
	size_t index;
	int width;
};

struct layout {
	VEC(struct shown) columns;
	int max_width; /* for all columns, without borders */
};

static int text_width(const char *s, size_t len)
{
	return str_display_width(s, len);
}

/* The least width (the longest word) and the natural width (the longest line), with padding. */
static struct range measure_text(const char *s, int max_width)
{
	struct range r = {0, 0};
	for (const char *line = s;; line++) {
		size_t n = strcspn(line, "\n");
		r.max = MAX(r.max, text_width(line, n));
		line += n;
		if (!*line)
			break;
	}

	for (const char *word = s; *word;) {
		size_t n = strcspn(word, " \t\n");
		r.min = MAX(r.min, text_width(word, n));
		word += n;
		word += strspn(word, " \t\n");
	}

	if (!r.min) /* only white space */
		r.min = r.max;

	if (max_width - PADDING < 1)
		return (struct range){max_width, max_width};
	r.min = MIN(MIN(r.min, max_width) + PADDING, max_width);
	r.max = MIN(MIN(r.max, max_width) + PADDING, max_width);
	return r;
}

static struct range measure_column(const struct table *t, const struct shown *c, int max_width)
{
	struct range all = {0, 0};

	if (max_width < 1)
		return all;

	for (size_t i = 0; i <= t->rows.count; i++) { /* 0 is the header */
		struct range r = measure_text(
			i ? table_get(t, i - 1, c->index) : c->column->name, max_width);
		all.min = MAX(all.min, r.min);
		all.max = MAX(all.max, r.max);
	}
	return all;
}

static int total(const struct layout *l)
{
	int sum = 0;
	VEC_EACH (&l->columns, c)
		sum += c->width;
	return sum;
}

/* Python's round(): halves go to the even number. */
static int round_even(double x)
{
	return (int)nearbyint(x);
}

/* Take `amount` columns of the terminal away, distributed by `ratios`, at most limits[i] from each
 * column. */
static void reduce(struct layout *l, int amount, const int *ratios, const int *limits)
{
	int ratio_sum = 0;
	for (size_t i = 0; i < l->columns.count; i++)
		ratio_sum += limits[i] ? ratios[i] : 0;

	for (size_t i = 0; i < l->columns.count; i++) {
		int ratio = limits[i] ? ratios[i] : 0;
		if (!ratio || ratio_sum <= 0)
			continue;

		int part = MIN(limits[i], round_even((double)ratio * amount / ratio_sum));
		l->columns.items[i].width -= part;
		amount -= part;
		ratio_sum -= ratio;
	}
}

/* Narrow the widest columns to the width of the second widest, until the table fits or all that may
 * wrap are equal. */
static void narrow_widest(struct layout *l)
{
	size_t n = l->columns.count;
	AUTO(mem_freep) int *ratios = mem_array(NULL, n, sizeof(*ratios));
	AUTO(mem_freep) int *limits = mem_array(NULL, n, sizeof(*limits));
	bool any = false;
	VEC_EACH (&l->columns, c)
		any |= !c->column->no_wrap;

	while (any && total(l) && total(l) > l->max_width) {
		int widest = 0, second = 0, excess = total(l) - l->max_width;
		VEC_EACH (&l->columns, c)
			if (!c->column->no_wrap)
				widest = MAX(widest, c->width);
		VEC_EACH (&l->columns, c)
			if (!c->column->no_wrap && c->width != widest)
				second = MAX(second, c->width);

		if (widest == second)
			return;

		for (size_t i = 0; i < n; i++) {
			const struct shown *c = &l->columns.items[i];
			ratios[i] = !c->column->no_wrap && c->width == widest;
			limits[i] = MIN(excess, widest - second);
		}

		reduce(l, excess, ratios, limits);
	}
}

static void shrink(struct layout *l, const struct table *t)
{
	int excess = total(l) - l->max_width;
	for (size_t i = l->columns.count; i-- > 0 && excess > 0;) {
		struct shown *c = &l->columns.items[i];
		if (!c->column->collapse)
			continue;
		excess -= c->width;
		c->width = 0;
	}

	narrow_widest(l);

	if (total(l) > l->max_width) { /* the last resort: narrow all columns evenly */
		size_t n = l->columns.count;
		AUTO(mem_freep) int *ratios = mem_array(NULL, n, sizeof(*ratios));
		AUTO(mem_freep) int *limits = mem_array(NULL, n, sizeof(*limits));
		for (size_t i = 0; i < n; i++) {
			ratios[i] = 1;
			limits[i] = l->columns.items[i].width;
		}
		reduce(l, total(l) - l->max_width, ratios, limits);
	}

	VEC_EACH (&l->columns, c)
		c->width = measure_column(t, c, c->width).max;
}

/* Of adjacent dropped columns keep one, wide enough for an ellipsis if that fits. */
static void fold_collapsed(struct layout *l)
{
	size_t last = SIZE_MAX;
	for (size_t i = l->columns.count; i-- > 0;) {
		if (l->columns.items[i].width || !l->columns.items[i].column->collapse) {
			last = SIZE_MAX;
			continue;
		}

		if (last != SIZE_MAX) {
			memmove(&l->columns.items[last], &l->columns.items[last + 1],
				(--l->columns.count - last) * sizeof(*l->columns.items));
			l->max_width++; /* the space of a border */
		}

		last = i;
		if (total(l) + PADDING <= l->max_width)
			l->columns.items[i].width = 1 + PADDING;
	}
}

/* Natural widths first; an empty column is still one column wide. */
static void find_widths(struct layout *l, const struct table *t)
{
	VEC_EACH (&l->columns, c) {
		c->width = measure_column(t, c, l->max_width).max;
		if (!c->width)
			c->width = 1;
	}
	if (total(l) > l->max_width)
		shrink(l, t);
	fold_collapsed(l);
}

/* ---- lines of a cell ---- */

static size_t fit(
	const char *s, size_t len, int width) /* bytes that fill at most `width` columns */
{
	size_t at = 0;
	while (at < len) {
		size_t next = at;
		(void)str_next_utf8(s, len, &next);
		if (text_width(s, next) > width)
			break;
		at = next;
	}
	return at;
}

/* Append a line of exactly `width` columns: padded, or cut with an ellipsis. */
static void add_line(struct strlist *lines, const char *s, size_t len, int width, bool right)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	if (right)
		while (len && s[len - 1] == ' ')
			len--;

	if (text_width(s, len) > width) {
		size_t part = fit(s, len, width - 1);
		buf_add(&line, s, part);
		buf_addn(&line, ' ', (size_t)MAX(0, width - 1 - text_width(s, part)));
		if (width > 0)
			buf_adds(&line, "…");
	} else {
		int pad = width - text_width(s, len);
		buf_addn(&line, ' ', right ? (size_t)pad : 0);
		buf_add(&line, s, len);
		buf_addn(&line, ' ', right ? 0 : (size_t)pad);
	}
	strlist_addn(lines, buf_str(&line), line.len);
}

/*
 * Break a line between words so that each part fits. A word that is too long gets a line of its
 * own, which add_line() cuts. `at` runs from word to word, each with the blanks around it, as in
 * rich.
 */
static void wrap_line(struct strlist *lines, const char *s, size_t len, int width, bool right)
{
	size_t start = 0; /* of the current line */
	int used = 0;     /* columns of the current line */
	for (size_t at = 0; at < len;) {
		size_t word = at + strspn(s + at, " ");
		word = MIN(word, len);
		size_t end = word;
		while (end < len && s[end] != ' ')
			end++;

		int w = text_width(s + at, end - at); /* without the blanks behind the word */
		while (end < len && s[end] == ' ')
			end++;

		bool fits = width - used >= w;
		if (!fits && at && (w > width || used)) {
			size_t stop = at;
			while (stop > start && s[stop - 1] == ' ' &&
				text_width(s + start, stop - start) > width)
				stop--;
			add_line(lines, s + start, stop - start, width, right);
			start = at;
			used = 0;
		}

		if (!fits && w > width)
			used = text_width(s + at, end - at);
		else
			used += text_width(s + at, end - at);
		at = end;
	}

	size_t stop = len;
	while (stop > start && s[stop - 1] == ' ' && text_width(s + start, stop - start) > width)
		stop--;
	add_line(lines, s + start, stop - start, width, right);
}

static void cell_lines(struct strlist *lines, const char *text, const struct shown *c)
{
	int width = MAX(0, c->width - PADDING);
	if (!width) { /* a dropped column */
		strlist_add(lines, "");
		return;
	}

	for (const char *p = text;; p++) {
		size_t n = strcspn(p, "\n");
		if (c->column->no_wrap)
			add_line(lines, p, n, width, c->column->right);
		else
			wrap_line(lines, p, n, width, c->column->right);
		p += n;
		if (!*p)
			return;
	}
}

/* ---- drawing ---- */

static const char *const header_styles[] = {[TABLE_INFO] = "\033[1;30;48;5;255m",
	[TABLE_METRIC] = "\033[1;30;48;5;230m",
	[TABLE_PARAM] = "\033[1;30;48;5;195m",
	[TABLE_DEP] = "\033[1;30;48;5;183m"};

/* `line` is NULL below the last line of the cell. */
static void add_cell(struct buf *out, const char *line, const struct shown *c, const char *style)
{
	if (style)
		buf_adds(out, style);
	if (c->width >= PADDING) {
		buf_addc(out, ' ');
		if (line)
			buf_adds(out, line);
		else
			buf_addn(out, ' ', (size_t)(c->width - PADDING));
		buf_addc(out, ' ');
	} else {
		buf_addn(out, ' ', (size_t)c->width);
	}
	if (style)
		buf_adds(out, "\033[0m");
}

static void add_row(
	struct buf *out, const struct layout *l, const struct table *t, size_t row, bool color)
{
	size_t n = l->columns.count, height = 1;
	bool header = row == 0; /* row 0 is the header */
	AUTO(mem_freep) struct strlist *cells = mem_zalloc(n * sizeof(*cells));

	for (size_t i = 0; i < n; i++) {
		const struct shown *c = &l->columns.items[i];
		cell_lines(
			&cells[i], header ? c->column->name : table_get(t, row - 1, c->index), c);
		height = MAX(height, cells[i].count);
	}

	for (size_t line = 0; line < height; line++) {
		buf_addc(out, ' ');
		for (size_t i = 0; i < n; i++) {
			const struct shown *c = &l->columns.items[i];
			size_t skip = header ? height - cells[i].count
					     : 0; /* headers stand at the bottom */
			const char *text = line >= skip && line - skip < cells[i].count
						   ? cells[i].items[line - skip]
						   : NULL;
			const char *style = !color   ? NULL
					    : header ? header_styles[c->column->group]
					    : t->rows.items[row - 1].bold ? "\033[1m"
									  : NULL;
			if (i)
				buf_addc(out, ' ');
			add_cell(out, text, c, style);
		}
		buf_adds(out, " \n");
	}

	for (size_t i = 0; i < n; i++)
		strlist_release(&cells[i]);
}

static void add_rule(struct buf *out, const struct layout *l)
{
	buf_addc(out, ' ');
	for (int i = total(l) + (int)l->columns.count - 1; i > 0; i--)
		buf_adds(out, "─");
	buf_adds(out, " \n");
}

/* Cut each line at the width of the screen. Escape sequences have no width. */
static void crop(struct buf *out, const struct buf *text, int width)
{
	int column = 0;
	for (size_t at = 0; at < text->len;) {
		size_t next = at;
		if (text->ptr[at] == '\033') {
			next = MIN(at + strcspn(text->ptr + at, "m") + 1, text->len);
			buf_add(out, text->ptr + at, next - at);
			at = next;
			continue;
		}

		(void)str_next_utf8(text->ptr, text->len, &next);
		if (text->ptr[at] == '\n')
			column = 0;
		else
			column += text_width(text->ptr + at, next - at);

		if (column <= width || text->ptr[at] == '\n')
			buf_add(out, text->ptr + at, next - at);
		at = next;
	}
}

void table_wide(struct buf *out, const struct table *t, int width, bool color)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	/* one space between columns, and one at both edges */
	struct layout l = {.max_width = width - 1 - (int)t->columns.count};
	if (!t->columns.count || !t->rows.count)
		return;

	for (size_t i = 0; i < t->columns.count; i++)
		*vec_push(&l.columns) = (struct shown){&t->columns.items[i], i, 0};
	find_widths(&l, t);

	add_rule(&text, &l);
	for (size_t row = 0; row <= t->rows.count; row++) {
		add_row(&text, &l, t, row, color);
		if (row == 0)
			add_rule(&text, &l);
	}
	add_rule(&text, &l);
	crop(out, &text, width);
	vec_release(&l.columns);
}
