/* What drawings may use here, from the environment: the pure functions of view/ are told. */
#ifndef CMD_DRAWING_H
#define CMD_DRAWING_H

#include "view/chart.h"
#include "view/term_image.h"

bool drawing_has_unicode(void);
/* The width of the terminal, its colours if standard output has any (ui/say.h), and its encoding.
 */
struct chart_style drawing_style(void);
/* Which images it shows, and its size. */
struct term_screen drawing_screen(void);

#endif
