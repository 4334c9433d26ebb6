/*
 * What the command line lends to the engine (base/ctx.h): debug lines on standard output, signals,
 * the line of progress, and this executable itself.
 */
#ifndef CMD_HOST_H
#define CMD_HOST_H

#include "base/ctx.h"

/* Keep the command line for .dvc/tmp/rwlock. Called once, at start. */
void host_set_command(int argc, char **argv);

/* `log_level`: enum log_level; `meters` may be NULL; `main` runs a command of this program in a
 * forked child. The result borrows all of them. */
struct ctx host_ctx(int log_level, struct meters *meters, int (*main)(int argc, char **argv));

#endif
