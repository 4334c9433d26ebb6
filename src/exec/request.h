/*
 * What a job asks of a scheduler: the amounts of a stage's meta.resources, and the profile's for
 * those that it does not name. Checked before anything is submitted: what the profile cannot
 * express is an error then, not a job that waits for ever.
 */
#ifndef EXEC_REQUEST_H
#define EXEC_REQUEST_H

#include "exec/profile.h"
#include "exec/resources.h"

/* A resource that the user has named. */
struct request_named {
	char *name;
	double amount;
	struct strlist words; /* from the profile's map: "--licenses=x:1" */
};

struct request {
	int cpus, gpus;                  /* 0: not requested */
	int64_t mem_bytes;               /* 0: not requested */
	int64_t time_s;                  /* 0: the scheduler's default */
	VEC(struct request_named) named; /* by name */
};
void request_release(struct request *r);

/* `who` names the stage or the experiment in errors. `needs` may be NULL. Processors and devices
 * are rounded up. Fails: ERR_VALUE "'train' asks for 'license', which executor 'gpu' cannot
 * request: add `map.license = ...`". */
int request_make(const struct profile *p, const struct resource_needs *needs, const char *who,
	struct request *out, struct err *err);
void request_copy(struct request *out, const struct request *r);
/* Could both be in one array? Same amounts of everything. */
bool request_equal(const struct request *a, const struct request *b);
/* For a job that runs several one after the other: the larger amount of each; times are added, and
 * the sum of a time that is not known is not known. */
void request_join(struct request *into, const struct request *other);

#endif
