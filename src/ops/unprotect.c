#include "ops/unprotect.h"

#include "base/alloc.h"
#include "base/file.h"
#include "data/outputs.h"

int ops_unprotect(struct repo *repo, const struct strlist *targets, struct err *err)
{
	struct data *d;
	int r = repo_data(repo, &d, err);
	for (size_t i = 0; i < targets->count && r >= 0; i++) {
		AUTO(mem_freep) char *path = repo_absolute(repo, targets->items[i]);
		if (!file_exists(path))
			return err_set(err, ERR_NO_PATH, "can't unprotect non-existing data '%s'",
				targets->items[i]);
		r = path_unprotect(d, path, err);
	}
	return r;
}
