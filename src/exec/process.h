/*
 * A child process: either a command of a stage, run as DVC does by the user's shell without its
 * start-up files, or another command of this program (a queue worker, an experiment).
 */
#ifndef EXEC_PROCESS_H
#define EXEC_PROCESS_H

#include <sys/types.h>

#include "base/err.h"

struct process_result {
	int status;    /* exit status, or the negated number of the signal that ended it */
	double wall_s; /* from start to end */
	double cpu_s;  /* user and system time, with those descendants that were waited for */
	/* The peak memory of the largest of these processes (not their sum: the kernel keeps only
	 * the largest), in KiB. A child starts as a copy of cairn, so that the value is at least
	 * the memory that cairn had then. */
	int64_t peak_kib;
	size_t failed; /* with a status other than 0: index of the command of start() that failed */
};

/* Combine commands that ran one after the other: sum of times, largest peak, last status. */
void process_result_add(struct process_result *total, const struct process_result *one);

/* Seconds on the monotonic clock. */
double process_clock_s(void);

struct process_command {
	const char *line;   /* for the shell; NULL: `words` is used */
	char *const *words; /* arguments of a command of this program, NULL-ended */
};

struct process_spec {
	const struct ctx *ctx; /* of the host; may be NULL */
	struct process_command command;
	const char *dir;    /* working directory */
	char *const *env;   /* "NAME=value", NULL-ended: added to the environment */
	int out_fd, err_fd; /* standard output and error; -1: /dev/null */
	bool no_input;      /* standard input is /dev/null, not that of the host */
	bool own_group;     /* it leads a process group, so that Ctrl-C does not reach it */
};

struct process {
	pid_t pid;
	const struct ctx *ctx;
	bool own_group, is_self; /* as in struct process_spec; it is a command of this program */
	int exit_fd; /* readable once it has ended; -1: the kernel has no pidfd_open(2) */
	double started_s;
};

#define PROCESS_INIT ((struct process){.exit_fd = -1})

/*
 * Start the process. Progress is hidden until it is reaped (meter_hide()), and its signals are set
 * as before cancel_begin(). `*out` is for the calling thread. Fails: ERR_NOT_FOUND, ERR_IO.
 *
 * A command of this program runs in a forked child without exec if the host allows it (self.main in
 * base/ctx.h) and the process has one thread; otherwise the program is executed again.
 */
int process_start(const struct process_spec *spec, struct process *out, struct err *err);
/* Has it ended? If so, it is reaped, `out` is filled, and `*p` is empty. Does not wait. */
bool process_reap(struct process *p, struct process_result *out);
/*
 * Send a signal to the process and its descendants, or to its process group when it leads one.
 * Descendants whose parent has ended belong to init and are not found. A command of this program
 * without a group gets the signal alone, as it passes it on to its children. No effect after the
 * process was reaped.
 */
void process_signal(const struct process *p, int number);

#endif
