/*
 * The terminal's side of base/progress.h: lines become say(), warnings say_warning(), and steps a
 * line that is drawn over itself on a terminal (and nothing anywhere else).
 */
#ifndef UI_REPORT_H
#define UI_REPORT_H

#include "base/progress.h"

/* The process's one reporter; valid for ever. */
const struct progress *ui_report(void);
/* Wipe what a step has drawn, before other output. */
void ui_report_clear(void);

#endif
