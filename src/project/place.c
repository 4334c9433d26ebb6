/* Checks where outputs may be, and removes and checks out accordingly. */
#include "project/place.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "scm/head.h"

static int refuse(const struct repo *repo, const char *path, const char *why, struct err *err)
{
	AUTO(mem_freep) char *shown = repo_display(repo, path);
	int r = err_set(err, ERR_FAIL, "output path '%s' is refused: %s", shown, why);

	err_hint(err, "Change the path in the file that names it.");
	return r;
}

int place_check(const struct repo *repo, const char *abs_path, struct err *err)
{
	if (path_inside(repo->root, abs_path))
		return refuse(repo, abs_path, "it contains the repository", err);
	/* the root itself may be below a .dvc: experiments run in directories in .dvc/tmp */
	const char *below = path_inside(abs_path, repo->root) ? abs_path + strlen(repo->root)
							      : abs_path;

	if (path_has_component(below, strlen(below), ".git"))
		return refuse(repo, abs_path, "it is a part of Git's own directory", err);
	if (path_has_component(below, strlen(below), ".dvc"))
		return refuse(repo, abs_path, "it is a part of the .dvc directory", err);

	return 0;
}

/* In a linked work tree or a submodule, Git's directory is somewhere else. */
static bool contains_git_dir(const struct repo *repo, const char *real)
{
	AUTO(mem_freep) char *own = repo->git_root ? scm_git_dir_peek(repo->git_root) : NULL;
	AUTO(mem_freep) char *common = own ? scm_common_dir_peek(own) : NULL;

	return own && (path_inside(own, real) || path_inside(common, real));
}

/* Check a path whose links are resolved. */
static int check_real(
	const struct repo *repo, const char *abs_path, const char *real, struct err *err)
{
	int r = place_check(repo, real, err);

	if (r == 0 && contains_git_dir(repo, real))
		r = refuse(repo, abs_path, "it contains Git's own directory", err);
	return r;
}

static int refuse_link(
	const struct repo *repo, const char *dir, const char *abs_path, struct err *err)
{
	AUTO(mem_freep) char *shown = repo_display(repo, dir);
	AUTO(mem_freep) char *what = repo_display(repo, abs_path);

	return err_set(err, ERR_FAIL,
		"'%s' is a symbolic link that leads out of the repository, and '%s' is not written through it",
		shown, what);
}

/* Resolve the links of the nearest existing directory above the path. The directories below that do
 * not exist yet, so they are no links. */
static char *real_path(const char *abs_path)
{
	AUTO(mem_freep) char *dir = path_dirname(abs_path);
	char real[PATH_MAX];

	while (!realpath(*dir ? dir : "/", real)) {
		char *up = path_dirname(dir);

		if (!*dir) {
			free(up);
			return mem_strdup(abs_path);
		}
		free(dir);
		dir = up;
	}

	AUTO(mem_freep) char *joined = path_join(real, abs_path + strlen(dir) + 1);

	return path_normalize(joined);
}

int place_check_links(const struct repo *repo, const char *abs_path, struct err *err)
{
	int r = place_check(repo, abs_path, err);

	if (r < 0)
		return r;

	/* check each existing directory between the path and the root */
	AUTO(mem_freep) char *dir = path_dirname(abs_path);

	while (path_inside(dir, repo->root) && strlen(dir) > strlen(repo->root)) {
		struct stat st;
		char real[PATH_MAX];

		if (lstat(dir, &st) == 0 && S_ISLNK(st.st_mode) &&
			(!realpath(dir, real) || !path_inside(real, repo->root)))
			return refuse_link(repo, dir, abs_path, err);

		char *up = path_dirname(dir);

		free(dir);
		dir = up;
	}

	/* then the place to which all links together lead */
	AUTO(mem_freep) char *real = real_path(abs_path);

	return check_real(repo, abs_path, real, err);
}

int place_remove(const struct repo *repo, const char *abs_path, struct err *err)
{
	int r = place_check_links(repo, abs_path, err);

	return r < 0 ? r : file_remove(abs_path, err);
}

/* A plan that writes nothing needs no check. */
int place_apply(const struct repo *repo, struct checkout_plan *plan,
	const struct checkout_opts *opts, struct strlist *out_failed, struct err *err)
{
	int r = checkout_plan_writes(plan, opts) ? place_check_links(repo, plan->path, err) : 0;

	return r < 0 ? r : checkout_apply(plan, opts, out_failed, err);
}
