/*
 * The terminal's side of base/progress.h: lines become say(), warnings say_warning(). How far the
 * work is comes from base/meter.h and is drawn by ui/ticker.h.
 */
#ifndef UI_REPORT_H
#define UI_REPORT_H

#include "base/progress.h"

/* The process's one reporter; valid for ever. */
const struct progress *ui_report(void);

#endif
