/* The data of a sandbox: its cache and its state. */
#ifndef TESTS_UNIT_DATA_SANDBOX_H
#define TESTS_UNIT_DATA_SANDBOX_H

#include "data/data.h"
#include "sandbox.h"

static inline struct data *sandbox_data(struct sandbox *s)
{
	struct data *d;
	if (repo_data(&s->repo, &d, NULL) < 0)
		abort();
	return d;
}

#endif
