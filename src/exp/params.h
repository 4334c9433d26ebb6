/*
 * The parameter files of an experiment: overrides of -S are applied to them; with hydra.enabled,
 * params.yaml is composed by hydra/compose.h instead. Not to be shared between threads.
 */
#ifndef EXP_PARAMS_H
#define EXP_PARAMS_H

#include "exp/exp.h"
#include "hydra/override.h"

struct exp_params {
	struct exp *x;
	bool compose; /* compose params.yaml */
	const struct progress *progress;
	struct strlist warned; /* warnings that were given; each is given once */
};

void exp_params_release(struct exp_params *p);

/*
 * Read the arguments of -S. With Hydra, and not `no_hydra`, params.yaml is among the files of
 * `out` even without an override, because it is composed for every experiment. Returns 1 when the
 * overrides are a sweep. Fails: ERR_VALUE for text that is no override.
 */
int exp_params_init(struct exp_params *p, struct exp *x, const struct strlist *set_params,
	bool no_hydra, const struct progress *progress, struct overrides *out, struct err *err);

/* The text of a file with its overrides; `text` has the old one. Fails: as overrides_apply_text()
 * and hydra_compose(). */
int exp_params_edit(
	struct exp_params *p, const struct override_file *f, struct buf *text, struct err *err);

/* Apply all overrides to the files in the workspace. A file that does not exist counts as empty and
 * is created. Nothing is written if one of them fails. */
int exp_params_apply(struct exp_params *p, const struct overrides *o, struct err *err);

#endif
