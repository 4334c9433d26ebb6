/* Child processes, started by argument vector, never by a shell. */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strlist.h"

struct proc_opts {
	const char *cwd;        /* NULL: that of this process */
	char *const *env_extra; /* "NAME=value" strings added to (or replacing in) our environment;
				   NULL-ended; "NAME" removes */
	const void *input; /* bytes for its standard input; NULL: /dev/null, unless inherit_stdin */
	size_t input_len;
	struct buf *out;     /* its standard output is appended here; NULL: inherited */
	struct buf *err_out; /* its standard error is appended here; NULL: inherited */
	bool inherit_stdin;
	bool ends_with_us;   /* an interrupt of this process ends it, too (base/cleanup.h) */
	unsigned timeout_ms; /* proc_run() kills it after this time; 0: it waits for ever */
	bool quiet;          /* standard output and error that are not captured go to /dev/null */
	/* For proc_start(): Ctrl+C on the terminal does not end it, and the end of the thread that
	 * started it does. */
	bool belongs_to_thread;
};

/*
 * Run argv[0] (searched on PATH) and wait. Returns its exit status 0..255, or 128 + signal when a
 * signal ended it. Negative only when it could not be started (ERR_NOT_FOUND, ERR_IO), or was
 * killed because it had not ended in time (ERR_FAIL). `opts` may be NULL.
 */
int proc_run(char *const *argv, const struct proc_opts *opts, struct err *err);

/* A child that runs beside this process. The descriptors are our ends of its standard streams. */
struct proc_child {
	pid_t pid;
	int in, out, err;
};
/*
 * Start argv[0] (searched on PATH) with pipes as its three standard streams. Of `opts` (may be
 * NULL) the working directory, the environment and `belongs_to_thread` count. On success the caller
 * closes the descriptors and waits for the child. Fails: ERR_NOT_FOUND (no such program), ERR_IO.
 */
int proc_start(
	struct proc_child *out, char *const *argv, const struct proc_opts *opts, struct err *err);

/*
 * The environment of this process with the entries of `extra` ("NAME=value", NULL-ended, may be
 * NULL) in place of those with the same name; an entry without '=' removes its name. A heap array
 * of borrowed strings, NULL-ended.
 */
char **proc_environment(char *const *extra);

/* Split a command into words as a POSIX shell does, without any expansion. False: a quote is not
 * closed. */
bool proc_split(const char *command, struct strlist *out_argv);

/* May a child of fork() go on without exec? Only when no other thread can have taken a lock. */
bool proc_is_single_threaded(void);

/* Ignore the signals for failed writes: to a closed pipe, or beyond the limit of file sizes. The
 * write returns an error instead, which is reported like any other. */
void proc_ignore_signals(void);
/* Call in a child before exec: other programs rely on these signals, and an ignored signal stays
 * ignored after exec. Safe after vfork(). */
void proc_default_signals(void);

#endif
