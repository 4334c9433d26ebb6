/*
 * Draws what base/meter.h counts. On a terminal: one line, drawn over itself ten times a second and
 * cut to the width, gone when the work or the command ends. In a file or pipe: a line every ten
 * seconds. A thread of its own does it, which starts only when work takes longer than a moment.
 *
 * Whatever else is written to the terminal is written between ticker_hold() and ticker_release(),
 * as ui/say.c does, so that it never meets the line.
 */
#ifndef UI_TICKER_H
#define UI_TICKER_H

#include "base/meter.h"

enum ticker_form {
	TICKER_NONE,
	TICKER_LINES, /* a line now and then, for what is no terminal */
	TICKER_DRAWN, /* one line that is drawn anew and wiped */
};
/*
 * Before and after a command; pairs nest, and the outermost one decides. Returns the counters that
 * are drawn, valid until the outermost ticker_end(); NULL with TICKER_NONE.
 */
struct meters *ticker_begin(enum ticker_form form);
void ticker_end(void);
/* In a forked child, which has no thread that draws: nothing was begun. */
void ticker_reset_in_child(void);

/* Wipe the line, and draw none until the release. They nest. */
void ticker_hold(void);
void ticker_release(void);
/* Wipe the line for good, from a signal handler that will end the process. */
void ticker_wipe_at_exit(void);

#endif
