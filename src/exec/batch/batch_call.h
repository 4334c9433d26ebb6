/*
 * One command of a batch system at a time, beside the commands of stages: started, looked after,
 * ended when it takes too long. It is not ended by Ctrl-C: whether a submission was accepted must
 * be known.
 */
#ifndef EXEC_BATCH_BATCH_CALL_H
#define EXEC_BATCH_BATCH_CALL_H

#include "base/proc.h"
#include "exec/batch/batch.h"

struct running_call {
	bool on;
	struct proc_child child;
	struct buf input; /* its standard input, of which it has taken `taken` bytes */
	size_t taken;
	struct buf out, err;
	double until_s; /* on the clock of process_clock_s() */
};

void running_call_release(struct running_call *c); /* ends it */
/* Start it; the input is moved. Fails: ERR_NOT_FOUND (no such program), ERR_IO. */
int running_call_start(struct running_call *c, struct batch_call *call, struct err *err);
/* Has it ended? Then `*out` has what it said; the texts are valid until the next start. Does not
 * wait. */
bool running_call_ended(struct running_call *c, struct batch_answer *out);
/* Start it and wait for its end. */
int batch_call_run(struct batch_call *call, struct running_call *out, struct batch_answer *answer,
	struct err *err);

#endif
