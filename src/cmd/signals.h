/*
 * Signals while commands of the user run: what would end the process is counted, so that the
 * commands can be stopped and what they made recorded. One user at a time: the process has one set
 * of signals.
 */
#ifndef CMD_SIGNALS_H
#define CMD_SIGNALS_H

#include "base/ctx.h"

/*
 * Between begin() and end(), SIGINT is counted and does not end the process: a terminal sends it to
 * the commands as well. The same holds for SIGTERM and SIGHUP. All three are blocked except in
 * poll().
 */
extern const struct cancel signals_cancel;

/* SIGTERM or SIGHUP, if one has come since the last begin(); else 0. */
int signals_end_asked(void);

#endif
