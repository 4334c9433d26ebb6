/*
 * Long output goes through a pager when standard output is a terminal: $DVC_PAGER, $PAGER, or less.
 */
#ifndef UI_PAGER_H
#define UI_PAGER_H

#include "base/base.h"

/* Show `text`; without a terminal it is written to standard output as it is. `keep` is as for
 * say_text(). */
void pager_show(const char *text, size_t len, unsigned keep);
/* Columns of the terminal: $COLUMNS, else what it says, else 80. */
int pager_width(void);

#endif
