/*
 * `exp run`: runs an experiment in the workspace or in a temporary directory, or queues it.
 */
#ifndef EXP_RUN_H
#define EXP_RUN_H

#include "exp/queue.h"

struct exp_run_opts {
	const char *name;                 /* NULL: a random one */
	const char *message;              /* of the commit; NULL: DVC's default */
	const struct strlist *set_params; /* the arguments of -S */
	const struct strlist *targets, *copy_paths;
	struct exp_flags flags;
	/* Stages at the same time; this and the next fields as in run/repro.h. */
	int jobs;
	bool group_output, color, quiet;
	const char *executor; /* for the stages of a run in the workspace; NULL: as they say */
	const struct strlist *resources;
	int64_t max_time_s; /* these two for queued tasks, as in exp/task.h */
	int retries;
	bool temp;     /* in a temporary directory */
	bool no_hydra; /* do not compose parameters, whatever is configured */
	bool (*confirm)(const char *question); /* for flags.interactive */
	const struct progress *progress;
};

/*
 * Run an experiment now. `*out_name` is a heap string. Returns 0; 1 when a run in a temporary
 * directory failed, after its process has reported why. Fails: as repro(), ERR_EXISTS for a name in
 * use, ERR_LOCKED while another experiment runs in the workspace, and errors of -S.
 */
int exp_run(struct exp *x, const struct exp_run_opts *opts, char **out_name, struct err *err);

/* Queue one task, or one for each combination of a sweep. Each is reported to progress->info, as in
 * DVC. */
int exp_run_queue(struct exp *x, const struct exp_run_opts *opts, struct err *err);

/* Called with new text of a task's log. */
typedef void (*exp_log_fn)(void *ctx, const char *text, size_t len);
struct exp_follow {
	exp_log_fn log;
	void *ctx;
	const volatile int *stop; /* set by a signal handler: stop following; tasks go on */
};
/* Follow the log of a task until the task ends. Returns 1 when it was stopped by how->stop. Fails:
 * ERR_FAIL when no worker runs it for 10 s. */
int exp_follow(
	struct exp *x, const struct scm_id *stash, const struct exp_follow *how, struct err *err);

struct exp_run_all {
	struct strlist done, failed; /* names of experiments */
	bool stopped;
};
void exp_run_all_release(struct exp_run_all *r);
/* Start workers for the queue, and follow the logs of all tasks, one after the other. Tasks
 * that are held back are left out. */
int exp_run_all(struct exp *x, const struct queue_workers_opts *workers,
	const struct exp_follow *how, struct exp_run_all *out, struct err *err);

/* Run one waiting task now, in this process, even if it is held back. Its log is handed on while it
 * runs. Returns as queue_run_claimed(). Fails: ERR_LOCKED when a worker was faster, or another task
 * uses the resources that it needs. */
int exp_run_task(struct exp *x, const struct queue_entry *e, const struct strlist *resources,
	const struct exp_follow *how, struct err *err);

#endif
