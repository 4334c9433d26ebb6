/* Turns an error into the message on standard error and DVC's exit status. */
#ifndef CMD_EXIT_H
#define CMD_EXIT_H

#include "base/err.h"

enum exit_status {
	EXIT_OK = 0,
	EXIT_COMMAND = 1, /* DVC's command catches the failure itself: "failed to ..." */
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
 * For the many commands of DVC that catch their own failures: print "ERROR: <prefix> - <message>"
 * (prefix NULL: only the message) and return 1. Usage errors and interruptions keep their own
 * status. A locked repository is caught as well, so such a command calls repo_lock() itself instead
 * of using CMD_LOCK.
 */
int exit_caught(const struct err *err, const char *prefix);

#endif
