/* Reads the environment for drawings. */
#include "cmd/drawing.h"

#include <stdlib.h>
#include <unistd.h>

#include "ui/pager.h"
#include "ui/say.h"

bool drawing_has_unicode(void)
{
	return canvas_unicode_of(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG"));
}

struct chart_style drawing_style(void)
{
	struct chart_style s = {.width = pager_width(), .unicode = drawing_has_unicode()};
	if (say_has_color(STDOUT_FILENO))
		s.colors = canvas_colors_of(getenv("TERM"), getenv("COLORTERM"));
	return s;
}
