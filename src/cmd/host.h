/* What the command line provides to the engine (base/ctx.h): debug lines on standard output,
 * signals, progress, and this executable itself. */
#ifndef CMD_HOST_H
#define CMD_HOST_H

#include "base/ctx.h"
#include "base/err.h"

/* Remember the command line, which is written to .dvc/tmp/rwlock. Called once, at the start. */
void host_set_command(int argc, char **argv);

/* Limit the bytes per second of all transfers together to the text, from now on; NULL and "" change
 * nothing. `what` is where the text comes from. Fails: ERR_USAGE. */
int host_set_bwlimit(const char *text, const char *what, struct err *err);

/* `log_level`: enum log_level; `color` is that of --color, or NULL; `meters` may be NULL; `main`
 * runs a command of this program in a forked child. The result borrows all of them. */
struct ctx host_ctx(int log_level, const char *color, struct meters *meters,
	int (*main)(int argc, char **argv));

#endif
