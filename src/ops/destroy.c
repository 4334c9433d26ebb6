#include "ops/destroy.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "ops/unprotect.h"
#include "project/index.h"

/* Replace links into the cache by copies, since the cache is removed. */
static int unlink_data(struct repo *repo, const struct index *ix, struct err *err)
{
	AUTO(strlist_release) struct strlist paths = STRLIST_INIT;
	VEC_EACH (&ix->stages, s) {
		VEC_EACH (&(*s)->outs, o) {
			if (o->cache && o->abs_path && path_inside(o->abs_path, repo->root) &&
				file_exists(o->abs_path))
				strlist_add(&paths, o->abs_path);
		}
	}
	return ops_unprotect(repo, &paths, err);
}

/* The directory .dvc is removed last. So after a crash there still is a repository, and the command
 * can be repeated. */
int ops_destroy(struct repo *repo, struct err *err)
{
	struct index *ix;
	AUTO(mem_freep) char *ignore = path_join(repo->root, ".dvcignore");
	int r = repo_index(repo, &ix, err);
	if (r >= 0)
		r = unlink_data(repo, ix, err);

	for (size_t i = 0; r >= 0 && i < ix->stages.count; i++)
		r = file_remove(ix->stages.items[i]->file, err);

	for (size_t i = 0; r >= 0 && i < ix->pipelines.count; i++) {
		AUTO(mem_freep) char *lock = path_join(ix->pipelines.items[i]->dir, "dvc.lock");
		r = file_remove(ix->pipelines.items[i]->file, err);
		if (r >= 0)
			r = file_remove(lock, err);
	}

	if (r >= 0)
		r = file_remove(ignore, err);
	return r < 0 ? r : file_remove(repo->dvc_dir, err);
}
