/*
 * A stage's command, run as DVC runs it: by the user's shell without its start-up files, in the
 * stage's directory.
 */
#ifndef RUN_PROCESS_H
#define RUN_PROCESS_H

#include <sys/types.h>

#include "base/err.h"

struct process_result {
	int status;    /* exit status, or minus the number of the signal that ended it */
	double wall_s; /* from its start to its end */
	double cpu_s;  /* user and system, of it and of all below it that were waited for */
	/* The most memory that one of these processes had (not their sum: the kernel keeps only the
	 * largest), in KiB. A process starts as a copy of ours, so that it is no less than what
	 * cairn itself had at that moment. */
	int64_t peak_kib;
};

/* Several commands one after another as one: sums, the largest peak, the last status. */
void process_result_add(struct process_result *total, const struct process_result *one);

/* Seconds on a clock that only goes forward. */
double process_clock_s(void);

struct process_spec {
	const char *command; /* one line for the shell */
	const char *dir;
	char *const *env;   /* "NAME=value", NULL-ended: added to our environment */
	int out_fd, err_fd; /* its standard output and error; -1: ours */
	bool no_input;      /* nothing on its standard input, in place of ours */
};

struct process {
	pid_t pid;
	int exit_fd; /* readable once it has ended; -1: the kernel has no such thing */
	double started_s;
};

/* Start it; the terminal is its own until it is reaped (base/meter.h); it has the signals as they
 * were before signals_begin() (run/signals.h). Fails: ERR_IO.
 */
int process_start(const struct process_spec *spec, struct process *out, struct err *err);
/* Has it ended? Then it is gone and `out` is filled. */
bool process_reap(struct process *p, struct process_result *out);
/* Send a signal to it and to everything below it that has not left it for init. */
void process_signal(const struct process *p, int number);

#endif
