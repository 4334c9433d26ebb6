/*
 * A child process: a stage's command, run as DVC runs it, by the user's shell without its start-up
 * files; or another command of this program.
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

struct process_command {
	const char *line;   /* for the shell; or NULL: */
	char *const *words; /* the argument vector of a command of this program, NULL-ended */
};

struct process_spec {
	const struct ctx *ctx; /* of the host; may be NULL */
	struct process_command command;
	const char *dir;
	char *const *env;   /* "NAME=value", NULL-ended: added to the environment */
	int out_fd, err_fd; /* its standard output and error; -1: nowhere */
	bool no_input;      /* nothing on its standard input, in place of the host's */
	bool own_group; /* it leads a process group, so that the terminal does not interrupt it */
};

struct process {
	pid_t pid;
	const struct ctx *ctx;
	bool own_group, is_self; /* see struct process_spec; a command of this program */
	int exit_fd;             /* readable once it has ended; -1: the kernel has no such thing */
	double started_s;
};

#define PROCESS_INIT ((struct process){.exit_fd = -1})

/* Start it; the terminal is its own until it is reaped (base/meter.h); it has the signals as
 * they were before cancel_begin() (base/ctx.h). Fails: ERR_IO.
 */
int process_start(const struct process_spec *spec, struct process *out, struct err *err);
/* Has it ended? Then it is gone and `out` is filled. */
bool process_reap(struct process *p, struct process_result *out);
/*
 * Send a signal to it and to everything below it that has not left it for init; to its process
 * group when it leads one. A command of this program without a group is told alone: it tells its
 * own children. After its end nothing happens.
 */
void process_signal(const struct process *p, int number);

#endif
