/*
 * Resources of the machine that stages need, from `meta` in dvc.yaml:
 *
 *     meta:
 *       resources: {cpu: 2, mem: 4GB, gpu: 1, license: 1, time: 2h}
 *
 * `cpu` in processors, `mem` in bytes or with a unit (kB, MB, GB, TB: powers of 1000; KiB, MiB,
 * GiB, TiB: of 1024), `gpu` in whole devices; any other name but `time` is a resource of the
 * user's. A stage uses nothing of a resource that it does not name. DVC keeps `meta` and does not
 * interpret it.
 *
 * `time` is how long the stage may take, in seconds or as "30m", "2h", "1h30m". It is a limit for
 * the scheduler of a cluster (request.h) and no resource of this machine, where it has no effect.
 *
 * The totals: the processors that the process may use; the memory of the machine, or of its control
 * group if that is less; the devices in CUDA_VISIBLE_DEVICES, or else those of NVIDIA's driver
 * (/proc/driver/nvidia/gpus, /dev/nvidia<number>); and 1 of any other resource. `--resource
 * NAME=NUMBER` overrides them.
 *
 * Threads: all of this belongs to the thread of the scheduler.
 */
#ifndef EXEC_RESOURCES_H
#define EXEC_RESOURCES_H

#include "base/err.h"
#include "base/strlist.h"
#include "project/stage.h"

struct resources;

/* Find the totals. `given`: "name=number" each; may be NULL. Fails: ERR_USAGE. */
int resources_open(const struct strlist *given, struct resources **out, struct err *err);
void resources_free(struct resources *r); /* may be NULL */

/* Amounts without regard to a machine: what is needed to run a stage, or several. */
struct resource_need {
	char *name;
	double amount; /* `mem` in bytes, `time` in seconds */
};
VEC_TYPE(resource_needs, struct resource_need);
void resource_needs_release(struct resource_needs *needs);
/* Add those of a stage. With `together`, for stages that may run at the same time, amounts are
 * added and the longest `time` counts; else the stages run one after the other, so that the larger
 * amount counts and times are added. Fails: ERR_PARSE, naming the stage. */
int resource_needs_add(
	struct resource_needs *needs, const struct stage *s, bool together, struct err *err);
/* Does the stage say how long it takes? */
bool resource_time_is_known(const struct stage *s);
void resource_needs_remove(struct resource_needs *needs, const char *name);
/* As "name=amount" each, and back; invalid texts are skipped. */
void resource_needs_format(const struct resource_needs *needs, struct strlist *out);
void resource_needs_parse(const struct strlist *texts, struct resource_needs *out);

/* The resources of one stage. Zero: none. */
struct claim {
	VEC(struct claim_part {
		size_t slot; /* index of the resource */
		double amount;
	}) parts;
	struct strlist gpus; /* ids of the devices that were assigned to it */
	bool taken;
};
void claim_release(struct claim *c); /* it must have been given back before */

/*
 * Read the amounts of a stage. An amount above the total is reduced to the total, and `*out_over`
 * (may be NULL) gets the name of that resource, borrowed: the stage then runs when no other stage
 * uses the resource. Fails: ERR_PARSE, naming the stage.
 */
int claim_read(struct resources *r, const struct stage *s, struct claim *out, const char **out_over,
	struct err *err);
/* The same for amounts that are known already; cannot fail. */
void claim_fill(struct resources *r, const struct resource_needs *needs, struct claim *out,
	const char **out_over);
/* Take all amounts, if that many are free now; else take nothing and return false. */
bool claim_take(struct resources *r, struct claim *c);
/* Count a claim as taken by another process, which was given the devices `gpus` ("0,1"; NULL:
 * none). It may exceed what is free. */
void claim_take_elsewhere(struct resources *r, struct claim *c, const char *gpus);
/* Does nothing for a claim that is not taken; `r` may be NULL then. */
void claim_give_back(struct resources *r, struct claim *c);
/* Add CUDA_VISIBLE_DEVICES for a stage that names `gpu`, if the machine has devices. */
void claim_environment(const struct resources *r, const struct claim *c, struct strlist *env);

#endif
