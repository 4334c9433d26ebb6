/* Data of any place that goes right to a remote, or right into the cache. */
#ifndef DATA_TO_REMOTE_H
#define DATA_TO_REMOTE_H

#include "project/repo.h"
#include "project/stage.h"

struct transfer_target {
	const char *remote;  /* NULL: the default one */
	const char *command; /* that asks, for DVC's hint when there is none */
	int jobs;
};
/* Send the file or directory at the absolute `from` right to a remote, and record it in the
 * output. */
int transfer_to_remote(struct repo *repo, struct arena *a, const char *from, struct out *o,
	const struct transfer_target *to, struct err *err);
/* Put it into the cache and at the output's place, whatever is there, and record it. */
int transfer_to_cache(
	struct repo *repo, struct arena *a, const char *from, struct out *o, struct err *err);

#endif
