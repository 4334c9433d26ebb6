/*
 * A stage's command, run as DVC runs it: by the user's shell without its start-up files, in the
 * stage's directory, on our own standard streams, so that colours and progress bars come through
 * unchanged.
 */
#ifndef RUN_PROCESS_H
#define RUN_PROCESS_H

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

/*
 * Run one command line. `env` ("NAME=value", NULL-ended) is added to our environment. `log_fd`
 * takes its standard output and error; -1: ours. Interrupts go to the command; we wait for it.
 * Fails: ERR_IO when it cannot be started.
 */
int process_run(const char *command, const char *dir, char *const *env, int log_fd,
	struct process_result *out, struct err *err);

#endif
