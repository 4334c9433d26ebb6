/* The palette, and the bands of six rows. */
#include "view/sixel.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum {
	COLORS = 255,
	CLEAR = 255, /* the index of a pixel that is left out */
	LEVELS_R = 6,
	LEVELS_G = 7,
	LEVELS_B = 6, /* of the fixed palette: 252 colours */
};

struct indexed {
	uint32_t colors[COLORS]; /* 0xRRGGBB */
	int count;
	uint8_t *at; /* of each pixel: its colour, or CLEAR */
};

/* ---- an exact palette ---- */

struct lookup {
	uint32_t keys[1024]; /* the colour plus one; 0: free */
	uint8_t values[1024];
};

/* The index of a colour, which is added if it is new; -1: there are too many. */
static int index_of(struct lookup *l, struct indexed *out, uint32_t rgb)
{
	uint32_t slot = (rgb * 2654435761u) >> 22;
	while (l->keys[slot] && l->keys[slot] != rgb + 1)
		slot = (slot + 1) % ARRAY_SIZE(l->keys);
	if (!l->keys[slot]) {
		if (out->count == COLORS)
			return -1;
		l->keys[slot] = rgb + 1;
		l->values[slot] = (uint8_t)out->count;
		out->colors[out->count++] = rgb;
	}
	return l->values[slot];
}

static bool index_exactly(const struct pixels *p, struct indexed *out)
{
	struct lookup l = {0};
	for (size_t i = 0; i < (size_t)p->width * p->height; i++) {
		const uint8_t *c = p->rgba + 4 * i;
		int at = c[3] < 128 ? CLEAR
				    : index_of(&l, out,
					      (uint32_t)c[0] << 16 | (uint32_t)c[1] << 8 | c[2]);
		if (at < 0)
			return false;
		out->at[i] = (uint8_t)at;
	}
	return true;
}

/* ---- a fixed palette ---- */

static const int levels[] = {LEVELS_R, LEVELS_G, LEVELS_B};

static void set_fixed_palette(struct indexed *out)
{
	out->count = LEVELS_R * LEVELS_G * LEVELS_B;
	for (int i = 0; i < out->count; i++) {
		int r = i / (LEVELS_G * LEVELS_B), g = i / LEVELS_B % LEVELS_G, b = i % LEVELS_B;
		out->colors[i] = (uint32_t)(r * 255 / (LEVELS_R - 1)) << 16 |
				 (uint32_t)(g * 255 / (LEVELS_G - 1)) << 8 |
				 (uint32_t)(b * 255 / (LEVELS_B - 1));
	}
}

/* Choose the colour of one pixel; what it differs by goes to its neighbours, in sixteenths. `here`
 * and `below` hold three numbers a pixel, with one pixel of room at both ends. */
static int dither_pixel(const uint8_t *c, int *here, int *below)
{
	int index = 0;
	for (int i = 0; i < 3; i++) {
		int wanted = c[i] + here[i] / 16, steps = levels[i] - 1;
		wanted = MIN(MAX(wanted, 0), 255);
		int level = (wanted * steps + 127) / 255, error = wanted - level * 255 / steps;
		here[i + 3] += error * 7;
		below[i - 3] += error * 3;
		below[i] += error * 5;
		below[i + 3] += error;
		index = index * levels[i] + level;
	}
	return index;
}

static void index_dithered(const struct pixels *p, struct indexed *out)
{
	size_t row_size = ((size_t)p->width + 2) * 3;
	AUTO(mem_freep) int *here = mem_zalloc(row_size * sizeof(*here));
	AUTO(mem_freep) int *below = mem_zalloc(row_size * sizeof(*below));
	set_fixed_palette(out);

	for (uint32_t y = 0; y < p->height; y++) {
		for (uint32_t x = 0; x < p->width; x++) {
			size_t i = (size_t)y * p->width + x;
			const uint8_t *c = p->rgba + 4 * i;
			out->at[i] = c[3] < 128 ? CLEAR
						: (uint8_t)dither_pixel(c, here + 3 * (x + 1),
							  below + 3 * (x + 1));
		}
		int *done = here;
		here = below;
		below = done;
		memset(below, 0, row_size * sizeof(*below));
	}
}

/* ---- output ---- */

static void add_run(struct buf *out, char sixel, uint32_t count)
{
	if (count > 3)
		buf_addf(out, "!%u%c", count, sixel);
	else
		buf_addn(out, sixel, count);
}

/* One colour of a band: each character is a column of six pixels. */
static void add_color(struct buf *out, const uint8_t *bits, uint32_t width, int color)
{
	while (width && !bits[width - 1])
		width--;
	buf_addf(out, "#%d", color);
	for (uint32_t x = 0; x < width;) {
		uint32_t end = x;
		while (end < width && bits[end] == bits[x])
			end++;
		add_run(out, (char)('?' + bits[x]), end - x);
		x = end;
	}
}

static void add_band(struct buf *out, const struct pixels *p, const struct indexed *image,
	uint32_t top, uint8_t *bits)
{
	bool used[COLORS] = {0}, first = true;
	for (uint32_t row = 0; row < MIN(6u, p->height - top); row++)
		for (uint32_t x = 0; x < p->width; x++) {
			uint8_t color = image->at[(size_t)(top + row) * p->width + x];
			if (color == CLEAR)
				continue;
			if (!used[color])
				memset(bits + (size_t)color * p->width, 0, p->width);
			used[color] = true;
			bits[(size_t)color * p->width + x] |= (uint8_t)(1u << row);
		}

	for (int color = 0; color < image->count; color++) {
		if (!used[color])
			continue;
		if (!first)
			buf_addc(out, '$'); /* back to the left */
		first = false;
		add_color(out, bits + (size_t)color * p->width, p->width, color);
	}
	buf_addc(out, '-'); /* the next band */
}

void sixel_add(struct buf *out, const struct pixels *p)
{
	struct indexed image = {.at = mem_zalloc((size_t)p->width * p->height + 1)};
	if (!index_exactly(p, &image))
		index_dithered(p, &image);

	AUTO(mem_freep) uint8_t *bits = mem_alloc((size_t)COLORS * p->width + 1);
	buf_addf(out, "\033P0;1;0q\"1;1;%u;%u", p->width, p->height);
	for (int i = 0; i < image.count; i++) /* in hundredths */
		buf_addf(out, "#%d;2;%u;%u;%u", i, ((image.colors[i] >> 16) * 100 + 127) / 255,
			((image.colors[i] >> 8 & 0xff) * 100 + 127) / 255,
			((image.colors[i] & 0xff) * 100 + 127) / 255);
	for (uint32_t top = 0; top < p->height; top += 6)
		add_band(out, p, &image, top, bits);
	buf_adds(out, "\033\\");
	free(image.at);
}
