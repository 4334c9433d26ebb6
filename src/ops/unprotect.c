#include "ops/unprotect.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "project/data.h"
#include "store/link.h"

static int unprotect_one(struct data *d, const char *path, const char *shown, struct err *err)
{
	if (!file_exists(path))
		return err_set(err, ERR_UNEXPECTED, "can't unprotect non-existing data '%s'", shown);
	if (!file_is_dir(path))
		return link_unprotect(&d->cache, path, err);
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int r = file_list(path, &names, err);
	for (size_t i = 0; i < names.count && r >= 0; i++) {
		AUTO(mem_freep) char *below = path_join(path, names.items[i]);
		struct stat st;
		if (stat(below, &st) == 0)
			r = unprotect_one(d, below, below, err);
	}
	return r;
}

int ops_unprotect(struct repo *repo, const struct strlist *targets, struct err *err)
{
	struct data *d;
	int r = repo_data(repo, &d, err);
	for (size_t i = 0; i < targets->count && r >= 0; i++) {
		AUTO(mem_freep) char *path = repo_absolute(repo, targets->items[i]);
		r = unprotect_one(d, path, targets->items[i], err);
	}
	return r;
}
