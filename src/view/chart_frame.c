/* What all kinds of charts share: colours, marks, names. */
#include "view/chart_int.h"

const uint32_t chart_palette[7] = {
	0x945dd6, 0x13adc7, 0xf46837, 0x48bb78, 0x4299e1, 0xed8936, 0xf56565};

bool is_shown(const char *text)
{
	return text && *text;
}

const char *names_at(const struct chart_names *n, size_t i)
{
	return n && i < n->count && n->names[i] ? n->names[i] : "";
}

struct ink frame_axis_ink(void)
{
	return (struct ink){.fg = INK_RGB(0x808080)};
}

struct ink frame_label_ink(void)
{
	return (struct ink){0};
}

struct ink frame_series_ink(const struct frame *f, size_t series)
{
	uint32_t color = f->chart->series[series].color;
	if (color == CHART_AUTO_COLOR)
		color = INK_RGB(chart_palette[series % ARRAY_SIZE(chart_palette)]);
	return (struct ink){.fg = color};
}

struct mark chart_mark(size_t series)
{
	static const struct mark marks[] = {{0x25CF, '*'}, {0x25B2, '+'}, {0x25A0, 'o'},
		{0x25C6, 'x'}, {0x25CB, '#'}, {0x25B3, '@'}, {0x25A1, '%'}, {0x25C7, '&'}};
	return marks[series % ARRAY_SIZE(marks)];
}

struct mark chart_fill(const struct frame *f, size_t series)
{
	static const struct mark fills[] = {
		{0x2588, '#'}, {0x2592, '='}, {0x2593, '+'}, {0x2591, '-'}};
	if (f->colors != CANVAS_PLAIN && f->unicode)
		return fills[0];
	return fills[series % ARRAY_SIZE(fills)];
}

bool chart_has_marks(const struct chart *c)
{
	enum { MOST = 8 }; /* more would hide the lines of parallel coordinates */
	if (c->kind == CHART_PARALLEL)
		return c->series_count > 1 && c->series_count <= MOST && !c->color_by_last;
	return c->series_count > 1;
}

void frame_begin(struct frame *f, int height)
{
	canvas_init(&f->canvas, f->canvas_width, height, f->unicode);
}
