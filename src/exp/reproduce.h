/*
 * The middle of every experiment: bring the outputs that are recorded, then reproduce.
 */
#ifndef EXP_REPRODUCE_H
#define EXP_REPRODUCE_H

#include "exp/task.h"

/* How it speaks to the user. */
struct exp_talk {
	const struct progress *progress;
	bool (*confirm)(const char *question); /* for flags.interactive; NULL: no */
	bool color, quiet;                     /* as in struct repro_opts */
};

/*
 * In x's own work tree. Takes the repository lock. The stages' commands see DVC_EXP_NAME and
 * DVC_EXP_BASELINE_REV. Fails: as repro(); `out` then tells how far it came.
 */
int exp_reproduce(struct exp *x, const struct exp_task *t, const struct exp_talk *talk,
	struct repro_result *out, struct err *err);

#endif
