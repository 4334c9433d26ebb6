/*
 * Box plots, one box a series. The box reaches from the first to the third quartile, with a line at
 * the median; the whiskers reach to the last observation within 1.5 times the height of the box
 * (Tukey, Exploratory Data Analysis, 1977); what lies outside is drawn as points.
 */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "view/chart_int.h"

struct box {
	double *sorted; /* the finite observations */
	size_t count;
	double low, q1, median, q3, high; /* low and high: ends of the whiskers */
};

static int by_number(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

/* Linear interpolation between the neighbours, as numpy and R (type 7) do. */
static double quantile(const struct box *b, double share)
{
	double at = share * (double)(b->count - 1);
	size_t i = (size_t)at;
	double rest = at - (double)i;
	double next = b->sorted[MIN(i + 1, b->count - 1)];
	return b->sorted[i] * (1 - rest) + next * rest;
}

static void box_init(struct frame *f, struct box *b, const struct chart_series *s)
{
	*b = (struct box){.sorted = mem_array(NULL, s->count + 1, sizeof(double))};
	for (size_t i = 0; i < s->count; i++)
		if (isfinite(s->y[i]))
			b->sorted[b->count++] = s->y[i];
		else
			f->skipped++;
	if (!b->count)
		return;

	sort_array(b->sorted, b->count, sizeof(double), by_number);
	b->q1 = quantile(b, 0.25);
	b->median = quantile(b, 0.5);
	b->q3 = quantile(b, 0.75);

	double reach = 1.5 * (b->q3 - b->q1);
	size_t first = 0, last = b->count - 1;
	while (b->sorted[first] < b->q1 - reach)
		first++;
	while (b->sorted[last] > b->q3 + reach)
		last--;
	b->low = fmin(b->sorted[first], b->q1);
	b->high = fmax(b->sorted[last], b->q3);
}

/* Where boxes are drawn. */
struct boxes {
	struct x_axis axis;
	struct ticks ticks;
	int label_width;
	int lines; /* of one box: 3 or 1 */
	int gap;   /* blank lines between two */
};

static int column(const struct boxes *p, double value)
{
	return p->axis.x + x_axis_column(&p->axis, &p->ticks, value);
}

static void draw_rule(struct frame *f, int from, int to, int y, struct ink ink)
{
	for (int x = from; x <= to; x++)
		canvas_put(&f->canvas, x, y, 0x2500, '-', ink);
}

/* The upper or lower edge of the box. */
static void draw_edge(struct frame *f, const struct boxes *p, const struct box *b, int y, bool top,
	struct ink ink)
{
	int left = column(p, b->q1), right = column(p, b->q3), middle = column(p, b->median);
	draw_rule(f, left, right, y, ink);
	canvas_put(&f->canvas, left, y, top ? 0x250C : 0x2514, '+', ink);
	canvas_put(&f->canvas, right, y, top ? 0x2510 : 0x2518, '+', ink);
	if (left < middle && middle < right)
		canvas_put(&f->canvas, middle, y, top ? 0x252C : 0x2534, '+', ink);
}

static void draw_box(
	struct frame *f, const struct boxes *p, const struct box *b, int y, size_t series)
{
	struct ink ink = frame_series_ink(f, series), strong = ink;
	int middle = y + p->lines / 2, left = column(p, b->q1), right = column(p, b->q3);
	int low = column(p, b->low), high = column(p, b->high);
	strong.bold = true;

	draw_rule(f, low, left, middle, ink);
	draw_rule(f, right, high, middle, ink);
	canvas_put(&f->canvas, low, middle, 0x251C, '|', ink);
	canvas_put(&f->canvas, high, middle, 0x2524, '|', ink);

	if (p->lines == 3) {
		draw_edge(f, p, b, y, true, ink);
		draw_edge(f, p, b, y + 2, false, ink);
		for (int x = left + 1; x < right; x++)
			canvas_put(&f->canvas, x, middle, ' ', ' ', ink);
		canvas_put(&f->canvas, left, middle, low < left ? 0x2524 : 0x2502, '|', ink);
		canvas_put(&f->canvas, right, middle, high > right ? 0x251C : 0x2502, '|', ink);
	} else {
		for (int x = left; x <= right; x++)
			canvas_put(&f->canvas, x, middle, 0x2592, '=', ink);
	}
	canvas_put(&f->canvas, column(p, b->median), middle, 0x2503, '#', strong);

	for (size_t i = 0; i < b->count; i++)
		if (b->sorted[i] < b->low || b->sorted[i] > b->high)
			canvas_put(&f->canvas, column(p, b->sorted[i]), middle, 0x2218, 'o', ink);
}

static void plan(struct frame *f, struct boxes *p, const struct box *boxes, size_t count)
{
	struct extent e = EXTENT_INIT;
	for (size_t i = 0; i < count; i++) {
		if (boxes[i].count) {
			extent_add(&e, boxes[i].sorted[0]);
			extent_add(&e, boxes[i].sorted[boxes[i].count - 1]);
		}
		const char *name = f->chart->series[i].name;
		if (is_shown(name))
			p->label_width = MAX(p->label_width, canvas_text_width(name));
	}
	p->label_width = MIN(p->label_width, f->width / 3);
	p->axis = (struct x_axis){
		.x = p->label_width + 2, .width = MAX(f->width - p->label_width - 2, 1)};
	x_axis_ticks(&p->axis, &e, &p->ticks);

	int room = f->height_given ? f->height - 3 : CANVAS_MAX;
	p->lines = (int)count * 3 <= room ? 3 : 1;
	p->gap = p->lines == 1 && (int)count * 2 <= room;
}

static void draw_all(struct frame *f, struct boxes *p, const struct box *boxes, size_t count)
{
	int each = p->lines + p->gap, bottom = (int)count * each - p->gap;
	frame_begin(f, bottom + 2 + is_shown(f->chart->x_label));
	for (int y = 0; y < bottom; y++)
		canvas_put(&f->canvas, p->axis.x - 1, y, 0x2502, '|', frame_axis_ink());
	canvas_put(&f->canvas, p->axis.x - 1, bottom, 0x2514, '+', frame_axis_ink());
	x_axis_draw(f, &p->axis, &p->ticks, bottom);
	if (is_shown(f->chart->x_label))
		(void)canvas_text(&f->canvas, p->axis.x, bottom + 2, p->axis.width, CANVAS_MIDDLE,
			f->chart->x_label, (struct ink){.bold = true});

	for (size_t i = 0; i < count; i++) {
		const char *name = f->chart->series[i].name;
		int y = (int)i * each;
		(void)canvas_text(&f->canvas, 0, y + p->lines / 2, p->label_width, CANVAS_RIGHT,
			name ? name : "", frame_label_ink());
		canvas_put(
			&f->canvas, p->axis.x - 1, y + p->lines / 2, 0x2524, '+', frame_axis_ink());
		if (boxes[i].count)
			draw_box(f, p, &boxes[i], y, i);
	}
}

void chart_draw_boxes(struct frame *f)
{
	size_t count = MIN(f->chart->series_count, (size_t)CANVAS_MAX / 4);
	AUTO(mem_freep) struct box *boxes = mem_array(NULL, count, sizeof(*boxes));
	struct boxes p = {0};
	for (size_t i = 0; i < count; i++)
		box_init(f, &boxes[i], &f->chart->series[i]);
	if (count < f->chart->series_count)
		strlist_addf(&f->remarks, "not drawn: %zu more", f->chart->series_count - count);

	plan(f, &p, boxes, count);
	draw_all(f, &p, boxes, count);
	for (size_t i = 0; i < count; i++)
		free(boxes[i].sorted);
}
