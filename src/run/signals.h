/*
 * Signals while commands run: what would end us is counted, so that the commands can be stopped and
 * what they made recorded. One user at a time; the process has one set of signals.
 */
#ifndef RUN_SIGNALS_H
#define RUN_SIGNALS_H

#include "base/base.h"

/*
 * From here on an interrupt (SIGINT) is counted and does not end us: from a terminal it has reached
 * the commands as well. So are SIGTERM and SIGHUP. All are blocked but in signals_poll().
 */
void signals_begin(void);
/* As it was before signals_begin(). */
void signals_end(void);
struct pollfd;
/* poll(2), in which the signals may come: then it returns early. */
int signals_poll(struct pollfd *fds, size_t count, int timeout_ms);
int signals_interrupts(void); /* how many SIGINT have come since signals_begin() */
int signals_end_asked(void);  /* SIGTERM or SIGHUP, if one has come; else 0 */

/* Between vfork() and exec. */
void signals_restore_in_child(void);

#endif
