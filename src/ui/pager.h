/* Shows long output in a pager when standard output is a terminal: $DVC_PAGER, $PAGER, or less. */
#ifndef UI_PAGER_H
#define UI_PAGER_H

#include "base/base.h"

/* Show `text`. Without a terminal it is written to standard output unchanged. `keep` is as in
 * say_text(). */
void pager_show(const char *text, size_t len, unsigned keep);
/* Columns of the terminal: $COLUMNS, or the size that the terminal reports, or 80. */
int pager_width(void);

#endif
