/* Starts a command of this program that goes on when this process and its terminal are gone. */
#ifndef EXEC_DETACH_H
#define EXEC_DETACH_H

#include "base/err.h"

struct ctx;

/*
 * Start the host's program (ctx_own_program()), not one from PATH, as a grandchild in a session of
 * its own: it survives the terminal and needs no waitpid(2). `words` is its arguments, NULL-ended.
 * Its standard input is /dev/null, its output and errors go to `out_fd`, its working directory is
 * `dir`, SIGINT and SIGHUP have their default action. `what` names it in messages ("a worker").
 * Fails: ERR_FAIL, ERR_IO; that the program cannot be executed is not noticed.
 */
int detach(const struct ctx *ctx, char *const *words, const char *dir, int out_fd, const char *what,
	struct err *err);

#endif
