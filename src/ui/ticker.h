/*
 * Displays the counters of base/meter.h. On a terminal: one line that is redrawn ten times a
 * second, cut to the width, and wiped when the work or the command ends. In a file or pipe: a new
 * line every ten seconds. A thread draws; it starts only when work takes longer than a moment.
 *
 * All other output to the terminal must be written between ticker_hold() and ticker_release(), as
 * in ui/say.c, so that it does not mix with the line.
 */
#ifndef UI_TICKER_H
#define UI_TICKER_H

#include "base/meter.h"

enum ticker_form {
	TICKER_NONE,
	TICKER_LINES, /* a line from time to time, where standard error is no terminal */
	TICKER_DRAWN, /* one line that is redrawn and wiped */
};
/* Called before and after a command; the calls nest, and the outermost decides. The counters are
 * valid until the end; NULL: nothing is to be displayed. */
struct meters *ticker_begin(enum ticker_form form);
void ticker_end(void);
/* In a forked child, which has no thread that draws: nothing was begun. */
void ticker_reset_in_child(void);

/* Wipe the line and draw nothing until the release. The calls nest; other threads that call it
 * wait. */
void ticker_hold(void);
void ticker_release(void);
/* Wipe the line for the last time. For a signal handler that will end the process. */
void ticker_wipe_at_exit(void);

#endif
