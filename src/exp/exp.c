/* Opens the Git side of a repository, and takes the locks in .dvc/tmp/exps. */
#include "exp/exp.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "scm/ref.h"

int exp_open(struct exp *x, struct repo *repo, struct err *err)
{
	struct exp fresh = {.repo = repo};
	int r;

	if (!repo->git_root)
		return err_kind(err, KIND_NO_GIT,
			err_set(err, ERR_FAIL,
				"Only supported for Git repositories. If you're seeing this error in a Git repo, try updating "
				"the DVC configuration with `dvc config core.no_scm false`."));

	r = scm_open(&fresh.scm, repo->git_root, err);
	if (r < 0)
		return r;

	r = scm_head(fresh.scm, &fresh.head, &fresh.branch, err);
	if (r < 0) {
		exp_release(&fresh);
		return r == ERR_NOT_FOUND
			       ? err_set(err, ERR_NO_COMMIT,
					 "Empty Git repo. Add a commit to use experiments.")
			       : r;
	}

	/* only a path: commands that just read do not create the directory */
	fresh.dir = path_join(repo->tmp_dir, "exps");
	*x = fresh;
	return 0;
}

void exp_release(struct exp *x)
{
	scm_free(x->scm);
	free(x->branch);
	free(x->dir);
	*x = EXP_INIT;
}

int exp_lock(struct exp *x, struct lockfile *lock, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(x->dir, "queue.lock");
	int r = repo_tmp(x->repo, err); /* makes .dvc/tmp */

	if (r == 0)
		r = file_mkdirs(x->dir, err);
	return r < 0 ? r : lockfile_take(lock, path, -1, NULL, err);
}

int exp_hold_workspace(struct exp *x, struct holdfile *held, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(x->dir, "workspace.lock");
	int r = repo_tmp(x->repo, err);

	if (r == 0)
		r = file_mkdirs(x->dir, err);
	if (r == 0)
		r = holdfile_take(held, path, err);
	return r == ERR_LOCKED
		       ? err_set(err, ERR_LOCKED, "another experiment is running in the workspace")
		       : r;
}
