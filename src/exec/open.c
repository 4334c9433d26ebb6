/* Opens the executor that a profile describes. */
#include <string.h>

#include "exec/batch/batch_executor.h"
#include "exec/ssh/ssh.h"

int executor_open(struct repo *repo, const char *name, struct executor **out, struct err *err)
{
	struct profile *profile;
	*out = &executor_local;
	if (!name || strcmp(name, "local") == 0)
		return 0;
	int r = profile_load(repo, name, &profile, err);
	if (r < 0)
		return r;
	switch (profile->type) {
	case PROFILE_LOCAL:
		profile_free(profile);
		return 0;
	case PROFILE_SSH:
		*out = ssh_executor_open(repo, profile);
		return 0;
	case PROFILE_SLURM:
	case PROFILE_COMMAND:
		*out = batch_executor_open(repo, profile);
		return 0;
	}
	return 0;
}

void executor_close(struct executor *e)
{
	if (e && e->ops->close)
		e->ops->close(e);
}
