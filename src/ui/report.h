/* The implementation of base/progress.h for the terminal: lines become say(), warnings
 * say_warning(). The counters of base/meter.h are displayed by ui/ticker.h. */
#ifndef UI_REPORT_H
#define UI_REPORT_H

#include "base/progress.h"

/* The one reporter of the process, valid until its end. */
const struct progress *ui_report(void);

/* The same for a command whose answer is a `document` (--json): then only warnings are shown, since
 * nothing else may be on standard output. DVC prints its lines there all the same. */
const struct progress *ui_report_beside(bool document);

#endif
