/* The choice of a protocol, and the sequences of each. */
#include "view/term_image.h"

#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "base/str.h"
#include "text/base64.h"
#include "text/image.h"
#include "view/pixels.h"
#include "view/sixel.h"

enum {
	MAX_BYTES = 32 << 20, /* of a file that a terminal decodes */
	CELL_WIDTH = 9,       /* where the terminal does not say */
	CELL_HEIGHT = 18,
};

/* ---- which protocol ---- */

static bool is_set(const char *value)
{
	return value && *value;
}

/* Terminals that show sixels, by the beginning of TERM. */
static bool has_sixels(const char *term)
{
	static const char *const names[] = {"foot", "mlterm", "yaft", "contour", "xterm-sixel"};
	for (size_t i = 0; term && i < ARRAY_SIZE(names); i++)
		if (str_starts(term, names[i]))
			return true;
	return false;
}

enum term_images term_images_of(const struct term_env *env)
{
	const char *term = env->term ? env->term : "", *program = env->term_program;
	/* tmux and screen show no image of the terminals that they run in */
	if (!env->is_terminal || strcmp(term, "dumb") == 0 || is_set(env->tmux) ||
		str_starts(term, "screen") || str_starts(term, "tmux"))
		return TERM_IMAGES_NONE;

	/* TERM comes along with ssh, other variables may be left from an outer terminal */
	if (strstr(term, "kitty") || strstr(term, "ghostty"))
		return TERM_IMAGES_KITTY;
	if (has_sixels(term))
		return TERM_IMAGES_SIXEL;
	if (str_eq(program, "iTerm.app") || str_eq(program, "WezTerm") ||
		str_eq(program, "mintty") || is_set(env->wezterm_pane))
		return TERM_IMAGES_ITERM;
	if (is_set(env->kitty_window_id) || str_eq(program, "ghostty"))
		return TERM_IMAGES_KITTY;
	/* "220401": since 22.04 */
	if (is_set(env->konsole_version) && strtol(env->konsole_version, NULL, 10) >= 220400)
		return TERM_IMAGES_KITTY;
	return str_eq(env->lc_terminal, "iTerm2") ? TERM_IMAGES_ITERM : TERM_IMAGES_NONE;
}

/* ---- size ---- */

/* The columns for an image of that size: as many as its pixels need, not more than fit. */
static int columns_for(const struct term_screen *s, const struct image *image)
{
	double cell_width = s->cell_width > 0 ? s->cell_width : CELL_WIDTH;
	double cell_height = s->cell_height > 0 ? s->cell_height : CELL_HEIGHT;
	double columns = (image->width + cell_width - 1) / cell_width;
	if (s->rows > 0) {
		double of_height = s->rows * cell_height * image->width / image->height /
				   cell_width;
		columns = MIN(columns, of_height);
	}
	return (int)MAX(MIN(columns, (double)s->columns), 1.0);
}

/* ---- protocols ---- */

/* Append data in the pieces that kitty takes. `keys` describe the image; q=2: no answers. */
static void add_kitty(struct buf *out, const char *keys, const void *bytes, size_t len)
{
	enum { PIECE = 4096 };
	AUTO(buf_release) struct buf text = BUF_INIT;
	base64_add(&text, bytes, len);
	for (size_t at = 0; at < text.len; at += PIECE) {
		size_t n = MIN(text.len - at, (size_t)PIECE);
		buf_addf(out, "\033_G%s%sq=2,m=%d;", at ? "" : keys, at ? "" : ",",
			at + n < text.len);
		buf_add(out, text.ptr + at, n);
		buf_adds(out, "\033\\");
	}
}

static void add_kitty_png(struct buf *out, const void *bytes, size_t len, int columns)
{
	AUTO(buf_release) struct buf keys = BUF_INIT;
	buf_addf(&keys, "a=T,f=100,c=%d", columns);
	add_kitty(out, buf_str(&keys), bytes, len);
}

static void add_kitty_pixels(struct buf *out, const struct pixels *p, int columns)
{
	AUTO(buf_release) struct buf keys = BUF_INIT;
	buf_addf(&keys, "a=T,f=32,s=%u,v=%u,c=%d", p->width, p->height, columns);
	add_kitty(out, buf_str(&keys), p->rgba, (size_t)p->width * p->height * 4);
}

static void add_iterm(struct buf *out, const void *bytes, size_t len, int columns)
{
	buf_addf(out, "\033]1337;File=inline=1;size=%zu;width=%d;preserveAspectRatio=1:", len,
		columns);
	base64_add(out, bytes, len);
	buf_addc(out, '\a');
}

/* Draw one whose header is good. */
static int draw(struct buf *out, const struct term_screen *s, const struct image *image,
	const void *bytes, size_t len, struct err *err)
{
	AUTO(pixels_release) struct pixels p = {0};
	int columns = columns_for(s, image);
	bool as_file = s->images == TERM_IMAGES_ITERM ||
		       (s->images == TERM_IMAGES_KITTY && image->kind == IMAGE_PNG);
	if (image->kind == IMAGE_SVG)
		return err_set(err, ERR_UNSUPPORTED, "SVG cannot be drawn here");
	if (as_file && (len > MAX_BYTES || (uint64_t)image->width * image->height > PIXELS_MAX))
		return err_set(err, ERR_UNSUPPORTED, "it is too large to be drawn here");
	if (as_file) {
		if (s->images == TERM_IMAGES_ITERM)
			add_iterm(out, bytes, len, columns);
		else
			add_kitty_png(out, bytes, len, columns);
		return 0;
	}

	int r = pixels_decode(&p, bytes, len, err);
	if (r < 0)
		return r;
	pixels_fit(
		&p, (uint32_t)columns * (uint32_t)(s->cell_width > 0 ? s->cell_width : CELL_WIDTH));
	if (s->images == TERM_IMAGES_KITTY)
		add_kitty_pixels(out, &p, columns);
	else
		sixel_add(out, &p);
	return 0;
}

/* ---- any ---- */

static void describe(struct buf *out, const struct image *image, const char *name, const char *why)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	buf_adds(&line, "image: ");
	if (image->width)
		buf_addf(&line, "%ux%u ", image->width, image->height);
	buf_addf(&line, "%s, ", image_kind_name(image->kind));
	for (const char *c = name; *c; c++)
		buf_addc(&line, *c == '\n' || *c == '\t' ? ' ' : *c);
	if (*why)
		buf_addf(&line, " (%s)", why);
	printable_add(out, line.ptr, line.len, 0);
	buf_addc(out, '\n');
}

void term_image_add(struct buf *out, const struct term_screen *s, const char *name,
	const void *bytes, size_t len)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct image image;
	bool known = image_parse(bytes, len, &image);
	if (known && s->images != TERM_IMAGES_NONE && draw(out, s, &image, bytes, len, &err) == 0)
		buf_addc(out, '\n');
	else
		describe(out, &image, name, known ? err_text(&err) : "not a known image");
}
