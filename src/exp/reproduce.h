/*
 * The common part of all experiments: check out the recorded outputs, then reproduce.
 */
#ifndef EXP_REPRODUCE_H
#define EXP_REPRODUCE_H

#include "exp/task.h"

/* Output to the user. */
struct exp_talk {
	const struct progress *progress;
	bool (*confirm)(const char *question); /* for flags.interactive; NULL means "no" */
	const char *executor;                  /* as in struct repro_opts */
	bool ends_all;                         /* as in struct run_opts */
	bool color, quiet;                     /* as in struct repro_opts */
};

/*
 * Run the task in x's work tree. Takes the repository lock. The commands of stages get DVC_EXP_NAME
 * and DVC_EXP_BASELINE_REV in their environment. Fails: as repro(); `out` is filled up to the
 * failure.
 */
int exp_reproduce(struct exp *x, const struct exp_task *t, const struct exp_talk *talk,
	struct repro_result *out, struct err *err);

#endif
