/*
 * Images in the terminal: kitty's graphics protocol (sw.kovidgoyal.net/kitty/graphics-protocol),
 * inline images of iTerm2 (iterm2.com/documentation-images.html), or sixels.
 *
 * Which of them a terminal understands is told by environment variables only: a question to the
 * terminal may stay without an answer, or its answer may end up in the next command line.
 */
#ifndef VIEW_TERM_IMAGE_H
#define VIEW_TERM_IMAGE_H

#include "base/buf.h"

enum term_images { TERM_IMAGES_NONE, TERM_IMAGES_KITTY, TERM_IMAGES_ITERM, TERM_IMAGES_SIXEL };

/* The variables of the same names; NULL: not set. */
struct term_env {
	bool is_terminal; /* is the output one? */
	const char *term, *term_program, *lc_terminal, *kitty_window_id, *konsole_version,
		*wezterm_pane, *tmux;
};

enum term_images term_images_of(const struct term_env *env);

/* Where images go. */
struct term_screen {
	enum term_images images;
	int columns;                 /* the most for an image */
	int rows;                    /* likewise; 0: as many as it takes */
	int cell_width, cell_height; /* pixels; 0: not known */
};

/*
 * Append a file (name, bytes) as an image with a line feed behind it. One that cannot be drawn
 * becomes a line of text: "image: 640x480 PNG, plots/roc.png", with the reason if there is a
 * special one, "... (too large to be drawn here)". So does every image where s->images is
 * TERM_IMAGES_NONE.
 */
void term_image_add(struct buf *out, const struct term_screen *s, const char *name,
	const void *bytes, size_t len);

#endif
