/* Reads the environment for drawings. */
#include "cmd/drawing.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ui/pager.h"
#include "ui/say.h"

bool drawing_has_unicode(void)
{
	return canvas_unicode_of(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG"));
}

struct term_screen drawing_screen(void)
{
	const struct term_env env = {.is_terminal = say_is_terminal(STDOUT_FILENO),
		.term = getenv("TERM"),
		.term_program = getenv("TERM_PROGRAM"),
		.lc_terminal = getenv("LC_TERMINAL"),
		.kitty_window_id = getenv("KITTY_WINDOW_ID"),
		.konsole_version = getenv("KONSOLE_VERSION"),
		.wezterm_pane = getenv("WEZTERM_PANE"),
		.tmux = getenv("TMUX")};
	struct term_screen s = {.images = term_images_of(&env), .columns = pager_width()};
	struct winsize size;

	if (!env.is_terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return s;
	if (size.ws_row > 2)
		s.rows = size.ws_row - 2; /* the prompt remains in sight */
	if (size.ws_col && size.ws_row) { /* many terminals do not know their pixels: 0 */
		s.cell_width = size.ws_xpixel / size.ws_col;
		s.cell_height = size.ws_ypixel / size.ws_row;
	}
	return s;
}

struct chart_style drawing_style(void)
{
	struct chart_style s = {.width = pager_width(), .unicode = drawing_has_unicode()};
	if (say_has_color(STDOUT_FILENO))
		s.colors = canvas_colors_of(getenv("TERM"), getenv("COLORTERM"));
	return s;
}
