/* `update`: bring imports up to date. */
#ifndef OPS_UPDATE_H
#define OPS_UPDATE_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/repo.h"

struct update_opts {
	const struct strlist *targets;
	const char *rev; /* revision of the source repository to follow from now on, or NULL */
	bool recursive, no_download, to_remote;
	const char *remote;
	int jobs;
	const struct progress *progress;
};
/* Bring imports to the present state of their sources. Fails: ERR_NOT_FOUND, ERR_FAIL with DVC's
 * wording; imports before the failure are updated. The caller holds the repository lock. */
int ops_update(struct repo *repo, const struct update_opts *opts, struct err *err);

#endif
