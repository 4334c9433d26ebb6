/*
 * A stage whose command is running, or one of its commands after the other.
 */
#ifndef RUN_JOB_H
#define RUN_JOB_H

#include "run/capture.h"
#include "run/executor.h"
#include "run/resources.h"
#include "run/started.h"

struct job {
	struct stage *stage;
	size_t step;            /* which one, for its owner */
	struct rwlock lock;     /* its paths, from stage_begin() to the end */
	struct started started; /* its dependencies when its commands started */
	struct claim claim;     /* of the resources */
	struct output *output;  /* NULL: its commands have our own standard streams */
	struct strlist env, commands;
	size_t next; /* the command that comes after the one that runs */
	int64_t started_ns;
	struct process_result total;
	const struct executor_driver *executor;
	struct executor_job *place; /* where its commands run; NULL before the first */
};

/* What the stage's `cmd` means, and what its commands see. Fails: ERR_FAIL for what is no command.
 */
int job_prepare(struct job *j, struct data *d, const struct run_opts *opts, struct err *err);
/* Start the next command. Returns 1 when one runs, 0 when all have ended (with `dry`: were shown).
 */
int job_next(struct job *j, const struct ctx *ctx, const struct run_opts *opts, struct err *err);
/*
 * Has the command that runs ended? Returns 1; 0: not yet. Fails: ERR_FAIL when it ended badly, and
 * as the executor. After the last command, what the stage made is brought home.
 */
int job_reap(struct job *j, struct err *err);
/* Keep it in the history: it has run, to the end or (`failed`) not. */
void job_remember(const struct job *j, struct data *d, bool failed);
/* Append what is to be polled while it runs, three at most; returns how many. `*timeout_ms` is
 * lowered when the executor has to be asked again. */
size_t job_poll_fds(const struct job *j, struct pollfd *fds, int *timeout_ms);
/* Take what its command has written. */
void job_read(struct job *j);
void job_signal(struct job *j, int number);
/* The claim must have been given back. */
void job_free(struct job *j);

#endif
