/* Dots and straight lines (Bresenham). */
#include "view/dots.h"

#include <stdlib.h>

#include "base/alloc.h"

void dots_init(struct dots *d, int width, int height)
{
	d->width = MAX(width, 1);
	d->height = MAX(height, 1);
	size_t cells = (size_t)d->width * (size_t)d->height;
	d->bits = mem_zalloc(cells);
	d->inks = mem_zalloc(cells * sizeof(*d->inks));
	d->ascii = mem_zalloc(cells);
}

void dots_release(struct dots *d)
{
	free(d->bits);
	free(d->inks);
	free(d->ascii);
	*d = (struct dots){0};
}

void dots_set(struct dots *d, int x, int y, const struct pen *pen)
{
	/* U+2800 and one bit for each dot; the fourth row was added to the standard later */
	static const uint8_t bit[DOTS_Y][DOTS_X] = {
		{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
	if (x < 0 || y < 0 || x >= d->width * DOTS_X || y >= d->height * DOTS_Y)
		return;

	size_t cell = (size_t)(y / DOTS_Y) * (size_t)d->width + (size_t)(x / DOTS_X);
	d->bits[cell] |= bit[y % DOTS_Y][x % DOTS_X];
	d->inks[cell] = pen->ink;
	d->ascii[cell] = pen->ascii;
}

void dots_line(struct dots *d, int x0, int y0, int x1, int y1, const struct pen *pen)
{
	int dx = abs(x1 - x0), dy = -abs(y1 - y0);
	int step_x = x0 < x1 ? 1 : -1, step_y = y0 < y1 ? 1 : -1, error = dx + dy;
	for (;;) {
		dots_set(d, x0, y0, pen);
		if (x0 == x1 && y0 == y1)
			return;
		int twice = 2 * error;
		if (twice >= dy) {
			error += dy;
			x0 += step_x;
		}
		if (twice <= dx) {
			error += dx;
			y0 += step_y;
		}
	}
}

void dots_blit(const struct dots *d, struct canvas *c, int x, int y)
{
	for (int row = 0; row < d->height; row++)
		for (int column = 0; column < d->width; column++) {
			size_t cell = (size_t)row * (size_t)d->width + (size_t)column;
			if (d->bits[cell])
				canvas_put(c, x + column, y + row, 0x2800u + d->bits[cell],
					d->ascii[cell], d->inks[cell]);
		}
}
