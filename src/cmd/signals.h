/* Signals while commands of stages run. Signals that would end the process are counted instead, so
 * that the commands can be stopped and their results recorded. Only one caller at a time can use
 * it, as the process has one set of signal handlers. */
#ifndef CMD_SIGNALS_H
#define CMD_SIGNALS_H

#include "base/ctx.h"

/*
 * Between begin() and end(), SIGINT is counted and does not end the process: a terminal sends it to
 * the commands as well. The same holds for SIGTERM and SIGHUP. All three are blocked except in
 * poll().
 */
extern const struct cancel signals_cancel;

/* Set by the first signal that comes while data moves over the network. */
extern atomic_bool signals_stop;
/* For the handlers of signals: has this one been used to stop a transfer? Then the process goes on,
 * and ends when the transfer has ended: by a failure, or for SIGTERM and SIGHUP by that signal. */
bool signals_stop_transfer(int number);

#endif
