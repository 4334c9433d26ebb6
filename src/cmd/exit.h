/* Turns an error into the message on standard error and DVC's exit status. */
#ifndef CMD_EXIT_H
#define CMD_EXIT_H

#include "base/err.h"
#include "base/strlist.h"

/*
 * With --json-errors, a failure is one line on standard error and the last one:
 *
 *   {"error": {"kind": "path-missing", "class": "dvc.exceptions.PathMissingError", "msg": "...",
 *    "hint": "..." or null, "exit": 255}}
 *
 * (docs/programs.md). Every function below prints that instead of its text.
 */

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
/* The same with this status. */
int exit_with(const struct err *err, int status);
/*
 * For the many commands of DVC that catch their own failures: print "ERROR: <prefix> - <message>"
 * (prefix NULL: only the message) and return 1. Usage errors and interruptions keep their own
 * status. A locked repository is caught as well, so such a command calls repo_lock() itself instead
 * of using CMD_LOCK.
 */
int exit_caught(const struct err *err, const char *prefix);
/* Report experiments that failed: DVC's line about their names, or nothing for NULL, when the
 * process that ran the experiment has said why. Returns 255. */
int exit_experiments_failed(const struct strlist *names);
/* Print an error of the command line (`brief`: its message; else that of `err`), as JSON only. */
void exit_usage_document(const struct err *err, const char *brief, const char *suggestion);

#endif
