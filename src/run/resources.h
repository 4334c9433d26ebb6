/*
 * What a stage needs of the machine, from its `meta`:
 *
 *     meta:
 *       resources: {cpu: 2, mem: 4GB, gpu: 1, license: 1}
 *
 * `cpu` in processors, `mem` in bytes or with a unit (kB, MB, GB, TB: powers of 1000; KiB, MiB,
 * GiB, TiB: of 1024), `gpu` in whole devices; any other name is a slot of that name. A stage that
 * says nothing of a resource uses none of it. DVC keeps `meta` and does not look into it.
 *
 * There is as much as the machine has: the processors that we may use, its memory (of the control
 * group, if that has less), the devices in CUDA_VISIBLE_DEVICES or else those of NVIDIA's driver,
 * and one of any other name. `--resource NAME=NUMBER` says otherwise.
 */
#ifndef RUN_RESOURCES_H
#define RUN_RESOURCES_H

#include "base/err.h"
#include "base/strlist.h"
#include "project/stage.h"

struct resources;

/* `given`: "name=number" each. Fails: ERR_USAGE. */
int resources_open(const struct strlist *given, struct resources **out, struct err *err);
void resources_free(struct resources *r); /* may be NULL */

/* What one stage holds. All-zero: nothing. */
struct claim {
	VEC(struct claim_part {
		size_t slot; /* in the resources */
		double amount;
	}) parts;
	struct strlist gpus; /* the devices that it was given */
	bool taken;
};
void claim_release(struct claim *c); /* frees it; it must have been given back */

/*
 * Read what the stage asks for. More than there is becomes all there is, with `*out_over` (may be
 * NULL) the name of that resource: it runs when nobody else uses it. Fails: ERR_PARSE, naming the
 * stage.
 */
int claim_read(struct resources *r, const struct stage *s, struct claim *out, const char **out_over,
	struct err *err);
/* Take it if there is enough now. */
bool claim_take(struct resources *r, struct claim *c);
/* What was not taken needs no giving back, and no resources: `r` may be NULL then. */
void claim_give_back(struct resources *r, struct claim *c);
/* CUDA_VISIBLE_DEVICES for its commands, if there are devices here; else nothing is added. */
void claim_environment(const struct resources *r, const struct claim *c, struct strlist *env);

#endif
