/*
 * From an error to what the user sees: the message on standard error and DVC's exit status.
 */
#ifndef CMD_EXIT_H
#define CMD_EXIT_H

#include "base/err.h"

enum exit_status {
	EXIT_OK = 0,
	EXIT_COMMAND = 1, /* the command caught its own failure: "failed to ..." */
	EXIT_CONFIG = 251,
	EXIT_INTERRUPTED = 252,
	EXIT_NOT_REPO = 253,
	EXIT_USAGE = 254,
	EXIT_FAILURE_DVC = 255,
};

/* Print `err` as DVC prints it and return the exit status for its code. */
int exit_report(const struct err *err);
/* Print "ERROR: <message>" and return 255, whatever the code is. */
int exit_plain(const struct err *err);
/*
 * For a command that catches its own failures, as many of DVC's do: print "ERROR: <prefix> -
 * <message>" (prefix NULL: the message alone) and return 1. Errors of usage and interruption keep
 * their own status. That the repository is locked is caught, too: such a command takes the lock
 * itself, not by CMD_LOCK.
 */
int exit_caught(const struct err *err, const char *prefix);

#endif
