/* Cells, and their output with as few escape sequences as possible. */
#include "view/canvas.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/printable.h"
#include "base/str.h"

void canvas_init(struct canvas *c, int width, int height, bool unicode)
{
	c->width = MIN(MAX(width, 1), (int)CANVAS_MAX);
	c->height = MIN(MAX(height, 1), (int)CANVAS_MAX);
	c->unicode = unicode;
	c->cells = mem_zalloc((size_t)c->width * (size_t)c->height * sizeof(*c->cells));
}

void canvas_release(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){0};
}

static struct canvas_cell *cell_at(const struct canvas *c, int x, int y)
{
	if (x < 0 || y < 0 || x >= c->width || y >= c->height)
		return NULL;
	return &c->cells[(size_t)y * (size_t)c->width + (size_t)x];
}

/* Blank a cell, and the other half if it holds one half of a wide character. */
static void clear_cell(const struct canvas *c, int x, int y)
{
	struct canvas_cell *cell = cell_at(c, x, y), *next = cell_at(c, x + 1, y);
	if (cell->ch == CANVAS_TAIL)
		*cell_at(c, x - 1, y) = (struct canvas_cell){0};
	if (next && next->ch == CANVAS_TAIL)
		*next = (struct canvas_cell){0};
	*cell = (struct canvas_cell){0};
}

void canvas_put(struct canvas *c, int x, int y, uint32_t ch, char ascii, struct ink ink)
{
	struct canvas_cell *cell = cell_at(c, x, y);
	if (!cell)
		return;
	clear_cell(c, x, y);
	cell->ch = c->unicode ? ch : (unsigned char)ascii;
	cell->ink = ink;
}

uint32_t canvas_at(const struct canvas *c, int x, int y)
{
	const struct canvas_cell *cell = cell_at(c, x, y);
	return cell ? cell->ch : 0;
}

void canvas_set_bg(struct canvas *c, int x, int y, uint32_t bg)
{
	struct canvas_cell *cell = cell_at(c, x, y);
	if (cell)
		cell->ink.bg = bg;
}

/* ---- text ---- */

/* One character of a text that is drawn. */
struct glyph {
	uint32_t ch;
	int width; /* 0: a combining mark */
};

struct glyphs {
	struct glyph *items;
	size_t count;
	int width;
};

/* The characters that are shown for a text: printable, on one line, in the encoding of the canvas.
 * The caller frees the items. */
static struct glyphs glyphs_of(const char *text, bool unicode)
{
	AUTO(buf_release) struct buf clean = BUF_INIT;
	struct glyphs g = {0};
	printable_add(&clean, text, strlen(text), 0);
	g.items = mem_array(NULL, clean.len + 1, sizeof(*g.items));

	for (size_t at = 0; at < clean.len;) {
		size_t from = at;
		uint32_t ch = str_next_utf8(clean.ptr, clean.len, &at);
		int width = str_display_width(clean.ptr + from, at - from);
		if (ch == '\n' || ch == '\t')
			ch = ' ';
		if (!unicode && ch > '~' && width) {
			ch = '?';
			width = 1;
		}
		if (!unicode && !width)
			continue;
		g.items[g.count++] = (struct glyph){ch, width};
		g.width += width;
	}
	return g;
}

int canvas_text_width(const char *text)
{
	struct glyphs g = glyphs_of(text, true);
	free(g.items);
	return g.width;
}

/* Draw glyphs from `x` on; returns the column behind them. */
static int put_glyphs(
	struct canvas *c, int x, int y, const struct glyph *g, size_t count, struct ink ink)
{
	for (size_t i = 0; i < count; i++) {
		struct canvas_cell *cell = cell_at(c, x - (g[i].width ? 0 : 1), y);
		if (!g[i].width) { /* the mark belongs to the character before */
			if (cell && cell->ch && cell->ch != CANVAS_TAIL)
				cell->mark = g[i].ch;
			continue;
		}

		bool fits = cell && cell_at(c, x + g[i].width - 1, y);
		if (fits) {
			clear_cell(c, x, y);
			*cell = (struct canvas_cell){g[i].ch, 0, ink};
		}
		if (fits && g[i].width == 2) {
			clear_cell(c, x + 1, y);
			*cell = (struct canvas_cell){g[i].ch, 0, ink};
			*cell_at(c, x + 1, y) = (struct canvas_cell){CANVAS_TAIL, 0, ink};
		}
		x += g[i].width;
	}
	return x;
}

/* How many glyphs from one end fit into `width` columns. */
static size_t fit(const struct glyphs *g, int width, bool from_end)
{
	size_t n = 0;
	for (; n < g->count; n++) {
		width -= g->items[from_end ? g->count - 1 - n : n].width;
		if (width < 0)
			break;
	}
	return n;
}

/* Draw the two ends of a text and an ellipsis between them. */
static int put_cut(
	struct canvas *c, int x, int y, int width, const struct glyphs *g, struct ink ink)
{
	const struct glyph dots[] = {{c->unicode ? 0x2026 : '.', 1}, {'.', 1}};
	int dots_width = c->unicode || width < 3 ? 1 : 2, rest = width - dots_width;
	size_t head = fit(g, rest - rest / 2, false), tail = fit(g, rest / 2, true);
	while (tail && !g->items[g->count - tail].width)
		tail--; /* no mark without its character */

	int end = put_glyphs(c, x, y, g->items, head, ink);
	end = put_glyphs(c, end, y, dots, (size_t)dots_width, ink);
	end = put_glyphs(c, end, y, g->items + g->count - tail, tail, ink);
	return end - x;
}

int canvas_text(struct canvas *c, int x, int y, int width, enum canvas_align align,
	const char *text, struct ink ink)
{
	if (width <= 0)
		return 0;

	struct glyphs g = glyphs_of(text, c->unicode);
	int used = width;
	if (g.width > width) {
		used = put_cut(c, x, y, width, &g, ink);
	} else {
		int free_columns = width - g.width;
		int left = align == CANVAS_RIGHT    ? free_columns
			   : align == CANVAS_MIDDLE ? free_columns / 2
						    : 0;
		used = put_glyphs(c, x + left, y, g.items, g.count, ink) - x - left;
	}
	free(g.items);
	return used;
}

/* ---- colours ---- */

enum canvas_colors canvas_colors_of(const char *term, const char *colorterm)
{
	if (term && strcmp(term, "dumb") == 0)
		return CANVAS_PLAIN;
	if (colorterm && (strcmp(colorterm, "truecolor") == 0 || strcmp(colorterm, "24bit") == 0))
		return CANVAS_RGB;
	if (!term)
		return CANVAS_16;
	if (strstr(term, "kitty") || strstr(term, "direct") || strstr(term, "ghostty"))
		return CANVAS_RGB;
	return strstr(term, "256color") ? CANVAS_256 : CANVAS_16;
}

bool canvas_unicode_of(const char *lc_all, const char *lc_ctype, const char *lang)
{
	const char *names[] = {lc_all, lc_ctype, lang};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && *names[i])
			return strcasestr(names[i], "utf-8") || strcasestr(names[i], "utf8");
	return true;
}

static int distance(uint32_t a, uint32_t b)
{
	int sum = 0;
	for (int shift = 0; shift < 24; shift += 8) {
		int d = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);
		sum += d * d;
	}
	return sum;
}

/* The nearest of the 6 x 6 x 6 colours and 24 grays of xterm. */
static int nearest_256(uint32_t rgb)
{
	static const int levels[] = {0, 95, 135, 175, 215, 255};
	uint32_t cube = 0;
	int index = 0;
	for (int shift = 16; shift >= 0; shift -= 8) {
		int value = (int)(rgb >> shift & 0xff), best = 0;
		for (int i = 1; i < 6; i++)
			if (abs(levels[i] - value) < abs(levels[best] - value))
				best = i;
		cube = cube << 8 | (uint32_t)levels[best];
		index = index * 6 + best;
	}

	int mean = (int)((rgb >> 16 & 0xff) + (rgb >> 8 & 0xff) + (rgb & 0xff)) / 3;
	int step = MIN(MAX((mean - 3) / 10, 0), 23);
	uint32_t gray = (uint32_t)(8 + 10 * step) * 0x10101;
	return distance(gray, rgb) < distance(cube, rgb) ? 232 + step : 16 + index;
}

/* The nearest of the 16 colours of xterm. A colour with a hue does not become gray. */
static int nearest_16(uint32_t rgb)
{
	static const uint32_t colors[] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee,
		0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff,
		0xff00ff, 0x00ffff, 0xffffff};
	int r = (int)(rgb >> 16 & 0xff), g = (int)(rgb >> 8 & 0xff), b = (int)(rgb & 0xff);
	bool hue = MAX(r, MAX(g, b)) - MIN(r, MIN(g, b)) > 60;
	int best = -1;
	for (int i = 0; i < 16; i++) {
		bool gray = i == 0 || i == 7 || i == 8 || i == 15;
		if (gray == hue)
			continue;
		if (best < 0 || distance(colors[i], rgb) < distance(colors[best], rgb))
			best = i;
	}
	return best;
}

static void add_color(struct buf *out, uint32_t color, bool background, enum canvas_colors colors)
{
	uint32_t rgb = color & 0xffffff;
	if (!color)
		return;
	if (colors == CANVAS_RGB) {
		buf_addf(out, ";%d;2;%u;%u;%u", background ? 48 : 38, rgb >> 16, rgb >> 8 & 0xff,
			rgb & 0xff);
	} else if (colors == CANVAS_256) {
		buf_addf(out, ";%d;5;%d", background ? 48 : 38, nearest_256(rgb));
	} else {
		int n = nearest_16(rgb);
		buf_addf(out, ";%d", (n < 8 ? 30 + n : 82 + n) + (background ? 10 : 0));
	}
}

/* ---- output ---- */

static bool same_ink(const struct ink *a, const struct ink *b)
{
	return a->fg == b->fg && a->bg == b->bg && a->bold == b->bold && a->dim == b->dim;
}

static void add_ink(struct buf *out, const struct ink *ink, enum canvas_colors colors)
{
	buf_adds(out, "\033[0");
	if (ink->bold)
		buf_adds(out, ";1");
	if (ink->dim)
		buf_adds(out, ";2");
	add_color(out, ink->fg, false, colors);
	add_color(out, ink->bg, true, colors);
	buf_addc(out, 'm');
}

static void emit_row(const struct canvas *c, int y, enum canvas_colors colors, struct buf *out)
{
	const struct canvas_cell *row = cell_at(c, 0, y);
	static const struct ink none;
	struct ink now = none;
	int end = c->width;
	while (end && (!row[end - 1].ch || row[end - 1].ch == ' ') &&
		(!row[end - 1].ink.bg || colors == CANVAS_PLAIN))
		end--;

	for (int x = 0; x < end; x++) {
		const struct canvas_cell *cell = &row[x];
		const struct ink *ink = cell->ch || cell->ink.bg ? &cell->ink : &none;
		if (cell->ch == CANVAS_TAIL)
			continue;
		if (colors != CANVAS_PLAIN && !same_ink(&now, ink)) {
			add_ink(out, ink, colors);
			now = *ink;
		}
		buf_utf8(out, cell->ch ? cell->ch : ' ');
		if (cell->mark)
			buf_utf8(out, cell->mark);
	}
	if (!same_ink(&now, &none))
		buf_adds(out, "\033[0m");
	buf_addc(out, '\n');
}

void canvas_emit(const struct canvas *c, enum canvas_colors colors, struct buf *out)
{
	for (int y = 0; y < c->height; y++)
		emit_row(c, y, colors, out);
}
