/* Horizontal bars, of categories or of the bins of a histogram. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "base/vec.h"
#include "view/chart_int.h"

/* One row; rows of one group follow each other. */
struct bar {
	const char *label; /* borrowed; of the first row of a group, else "" */
	size_t series;
	double value;
};

struct bars {
	VEC(struct bar) rows;
	size_t group;        /* rows in a group */
	size_t left_out;     /* groups that do not fit */
	struct extent range; /* with zero */
	int label_width, value_width, x,
		width; /* columns: of the texts; place and width of the bars */
};

/* ---- layout ---- */

static int value_text_width(double value)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	ticks_add_short(&text, value);
	return (int)text.len;
}

static void measure(struct frame *f, struct bars *b)
{
	b->range = EXTENT_INIT;
	extent_add(&b->range, 0);
	VEC_EACH (&b->rows, bar) {
		extent_add(&b->range, bar->value);
		b->label_width = MAX(b->label_width, canvas_text_width(bar->label));
		if (isfinite(bar->value))
			b->value_width = MAX(b->value_width, value_text_width(bar->value));
	}
	if (b->range.lo == b->range.hi)
		b->range.hi = 1;

	b->label_width = MIN(b->label_width, f->width / 3);
	b->x = b->label_width + 2;
	b->width = f->width - b->x - 1 - b->value_width;
	if (b->width < 3) { /* rather bars than numbers */
		b->value_width = 0;
		b->width = MAX(f->width - b->x, 1);
	}
}

/* ---- drawing ---- */

/* The place of a value in eighths of a column. */
static int eighths(const struct bars *b, double value)
{
	double place = (value - b->range.lo) / (b->range.hi - b->range.lo);
	return (int)lround(fmin(fmax(place, 0), 1) * b->width * 8);
}

/* A column of the bar that is filled from `from` to `to` eighths. */
static void draw_cell(struct frame *f, int x, int y, int from, int to, size_t series)
{
	struct ink ink = frame_series_ink(f, series);
	struct mark fill = chart_fill(f, series);
	int filled = to - from;
	bool whole = fill.ch == 0x2588 && f->unicode; /* has parts in eighths */
	if (filled <= 0)
		return;
	if (filled == 8 || (!whole && filled >= 4))
		canvas_put(&f->canvas, x, y, fill.ch, fill.ascii, ink);
	else if (whole && from == 0)
		canvas_put(&f->canvas, x, y, 0x2590u - (uint32_t)filled, fill.ascii, ink);
	else if (whole && filled >= 3) /* left of zero there is only a half */
		canvas_put(&f->canvas, x, y, 0x2590, fill.ascii, ink);
}

static void draw_bar(struct frame *f, const struct bars *b, const struct bar *bar, int y)
{
	int zero = eighths(b, 0), end = eighths(b, bar->value);
	int from = MIN(zero, end), to = MAX(zero, end);
	if (!isfinite(bar->value))
		return;
	if (chart_fill(f, bar->series).ch != 0x2588 || !f->unicode)
		to = (to + 4) / 8 * 8; /* there are no parts */

	/* a value that is not zero can be seen */
	if (from == to && bar->value > 0)
		to++;
	for (int column = from / 8; column * 8 < to; column++)
		draw_cell(f, b->x + column, y, MAX(from - column * 8, 0), MIN(to - column * 8, 8),
			bar->series);

	AUTO(buf_release) struct buf text = BUF_INIT;
	ticks_add_short(&text, bar->value);
	if (b->value_width)
		(void)canvas_text(&f->canvas, b->x + (to + 7) / 8 + 1, y, b->value_width,
			CANVAS_LEFT, buf_str(&text), (struct ink){0});
}

/* `of_rows` and `of_values` are titles, or NULL. */
static void draw_bars(struct frame *f, struct bars *b, const char *of_rows, const char *of_values)
{
	size_t groups = b->rows.count / b->group;
	int gap = b->group > 1 && (int)(groups * (b->group + 1)) - 1 <= f->height;
	measure(f, b);
	int top = is_shown(of_rows), end = top + (int)groups * ((int)b->group + gap) - gap;
	frame_begin(f, end + is_shown(of_values));
	f->legend_row = top;
	if (is_shown(of_rows))
		(void)canvas_text(&f->canvas, 0, 0, f->width, CANVAS_LEFT, of_rows,
			(struct ink){.bold = true});
	if (is_shown(of_values))
		(void)canvas_text(&f->canvas, b->x, end, b->width, CANVAS_MIDDLE, of_values,
			(struct ink){.bold = true});

	for (size_t i = 0; i < b->rows.count; i++) {
		const struct bar *bar = &b->rows.items[i];
		int y = top + (int)i + gap * (int)(i / b->group);
		(void)canvas_text(&f->canvas, 0, y, b->label_width, CANVAS_RIGHT, bar->label,
			frame_label_ink());
		draw_bar(f, b, bar, y);
	}
	for (int y = top; y < end; y++) {
		bool tick = (y - top) % ((int)b->group + gap) == 0;
		canvas_put(&f->canvas, b->label_width + 1, y, tick ? 0x2524 : 0x2502, '|',
			frame_axis_ink());
	}
}

/* How many groups are drawn. */
static size_t fitting(struct frame *f, size_t groups, size_t group)
{
	size_t most = MAX((size_t)f->height / group, 1);
	if (!f->height_given)
		most = MAX((size_t)CANVAS_MAX / group, 1);
	if (groups > most)
		strlist_addf(&f->remarks, "not drawn: %zu more", groups - most);
	return MIN(groups, most);
}

/* ---- categories ---- */

static double value_at(const struct chart_series *s, size_t i)
{
	return i < s->count ? s->y[i] : (double)NAN;
}

static int by_value(const void *a, const void *b, void *series)
{
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	double x = value_at(series, i), y = value_at(series, k);
	if (isnan(x) != isnan(y))
		return isnan(x) ? 1 : -1;
	if (x != y && !isnan(x))
		return x > y ? -1 : 1;
	return i < k ? -1 : i > k;
}

static size_t category_count(const struct chart *c)
{
	size_t n = c->categories.count;
	for (size_t i = 0; i < c->series_count; i++)
		n = MAX(n, c->series[i].count);
	return n;
}

void chart_draw_bars(struct frame *f)
{
	const struct chart *c = f->chart;
	struct bars b = {.group = c->series_count};
	size_t count = category_count(c);
	AUTO(mem_freep) size_t *order = mem_array(NULL, count, sizeof(*order));
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	if (c->sorted)
		sort_array_with(
			order, count, sizeof(*order), by_value, (void *)(uintptr_t)c->series);

	size_t shown = fitting(f, count, b.group);
	for (size_t i = 0; i < shown; i++)
		for (size_t k = 0; k < c->series_count; k++) {
			double value = value_at(&c->series[k], order[i]);
			const char *name = k ? "" : names_at(&c->categories, order[i]);
			*vec_push(&b.rows) = (struct bar){name, k, value};
			f->skipped += isinf(value) != 0; /* NAN is "none" */
		}
	draw_bars(f, &b, c->y_label, c->x_label);
	vec_release(&b.rows);
}

/* ---- bins ---- */

/* Rice's rule: twice the cube root of the number of observations. */
static int wanted_bins(const struct chart *c)
{
	size_t most = 0;
	if (c->bins)
		return (int)MIN(c->bins, (size_t)100);
	for (size_t i = 0; i < c->series_count; i++)
		most = MAX(most, c->series[i].count);
	return (int)lround(fmin(fmax(2 * cbrt((double)most), 4), 30));
}

static struct extent observations(struct frame *f)
{
	struct extent e = EXTENT_INIT;
	for (size_t i = 0; i < f->chart->series_count; i++)
		for (size_t k = 0; k < f->chart->series[i].count; k++) {
			double value = f->chart->series[i].y[k];
			extent_add(&e, value);
			f->skipped += !isfinite(value);
		}
	return e;
}

static void bin_name(struct strlist *names, const struct ticks *t, int bin, int bins)
{
	AUTO(buf_release) struct buf from = BUF_INIT, to = BUF_INIT;
	ticks_add(&from, t, ticks_at(t, bin));
	ticks_add(&to, t, ticks_at(t, bin + 1));
	strlist_addf(names, "[%s, %s%s", buf_str(&from), buf_str(&to), bin + 1 < bins ? ")" : "]");
}

/* The number of observations of a series in each bin. */
static void count_bins(
	const struct chart_series *s, const struct ticks *t, int bins, double *counts)
{
	for (size_t i = 0; i < s->count; i++) {
		if (!isfinite(s->y[i]))
			continue;
		int bin = (int)floor(fmin(fmax(s->y[i] / t->step - t->first, 0), bins - 1));
		/* the division may round across an edge */
		if (bin + 1 < bins && s->y[i] >= ticks_at(t, bin + 1))
			bin++;
		else if (bin && s->y[i] < ticks_at(t, bin))
			bin--;
		counts[bin]++;
	}
}

void chart_draw_histogram(struct frame *f)
{
	const struct chart *c = f->chart;
	struct bars b = {.group = c->series_count};
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	struct extent e = observations(f);
	struct ticks t;
	int most = f->height_given ? MAX(f->height / (int)b.group, 2) : CANVAS_MAX;
	ticks_init(&t, &e, MIN(wanted_bins(c), most) + 1, true);

	int bins = t.count - 1;
	AUTO(mem_freep) double *counts = mem_zalloc(
		(size_t)bins * c->series_count * sizeof(*counts));
	for (size_t k = 0; k < c->series_count; k++)
		count_bins(&c->series[k], &t, bins, counts + (size_t)bins * k);
	for (int i = 0; i < bins; i++)
		bin_name(&names, &t, i, bins);
	for (int i = 0; i < bins; i++)
		for (size_t k = 0; k < c->series_count; k++)
			*vec_push(&b.rows) = (struct bar){
				k ? "" : names.items[i], k, counts[(size_t)bins * k + (size_t)i]};
	draw_bars(f, &b, c->x_label, c->y_label);
	vec_release(&b.rows);
}
