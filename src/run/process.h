/*
 * A stage's command, run as DVC runs it: by the user's shell without its start-up files, in the
 * stage's directory, on our own standard streams, so that colours and progress bars come through
 * unchanged.
 */
#ifndef RUN_PROCESS_H
#define RUN_PROCESS_H

#include "base/err.h"

/*
 * Run one command line. `env` ("NAME=value", NULL-ended) is added to our environment. `log_fd`
 * takes its standard output and error; -1: ours. Interrupts go to the command; we wait for it.
 * Returns its exit status, or minus the number of the signal that ended it, in *out_status. Fails:
 * ERR_IO when it cannot be started.
 */
int process_run(const char *command, const char *dir, char *const *env, int log_fd, int *out_status,
	struct err *err);

#endif
