/*
 * A stage of the run whose commands are running, one after the other. A job belongs to the thread
 * of the scheduler.
 */
#ifndef RUN_JOB_H
#define RUN_JOB_H

#include "run/capture.h"
#include "exec/executor.h"
#include "exec/resources.h"
#include "run/started.h"

struct job {
	struct stage *stage;
	size_t step;            /* index of the stage in the run, for the owner */
	struct rwlock lock;     /* on its paths, from stage_begin() until the job is freed */
	struct started started; /* its dependencies when its commands started */
	struct claim claim;     /* on resources */
	struct output *output;  /* NULL: the commands write to the host's descriptors */
	struct strlist env, commands;
	size_t next;        /* index of the command after the one that runs */
	int64_t started_ns; /* when the first command started (state_now_ns()) */
	struct process_result total;
	struct executor *executor; /* borrowed; set by the owner */
	char *name; /* "train", "sub/dvc.yaml:train": from the root of the repository */
	/* what an executor elsewhere is told about it; empty for this machine */
	char *key;
	struct resource_needs needs;
	struct strlist inputs, outputs, clean;
	double expected_s;
	struct executor_job *place; /* the executor's job; NULL before the first command */
};

/* Fill in the commands and their environment. Fails: ERR_FAIL when `cmd` has an item that is no
 * string. */
int job_prepare(struct job *j, struct data *d, const struct run_opts *opts, struct err *err);
/* Start the next command. Returns 1 when one runs, 0 when no command is left. With `dry` all are
 * only shown, and the result is 0. */
int job_next(struct job *j, const struct ctx *ctx, const struct run_opts *opts, struct err *err);
/*
 * Has the running command ended? 1: with success; 0: not yet. Fails: ERR_FAIL when its status is
 * not 0, and as the executor. After the last command the executor's collect is called.
 */
int job_reap(struct job *j, struct err *err);
/* Add the run to the stage's history. `failed`: a command failed. */
void job_remember(const struct job *j, struct data *d, bool failed);
/* Fill in the descriptors to poll while it runs, three at most; returns how many. `*timeout_ms` is
 * set when the executor has no descriptor and has to be asked at intervals. */
size_t job_poll_fds(const struct job *j, struct pollfd *fds, int *timeout_ms);
/* Read the output of the command; does not wait. */
void job_read(struct job *j);
void job_signal(struct job *j, int number);
/* Its commands have ended well, but the stage cannot be recorded: if they ran elsewhere, job_free()
 * leaves their result for the next run. */
void job_keep(struct job *j);
/* Release everything, the lock on paths too. The claim must have been given back before. */
void job_free(struct job *j);

#endif
