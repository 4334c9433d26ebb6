#include "scm/odb.h" /* first: git2.h has names that base/banned.h poisons */
#include "scm/reflock.h"
#include "scm/scm.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* libgit2 returns directories with a trailing slash. */
static char *without_slash(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return mem_strndup(path, len);
}

int scm_open(struct scm **out, const char *path, struct err *err)
{
	const struct scm_lib *lib = scm_lib(err);
	git_repository *repo = NULL;
	int r;

	if (!lib)
		return ERR_UNSUPPORTED;

	r = lib->repository_open_ext(&repo, path, 0, NULL);
	if (r == GIT_ENOTFOUND)
		return err_set(err, ERR_NOT_FOUND, "'%s' is not in a Git repository", path);
	if (r < 0) {
		(void)scm_lib_error(r, err, "unable to open the Git repository of '%s'", path);
		return ERR_UNSUPPORTED;
	}

	struct scm *scm = NEW(struct scm);
	const char *work = lib->repository_workdir(repo);

	scm->lib = lib;
	scm->repo = repo;
	scm->git_dir = without_slash(lib->repository_path(repo));
	scm->root = work ? without_slash(work) : mem_strdup(scm->git_dir);

	/* remove locks that killed processes have left; cheap when there are none */
	(void)reflock_clear(scm, false);
	*out = scm;
	return 0;
}

void scm_free(struct scm *scm)
{
	if (!scm)
		return;
	odb_forget(scm);
	scm->lib->repository_free(scm->repo);
	free(scm->root);
	free(scm->git_dir);
	free(scm);
}

const char *scm_root(const struct scm *scm)
{
	return scm->root;
}

const char *scm_git_dir(const struct scm *scm)
{
	return scm->git_dir;
}

/* A snapshot, so that the value stays valid while it is copied. */
char *scm_config(struct scm *scm, const char *key)
{
	git_config *config = NULL;
	const char *value = NULL;
	char *copy = NULL;

	if (scm->lib->repository_config_snapshot(&config, scm->repo) == 0 &&
		scm->lib->config_get_string(&value, config, key) == 0)
		copy = mem_strdup(value);
	scm->lib->config_free(config);
	return copy;
}
