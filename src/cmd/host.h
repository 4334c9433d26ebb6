/* What the command line provides to the engine (base/ctx.h): debug lines on standard output,
 * signals, progress, and this executable itself. */
#ifndef CMD_HOST_H
#define CMD_HOST_H

#include "base/ctx.h"

/* Remember the command line, which is written to .dvc/tmp/rwlock. Called once, at the start. */
void host_set_command(int argc, char **argv);

/* `log_level`: enum log_level; `color` is that of --color, or NULL; `meters` may be NULL; `main`
 * runs a command of this program in a forked child. The result borrows all of them. */
struct ctx host_ctx(int log_level, const char *color, struct meters *meters,
	int (*main)(int argc, char **argv));

#endif
