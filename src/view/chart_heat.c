/* Matrices of shaded cells with numbers, one after the other: confusion matrices. */
#include <math.h>

#include "base/alloc.h"
#include "view/chart_int.h"

struct heat {
	size_t rows, columns; /* drawn */
	size_t all_columns;   /* of the data */
	int cell_width, cell_height;
	bool numbers;    /* are they written into cells? */
	int label_width; /* of the names of rows */
	double largest;  /* the darkest shade */
	int x;           /* left column of the cells */
	bool titled;     /* has each matrix a line above it? */
};

/* Sixteen colours have no shades. */
static bool has_shades(const struct frame *f)
{
	return f->colors == CANVAS_RGB || f->colors == CANVAS_256;
}

static double value_at(
	const struct chart_series *s, const struct heat *h, size_t row, size_t column)
{
	size_t i = row * h->all_columns + column;
	return i < s->count ? s->y[i] : (double)NAN;
}

static void value_text(const struct frame *f, double value, struct buf *out)
{
	if (f->chart->normalized)
		buf_addf(out, "%.2f", value == 0 ? 0 : value);
	else
		ticks_add_short(out, value);
}

/* ---- layout ---- */

static int widest_number(const struct frame *f)
{
	int widest = 1;
	for (size_t k = 0; k < f->chart->series_count; k++)
		for (size_t i = 0; i < f->chart->series[k].count; i++) {
			AUTO(buf_release) struct buf text = BUF_INIT;
			if (!isfinite(f->chart->series[k].y[i]))
				continue;
			value_text(f, f->chart->series[k].y[i], &text);
			widest = MAX(widest, (int)text.len);
		}
	return widest;
}

static int widest_name(const struct chart_names *n)
{
	int widest = 0;
	for (size_t i = 0; i < n->count; i++)
		widest = MAX(widest, canvas_text_width(names_at(n, i)));
	return widest;
}

static void plan(struct frame *f, struct heat *h)
{
	const struct chart *c = f->chart;
	size_t cells = 0;
	for (size_t k = 0; k < c->series_count; k++) {
		cells = MAX(cells, c->series[k].count);
		for (size_t i = 0; i < c->series[k].count; i++)
			if (isfinite(c->series[k].y[i]))
				h->largest = fmax(h->largest, c->series[k].y[i]);
	}
	if (c->normalized)
		h->largest = fmax(h->largest, 1);

	h->titled = is_shown(c->x_label) || is_shown(c->y_label);
	for (size_t k = 0; k < c->series_count; k++)
		h->titled |= is_shown(c->series[k].name);
	h->all_columns = MAX(c->categories.count, 1);
	size_t all_rows = MAX(c->y_categories.count, (cells + h->all_columns - 1) / h->all_columns);
	h->label_width = MIN(widest_name(&c->y_categories), f->width / 3);
	h->x = h->label_width + 1;

	int number = widest_number(f) + (!has_shades(f) ? 3 : 2);
	int room = (f->width - h->x) / (int)MIN(h->all_columns, (size_t)CANVAS_MAX);
	h->numbers = room >= number;
	/* wide enough for the names, if they are short */
	h->cell_width = h->numbers
				? MAX(number, MIN(MIN(widest_name(&c->categories) + 2, 12), room))
				: MAX(MIN(room, 2), 1);
	h->columns = MIN(h->all_columns, (size_t)MAX((f->width - h->x) / h->cell_width, 1));

	int most_rows = f->height_given ? MAX(f->height - 2, 1) : CANVAS_MAX / 4;
	h->rows = MIN(all_rows, (size_t)most_rows);
	h->cell_height = h->cell_width >= 6 && has_shades(f) && h->rows * 3 <= 24 &&
					 (int)h->rows * 3 <= most_rows
				 ? 3
				 : 1;
	if (h->columns < h->all_columns)
		strlist_addf(&f->remarks, "not drawn: %zu of %zu columns",
			h->all_columns - h->columns, h->all_columns);
	if (h->rows < all_rows)
		strlist_addf(
			&f->remarks, "not drawn: %zu of %zu rows", all_rows - h->rows, all_rows);
}

/* ---- drawing ---- */

/* Between the stops of "Blues" of ColorBrewer, a sequential scheme from white to dark. */
static uint32_t mixed_color(double share)
{
	static const uint32_t stops[] = {0xf7fbff, 0xdeebf7, 0xc6dbef, 0x9ecae1, 0x6baed6, 0x4292c6,
		0x2171b5, 0x08519c, 0x08306b};
	const size_t last = ARRAY_SIZE(stops) - 1;
	double at = share * (double)last;
	size_t i = MIN((size_t)at, last - 1);
	double rest = at - (double)i;
	uint32_t rgb = 0;
	for (int shift = 16; shift >= 0; shift -= 8) {
		double from = stops[i] >> shift & 0xff, to = stops[i + 1] >> shift & 0xff;
		rgb = rgb << 8 | (uint32_t)lround(from + (to - from) * rest);
	}
	return rgb;
}

/* Of the 256 colours only these make an even way; the nearest ones of a mixture do not. */
static uint32_t shade_color(const struct frame *f, double share)
{
	static const uint32_t fixed[] = {
		0xeeeeee, 0xd7ffff, 0xafd7ff, 0x87afd7, 0x5f87d7, 0x005faf, 0x00005f};
	share = fmin(fmax(share, 0), 1);
	if (f->colors == CANVAS_RGB)
		return mixed_color(share);
	const size_t last = ARRAY_SIZE(fixed) - 1; /* the first one is for zero */
	return fixed[(size_t)ceil(share * (double)last)];
}

static struct mark shade_mark(double share)
{
	static const struct mark shades[] = {
		{0xB7, '.'}, {0x2591, ':'}, {0x2592, '+'}, {0x2593, '#'}, {0x2588, '@'}};
	if (share <= 0)
		return shades[0];
	return shades[1 + MIN((size_t)(share * 4), (size_t)3)];
}

/* With shades the cell is filled. Without: one character of shade stands before the number. */
static void draw_cell(struct frame *f, const struct heat *h, double value, int x, int y)
{
	double share = h->largest > 0 ? value / h->largest : 0;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct ink ink = {0};
	if (!isfinite(value))
		return;
	value_text(f, value, &text);

	if (!has_shades(f)) {
		struct mark shade = shade_mark(share);
		int width = h->numbers ? 1 : MAX(h->cell_width - (h->cell_width > 1), 1);
		for (int i = 0; i < width; i++)
			canvas_put(&f->canvas, x + i, y, shade.ch, shade.ascii, ink);
		if (h->numbers)
			(void)canvas_text(&f->canvas, x + 1, y, h->cell_width - 2, CANVAS_RIGHT,
				buf_str(&text), ink);
		return;
	}

	/* zero is filled, too: the shades are those of a page, on a dark terminal as on a light one
	 */
	ink = (struct ink){.fg = INK_RGB(share > 0.5 ? 0xffffff : 0x000000),
		.bg = INK_RGB(shade_color(f, share))};
	for (int row = 0; row < h->cell_height; row++)
		for (int i = 0; i < h->cell_width; i++)
			canvas_put(&f->canvas, x + i, y + row, ' ', ' ', ink);
	if (h->numbers)
		(void)canvas_text(&f->canvas, x, y + h->cell_height / 2, h->cell_width,
			CANVAS_MIDDLE, buf_str(&text), ink);
}

/* The names of the columns, each over its cells; of narrow columns only some. */
static void draw_column_names(struct frame *f, const struct heat *h, int y)
{
	int end = -1;
	for (size_t i = 0; i < h->columns; i++) {
		const char *name = names_at(&f->chart->categories, i);
		int x = h->x + (int)i * h->cell_width;
		int width = h->numbers ? h->cell_width - 1 : MIN(canvas_text_width(name), 8);
		if (x <= end || x + width > f->width)
			continue;
		/* without shades over the numbers, which end there */
		bool right = !has_shades(f) && h->numbers;
		(void)canvas_text(&f->canvas, x, y, width, right ? CANVAS_RIGHT : CANVAS_MIDDLE,
			name, frame_label_ink());
		end = x + width;
	}
}

static void draw_matrix(struct frame *f, const struct heat *h, const struct chart_series *s, int y)
{
	AUTO(mem_freep) char *title = NULL;
	const char *x_label = is_shown(f->chart->x_label) ? f->chart->x_label : "";
	const char *y_label = is_shown(f->chart->y_label) ? f->chart->y_label : "";
	const char *arrow = f->unicode ? " \u2193  " : " (down), ";
	const char *across = f->unicode ? " \u2192" : " (across)";
	title = mem_printf("%s%s%s%s%s%s", is_shown(s->name) ? s->name : "",
		is_shown(s->name) && (*x_label || *y_label) ? ": " : "", y_label,
		*y_label ? arrow : "", x_label, *x_label ? across : "");
	if (h->titled)
		(void)canvas_text(&f->canvas, 0, y++, f->width, CANVAS_LEFT, title,
			(struct ink){.bold = true});
	draw_column_names(f, h, y);

	for (size_t row = 0; row < h->rows; row++) {
		int top = ++y;
		y += h->cell_height - 1;
		(void)canvas_text(&f->canvas, 0, top + h->cell_height / 2, h->label_width,
			CANVAS_RIGHT, names_at(&f->chart->y_categories, row), frame_label_ink());
		for (size_t i = 0; i < h->columns; i++)
			draw_cell(f, h, value_at(s, h, row, i), h->x + (int)i * h->cell_width, top);
	}
}

void chart_draw_heat(struct frame *f)
{
	struct heat h = {0};
	plan(f, &h);
	/* with a title, names and a blank line */
	int each = (int)h.rows * h.cell_height + h.titled + 2;
	size_t count = MIN(f->chart->series_count, (size_t)MAX((CANVAS_MAX + 1) / each, 1));
	if (count < f->chart->series_count)
		strlist_addf(&f->remarks, "not drawn: %zu more", f->chart->series_count - count);

	frame_begin(f, (int)count * each - 1);
	for (size_t i = 0; i < count; i++)
		draw_matrix(f, &h, &f->chart->series[i], (int)i * each);
}
