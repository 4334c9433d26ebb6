/* The parts around a drawing: title, legend, remarks. */
#include "view/chart_int.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

enum { LEGEND_GAP = 2 }; /* columns between the drawing and the legend, and between names */

/* ---- legend ---- */

static bool in_legend(const struct frame *f, size_t i)
{
	return is_shown(f->chart->series[i].name);
}

/* Boxes and matrices have their names in the drawing. */
static size_t legend_count(const struct frame *f)
{
	size_t n = 0;
	if (f->chart->kind == CHART_BOX || f->chart->kind == CHART_HEAT)
		return 0;
	for (size_t i = 0; i < f->chart->series_count; i++)
		n += in_legend(f, i);
	return n;
}

/* The sign before a name: a piece of line with the mark, a mark, or a filled square. */
static int legend_sign_width(const struct frame *f)
{
	bool line = f->chart->kind == CHART_LINE || f->chart->kind == CHART_PARALLEL;
	return line ? 3 : 1;
}

static void draw_sign(const struct frame *f, struct canvas *c, int x, int y, size_t i)
{
	struct ink ink = frame_series_ink(f, i);
	struct mark mark = chart_mark(i);
	enum chart_kind kind = f->chart->kind;
	if (kind == CHART_BARS || kind == CHART_HISTOGRAM)
		mark = chart_fill(f, i);
	int width = legend_sign_width(f);
	for (int k = 0; width == 3 && k < width; k++)
		canvas_put(c, x + k, y, 0x2500, f->chart->series_count > 1 ? '-' : mark.ascii, ink);
	if (width == 1 || chart_has_marks(f->chart))
		canvas_put(c, x + width / 2, y, mark.ch, mark.ascii, ink);
}

/* Draw the sign and the name in at most `width` columns. Returns the columns used. */
static int draw_entry(const struct frame *f, struct canvas *c, int x, int y, int width, size_t i)
{
	int used = legend_sign_width(f) + 1;
	draw_sign(f, c, x, y, i);
	return used + canvas_text(c, x + used, y, width - used, CANVAS_LEFT,
			      f->chart->series[i].name, (struct ink){0});
}

static int longest_name(const struct frame *f)
{
	int longest = 0;
	for (size_t i = 0; i < f->chart->series_count; i++)
		if (in_legend(f, i))
			longest = MAX(longest, canvas_text_width(f->chart->series[i].name));
	return longest;
}

/* The width of a legend on the right, or 0: it goes below. */
static int side_legend_width(const struct frame *f, size_t entries)
{
	int width = LEGEND_GAP + legend_sign_width(f) + 1 + longest_name(f);
	bool fits = f->canvas_width >= 70 && width <= f->canvas_width / 4 &&
		    (int)entries <= f->height - 4;
	return entries > 1 && fits ? width : 0;
}

static void draw_side_legend(struct frame *f)
{
	int x = f->width + LEGEND_GAP, y = f->legend_row;
	for (size_t i = 0; i < f->chart->series_count; i++)
		if (in_legend(f, i))
			(void)draw_entry(f, &f->canvas, x, y++, f->canvas_width - x, i);
}

/* Draw the entries one after the other, or only measure. Returns the number of lines. */
static int place_entries(const struct frame *f, struct canvas *c)
{
	int x = 0, y = 0, sign = legend_sign_width(f) + 1, most = c->width;
	for (size_t i = 0; i < f->chart->series_count; i++) {
		if (!in_legend(f, i))
			continue;
		int width = MIN(sign + canvas_text_width(f->chart->series[i].name), most);
		if (x && x + width > most) {
			x = 0;
			y++;
		}
		if (c->cells)
			(void)draw_entry(f, c, x, y, width, i);
		x += width + LEGEND_GAP;
	}
	return y + 1;
}

static void add_legend_below(struct frame *f, struct buf *out)
{
	enum { MOST = 50 }; /* lines */
	AUTO(canvas_release) struct canvas c = {.width = f->canvas_width};
	int lines = place_entries(f, &c);
	canvas_init(&c, f->canvas_width, MIN(lines, (int)MOST), f->unicode);
	(void)place_entries(f, &c);
	canvas_emit(&c, f->colors, out);
}

/* ---- lines around the drawing ---- */

/* A text alone on a line. */
static void add_line(
	struct frame *f, struct buf *out, const char *text, enum canvas_align align, struct ink ink)
{
	AUTO(canvas_release) struct canvas c = {0};
	canvas_init(&c, f->canvas_width, 1, f->unicode);
	int width = align == CANVAS_MIDDLE ? f->width : f->canvas_width;
	(void)canvas_text(&c, 0, 0, width, align, text, ink);
	canvas_emit(&c, f->colors, out);
}

static void add_remarks(struct frame *f, struct buf *out)
{
	if (f->skipped)
		strlist_addf(&f->remarks, "not drawn: %zu value%s that %s not finite", f->skipped,
			f->skipped == 1 ? "" : "s", f->skipped == 1 ? "is" : "are");
	for (size_t i = 0; i < f->remarks.count; i++)
		add_line(f, out, f->remarks.items[i], CANVAS_LEFT, (struct ink){.dim = true});
}

/* Is there anything to draw? */
static bool has_values(const struct chart *c)
{
	for (size_t i = 0; i < c->series_count; i++)
		for (size_t k = 0; k < c->series[i].count; k++)
			if (isfinite(c->series[i].y[k]))
				return true;
	return false;
}

static size_t count_values(const struct chart *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->series_count; i++)
		n += c->series[i].count;
	return n;
}

static void draw_kind(struct frame *f)
{
	static void (*const kinds[])(struct frame * f) = {
		[CHART_LINE] = chart_draw_xy,
		[CHART_SCATTER] = chart_draw_xy,
		[CHART_BARS] = chart_draw_bars,
		[CHART_HISTOGRAM] = chart_draw_histogram,
		[CHART_BOX] = chart_draw_boxes,
		[CHART_HEAT] = chart_draw_heat,
		[CHART_PARALLEL] = chart_draw_parallel,
	};
	kinds[f->chart->kind](f);
}

static void frame_init(struct frame *f, const struct chart *c, const struct chart_style *s)
{
	int width = s->width > 0 ? MIN(s->width, (int)CANVAS_MAX) : CHART_WIDTH;
	int height = s->height > 0 ? s->height : MIN(MAX(width / 4, 10), 24);
	*f = (struct frame){.chart = c,
		.colors = s->colors,
		.unicode = s->unicode,
		.width = width,
		.canvas_width = width,
		.height = MIN(MAX(height, 6), (int)CANVAS_MAX),
		.height_given = s->height > 0};
}

void chart_draw(struct buf *out, const struct chart *c, const struct chart_style *s)
{
	struct frame f;
	frame_init(&f, c, s);
	size_t entries = legend_count(&f);
	int side = side_legend_width(&f, entries);

	f.width -= side;
	if (is_shown(c->title))
		add_line(&f, out, c->title, CANVAS_MIDDLE, (struct ink){.bold = true});

	if (has_values(c)) {
		draw_kind(&f);
		if (side)
			draw_side_legend(&f);
		canvas_emit(&f.canvas, f.colors, out);
		if (entries && !side)
			add_legend_below(&f, out);
	} else {
		strlist_add(&f.remarks, "no data");
		f.skipped = count_values(c);
	}

	add_remarks(&f, out);
	canvas_release(&f.canvas);
	strlist_release(&f.remarks);
}
