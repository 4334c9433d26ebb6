/* Axes: the choice of ticks by the room for their labels, and their drawing. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "view/chart_int.h"

/* ---- horizontal ---- */

int x_axis_column(const struct x_axis *a, const struct ticks *t, double value)
{
	return (int)lround(ticks_place(t, value) * (a->width - 1));
}

static bool is_nominal(const struct chart_names *n)
{
	return n && n->count;
}

static int label_width(const struct ticks *t, double value)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	ticks_add(&text, t, value);
	return (int)text.len;
}

/* Do the labels of all ticks stand apart? */
static bool labels_fit(const struct x_axis *a, const struct ticks *t)
{
	int end = -2;
	for (int i = 0; i < t->count; i++) {
		int width = label_width(t, ticks_at(t, i));
		int column = x_axis_column(a, t, ticks_at(t, i)) - width / 2;
		if (column < end + 2)
			return false;
		end = column + width;
	}
	return true;
}

/* One tick for each name, half a step of room at both ends. */
static void nominal_ticks(const struct chart_names *n, struct ticks *out)
{
	*out = (struct ticks){.lo = -0.5,
		.hi = (double)n->count - 0.5,
		.step = 1,
		.count = (int)MIN(n->count, (size_t)CANVAS_MAX)};
}

void x_axis_ticks(const struct x_axis *a, const struct extent *e, struct ticks *out)
{
	if (is_nominal(a->names)) {
		nominal_ticks(a->names, out);
		return;
	}
	int most = MAX(a->width / 8, 2);
	do
		ticks_init(out, e, most, false);
	while (!labels_fit(a, out) && --most >= 2);
}

/* A label below its tick, moved so that it lies on the canvas; left out if it meets the one before,
 * which ends at *end. */
static void draw_x_label(struct frame *f, const char *text, int column, int most, int y, int *end)
{
	int width = MIN(canvas_text_width(text), most);
	int x = MIN(column - width / 2, f->width - width);
	x = MAX(x, 0);
	if (!width || x < *end + (*end ? 1 : 0))
		return;
	*end = x + canvas_text(&f->canvas, x, y, width, CANVAS_LEFT, text, frame_label_ink());
}

/* Every how many names one has a label, and how wide it may be. */
static int name_step(const struct x_axis *a, int *out_width)
{
	enum { LEAST = 4 }; /* columns that tell names apart */
	int count = (int)MIN(a->names->count, (size_t)CANVAS_MAX), step = 1, longest = 1;
	for (int i = 0; i < count; i++)
		longest = MAX(longest, canvas_text_width(names_at(a->names, (size_t)i)));
	while (step < count && a->width * step / count - 1 < MIN(longest, (int)LEAST))
		step++;
	*out_width = MAX(a->width * step / count - 1, 1);
	return step;
}

void x_axis_draw(struct frame *f, const struct x_axis *a, const struct ticks *t, int y)
{
	struct ink ink = frame_axis_ink();
	int end = 0, most = f->width, step = 1;
	for (int i = 0; i < a->width; i++)
		canvas_put(&f->canvas, a->x + i, y, 0x2500, '-', ink);
	if (is_nominal(a->names))
		step = name_step(a, &most);

	for (int i = 0; i < t->count; i += step) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		int column = a->x + x_axis_column(a, t, ticks_at(t, i));
		if (is_nominal(a->names))
			buf_adds(&text, names_at(a->names, (size_t)i));
		else
			ticks_add(&text, t, ticks_at(t, i));
		canvas_put(&f->canvas, column, y, 0x252C, '+', ink);
		draw_x_label(f, buf_str(&text), column, most, y + 1, &end);
	}
}

/* ---- vertical ---- */

/* The longest label; for names, at most `most`. */
static int y_label_width(const struct y_axis *a, const struct ticks *t, int most)
{
	int width = 0;
	for (int i = 0; i < t->count; i++)
		width = MAX(
			width, is_nominal(a->names)
				       ? MIN(canvas_text_width(names_at(a->names, (size_t)i)), most)
				       : label_width(t, ticks_at(t, i)));
	return width <= most ? width : 0;
}

void y_axis_ticks(struct y_axis *a, const struct extent *e, int most_width, struct ticks *out)
{
	if (is_nominal(a->names)) {
		nominal_ticks(a->names, out);
	} else {
		ticks_init_rows(out, e, &a->height);
	}
	a->label_width = y_label_width(a, out, most_width);
}

void y_axis_draw(struct frame *f, const struct y_axis *a, const struct ticks *t, int y)
{
	struct ink ink = frame_axis_ink();
	int x = a->label_width ? a->label_width + 1 : 0;
	for (int i = 0; i < a->height; i++)
		canvas_put(&f->canvas, x, y + i, 0x2502, '|', ink);
	canvas_put(&f->canvas, x, y + a->height, 0x2514, '+', ink);

	int last = -1;
	for (int i = t->count - 1; i >= 0; i--) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		int row = (int)lround((1 - ticks_place(t, ticks_at(t, i))) * (a->height - 1));
		if (row == last)
			continue;
		last = row;
		if (is_nominal(a->names))
			buf_adds(&text, names_at(a->names, (size_t)i));
		else
			ticks_add(&text, t, ticks_at(t, i));
		canvas_put(&f->canvas, x, y + row, 0x2524, '+', ink);
		if (a->label_width)
			(void)canvas_text(&f->canvas, 0, y + row, a->label_width, CANVAS_RIGHT,
				buf_str(&text), frame_label_ink());
	}
}
