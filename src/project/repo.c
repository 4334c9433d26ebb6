/* Opening and closing a repository, and its lock. */
#include "project/repo.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "project/ignore.h"

int repo_open(struct repo *repo, const struct ctx *ctx, const char *start, struct err *err)
{
	repo->ctx = ctx;
	repo->cwd = path_cwd();
	AUTO(mem_freep) char *from = path_absolute(start);
	repo->root = file_find_above(from, ".dvc", true);

	if (!repo->root) {
		if (!file_is_dir(from))
			return err_set(err, ERR_NOT_REPO, "directory '%s' does not exist", start);
		return err_set(err, ERR_NOT_REPO,
			"you are not inside of a DVC repository (checked up to mount point '/')");
	}

	repo->dvc_dir = path_join(repo->root, ".dvc");
	repo->tmp_dir = path_join(repo->dvc_dir, "tmp");

	int r = config_load(&repo->config, repo->dvc_dir, true, err);
	if (r < 0)
		return r;

	/* Git's directory may be above the DVC root: a DVC repository can be a part of a Git one */
	if (!config_bool(&repo->config, "core", "no_scm", false))
		repo->git_root = file_find_above(repo->root, ".git", false);

	const char *dir = config_str(&repo->config, "cache", "dir");
	repo->cache_dir = dir ? mem_strdup(dir) : path_join(repo->dvc_dir, "cache");
	return 0;
}

int repo_open_at(struct repo *repo, const struct ctx *ctx, const char *root, const char *git_root,
	const struct buf *config, struct err *err)
{
	repo->ctx = ctx;
	repo->cwd = path_cwd();
	repo->root = mem_strdup(root);
	repo->dvc_dir = path_join(root, ".dvc");
	repo->tmp_dir = path_join(repo->dvc_dir, "tmp");

	int r = config ? config_load_text(&repo->config, repo->dvc_dir, config, err)
		       : config_load(&repo->config, repo->dvc_dir, true, err);
	if (r < 0)
		return r;

	/* given by the caller: `root` may be a temporary directory or a clone */
	repo->git_root = git_root ? mem_strdup(git_root) : NULL;
	const char *dir = config_str(&repo->config, "cache", "dir");
	repo->cache_dir = dir ? mem_strdup(dir) : path_join(repo->dvc_dir, "cache");
	return 0;
}

int repo_open_plain(struct repo *repo, const struct ctx *ctx, struct err *err)
{
	AUTO(mem_freep) char *cwd = path_cwd();
	AUTO(mem_freep) char *git_root = file_find_above(cwd, ".git", false);
	return repo_open_at(repo, ctx, git_root ? git_root : cwd, git_root, NULL, err);
}

void repo_release(struct repo *repo)
{
	/* in reverse order of dependence: data uses the lock and the index */
	if (repo->close_origins)
		repo->close_origins(repo);
	if (repo->close_data)
		repo->close_data(repo);
	repo_unlock_all(repo);
	if (repo->close_index)
		repo->close_index(repo);

	ignore_free(repo->ignore);
	strlist_release(&repo->to_track);
	strlist_release(&repo->ignored);
	strlist_release(&repo->tracked);

	config_release(&repo->config);
	arena_release(&repo->arena);
	free(repo->root);
	free(repo->dvc_dir);
	free(repo->tmp_dir);
	free(repo->cwd);
	free(repo->git_root);
	free(repo->cache_dir);
	*repo = REPO_INIT;
}

int repo_tmp(struct repo *repo, struct err *err)
{
	int r = file_mkdirs(repo->tmp_dir, err);
	if (r < 0)
		return r;

	AUTO(mem_freep) char *btime = path_join(repo->tmp_dir, "btime");
	/* the file's mtime is the creation time of the repository for DVC, so an existing one is
	 * left alone */
	int fd = open(btime, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd >= 0)
		close(fd);
	return 0;
}

/* Take the lock file. The message is that of DVC; the hint is cairn's. */
static int take_lock(struct repo *repo, int timeout_ms, struct err *err)
{
	int r = repo_tmp(repo, err);
	if (r < 0)
		return r;

	AUTO(mem_freep) char *path = path_join(repo->tmp_dir, "lock");
	long holder = 0;
	r = lockfile_take(&repo->lock, path, timeout_ms, &holder, err);
	if (r != ERR_LOCKED)
		return r;

	r = err_set(err, ERR_LOCKED,
		"Unable to acquire lock. Most likely another DVC process is running or was terminated abruptly. Check the "
		"page <https://dvc.org/doc/user-guide/troubleshooting#lock-issue> for other possible reasons and to learn "
		"how to resolve this.");
	(void)err_plain(err, r,
		"another process works in this repository; `--wait-for-lock` waits until it has ended");
	if (holder)
		err_hint(err, "Process %ld holds it.", holder);
	return r;
}

/* Refuse to work if Git has vanished: a command such as `gc -a` would find no branches whose data
 * it has to keep. */
static int check_git(const struct repo *repo, struct err *err)
{
	if (repo->git_root || config_bool(&repo->config, "core", "no_scm", false))
		return 0;

	int r = err_set(err, ERR_NO_GIT, "%s is not a git repository", repo->root);
	err_hint(err, "Run 'git init' there, or 'dvc config core.no_scm true' to go without Git.");
	return r;
}

int repo_lock(struct repo *repo, struct err *err)
{
	if (repo->lock_depth == 0) {
		int r = check_git(repo, err);
		if (r >= 0)
			r = take_lock(repo, repo->wait_for_lock ? -1 : 3000, err);
		if (r < 0)
			return r;
	}
	repo->lock_depth++;
	return 0;
}

void repo_unlock(struct repo *repo)
{
	if (repo->lock_depth > 0 && --repo->lock_depth == 0)
		lockfile_release(&repo->lock);
}

/* Keeps lock_depth, by which repo_relock() knows whether the lock was held. */
void repo_unlock_all(struct repo *repo)
{
	lockfile_release(&repo->lock);
}

int repo_relock(struct repo *repo, int timeout_ms, struct err *err)
{
	return repo->lock_depth > 0 ? take_lock(repo, timeout_ms, err) : 0;
}

void repo_track(struct repo *repo, const char *abs_path)
{
	strlist_add_once(&repo->to_track, abs_path);
}

char *repo_display(const struct repo *repo, const char *absolute_path)
{
	return path_relative(absolute_path, repo->cwd);
}

char *repo_display_yaml(const struct repo *repo, const char *absolute_path)
{
	AUTO(mem_freep) char *rel = path_relative(absolute_path, repo->cwd);
	return str_starts(rel, "..") ? TAKE(rel) : mem_printf("./%s", rel);
}

char *repo_relative(const struct repo *repo, const char *absolute_path)
{
	return path_relative(absolute_path, repo->root);
}

char *repo_absolute(const struct repo *repo, const char *user_path)
{
	AUTO(mem_freep) char *joined = path_join(repo->cwd, user_path);
	return path_normalize(joined);
}

char *repo_site_cache_dir(const struct repo *repo)
{
	const char *given = getenv("DVC_SITE_CACHE_DIR");
	if (given && *given)
		return mem_strdup(given);
	given = config_str(&repo->config, "core", "site_cache_dir");
	return mem_strdup(given ? given : "/var/tmp/dvc");
}

char *repo_objects_dir(const struct repo *repo)
{
	return path_join(repo->cache_dir, "files/md5");
}
