/*
 * `exp run`: in the workspace, apart from it, or put into the queue for later.
 */
#ifndef EXP_RUN_H
#define EXP_RUN_H

#include "exp/queue.h"

struct exp_run_opts {
	const char *name;                 /* NULL: a random one */
	const char *message;              /* of the commit, or NULL */
	const struct strlist *set_params; /* as given to -S */
	const struct strlist *targets, *copy_paths;
	struct exp_flags flags;
	int jobs; /* stages at once; `group_output`, `resources`, `color`, `quiet`: as in
		     run/repro.h */
	bool group_output, color, quiet;
	const struct strlist *resources;
	bool temp;
	bool (*confirm)(const char *question); /* for flags.interactive */
	const struct progress *progress;
};

/*
 * Run now. `*out_name` is a heap string. Returns 0, or 1 when a run apart from the workspace failed
 * and has said why itself. Fails: as repro(), ERR_EXISTS for a name in use, and what -S may say.
 */
int exp_run(struct exp *x, const struct exp_run_opts *opts, char **out_name, struct err *err);

/* Queue one task, or one for each combination of a sweep; reports each through progress->info, as
 * DVC does. */
int exp_run_queue(struct exp *x, const struct exp_run_opts *opts, struct err *err);

/* Called with what a task's log has got. */
typedef void (*exp_log_fn)(void *ctx, const char *text, size_t len);
struct exp_follow {
	exp_log_fn log;
	void *ctx;
	const volatile int *stop; /* set from a signal handler: stop following; tasks go on */
};
/* Follow one task's log until it is done. Returns 1 when it was stopped. */
int exp_follow(
	struct exp *x, const struct scm_id *stash, const struct exp_follow *how, struct err *err);

struct exp_run_all {
	struct strlist done, failed; /* names */
	bool stopped;
};
void exp_run_all_release(struct exp_run_all *r);
/* Run everything that is queued with `jobs` workers, and follow the logs in the order of the queue.
 */
int exp_run_all(struct exp *x, int jobs, const struct exp_follow *how, struct exp_run_all *out,
	struct err *err);

#endif
