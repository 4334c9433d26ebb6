/* Names, colours and nominal axes of drawings. */
#include "plots/drawing.h"

#include <stdlib.h>
#include <string.h>

void texts_release(struct texts *t)
{
	map_release(&t->numbers);
	vec_release(&t->items);
}

size_t texts_number(struct texts *t, const struct plot_cell *cell)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	plot_cell_add_text(&text, cell);
	uintptr_t known = (uintptr_t)map_get(&t->numbers, buf_str(&text));
	if (known)
		return known - 1;
	*vec_push(&t->items) = arena_strndup(t->arena, buf_str(&text), text.len);
	(void)map_set(&t->numbers, buf_str(&text), (void *)(uintptr_t)t->items.count);
	return t->items.count - 1;
}

const char *drawing_series_name(const struct drawing *d, const struct plot_series *s)
{
	enum plot_varied varied = plot_varied(d->plot);
	char *source = plot_varied_value(varied, s->short_file, s->y_field);
	const char *name = !*source ? s->rev
			   : d->plot->revs.count == 1
				   ? arena_strdup(d->arena, source)
				   : arena_printf(d->arena, "%s %s", s->rev, source);
	free(source);
	return name;
}

uint32_t drawing_series_color(const struct drawing *d, const struct plot_series *s)
{
	/* with one revision, its sources have a colour each */
	if (d->plot->revs.count == 1)
		return CHART_AUTO_COLOR;
	for (size_t i = 0; i < d->plot->revs.count; i++)
		if (strcmp(d->plot->revs.items[i], s->rev) == 0)
			return chart_palette[i % ARRAY_SIZE(chart_palette)];
	return CHART_AUTO_COLOR;
}
