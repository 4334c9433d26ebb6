/*
 * A grid of terminal cells that drawings are composed on, and its output as text. Everything that a
 * drawing shows passes through it, so two promises hold for every drawing: no line is wider than
 * the canvas, and no control character of a name reaches the terminal (base/printable.h).
 *
 * What lies outside the grid is clipped; coordinates may be negative. Column 0 is the left one, row
 * 0 the top one.
 */
#ifndef VIEW_CANVAS_H
#define VIEW_CANVAS_H

#include "base/buf.h"

/* What the terminal can show. */
enum canvas_colors {
	CANVAS_PLAIN, /* no escape sequence at all */
	CANVAS_16,
	CANVAS_256,
	CANVAS_RGB,
};

struct canvas_style {
	enum canvas_colors colors;
	bool unicode; /* false: ASCII only; other characters of names become "?" */
};

/* Which colours a terminal has, from the variables TERM and COLORTERM (NULL: not set). For a
 * terminal whose colours are wanted; "dumb" has none. */
enum canvas_colors canvas_colors_of(const char *term, const char *colorterm);
/* Is the encoding UTF-8? From LC_ALL, LC_CTYPE and LANG (NULL: not set), in the order of POSIX.
 * Without any of them: yes, as the program writes UTF-8 everywhere else. */
bool canvas_unicode_of(const char *lc_all, const char *lc_ctype, const char *lang);

#define INK_RGB(rgb) (0x1000000u | (uint32_t)(rgb)) /* 0xRRGGBB, told apart from "no colour" */

/* How a character looks. All-zero: as the terminal's other text. */
struct ink {
	uint32_t fg, bg; /* INK_RGB(), or 0: the terminal's own */
	bool bold, dim;
};

struct canvas_cell {
	uint32_t ch;   /* code point; 0: blank; CANVAS_TAIL: second half of the wide one before */
	uint32_t mark; /* a combining mark on it, or 0 */
	struct ink ink;
};

enum { CANVAS_TAIL = UINT32_MAX };

struct canvas {
	int width, height; /* both at least 1 */
	bool unicode;
	struct canvas_cell *cells; /* by rows */
};

/* Sizes are clamped to 1..CANVAS_MAX. */
enum { CANVAS_MAX = 1000 };
void canvas_init(struct canvas *c, int width, int height, bool unicode);
void canvas_release(struct canvas *c);

/* One character of one column. In ASCII, `ascii` is drawn instead of it. */
void canvas_put(struct canvas *c, int x, int y, uint32_t ch, char ascii, struct ink ink);
/* The character at a place that canvas_put() or canvas_text() drew; 0 outside and for blanks. */
uint32_t canvas_at(const struct canvas *c, int x, int y);
void canvas_set_bg(struct canvas *c, int x, int y, uint32_t bg);

enum canvas_align { CANVAS_LEFT, CANVAS_RIGHT, CANVAS_MIDDLE };
/*
 * Draw a text in the `width` columns from `x`. One that is too long is cut in the middle, with an
 * ellipsis: the ends of names tell them apart. Returns the columns that it takes.
 */
int canvas_text(struct canvas *c, int x, int y, int width, enum canvas_align align,
	const char *text, struct ink ink);
/* The columns that canvas_text() needs for all of a text. */
int canvas_text_width(const char *text);

/* Append the canvas as lines, without blanks at their ends. */
void canvas_emit(const struct canvas *c, enum canvas_colors colors, struct buf *out);

#endif
