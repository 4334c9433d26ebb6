#include "ops/init.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "project/ignore.h"
#include "project/source.h"
#include "scm/worktree.h"
#include "store/state.h"

static const char dvcignore_text[] =
	"# Add patterns of files dvc should ignore, which could improve\n"
	"# the performance. Learn more at\n"
	"# https://dvc.org/doc/user-guide/dvcignore\n";
static const char gitignore_text[] = "/config.local\n/tmp\n/cache\n";
static const char no_scm_text[] = "[core]\n    no_scm = True\n";

/* Find the directory with .git: `root` itself or, with `search`, the nearest one above. Heap
 * string; NULL: none. */
static char *find_git(const char *root, bool search)
{
	AUTO(mem_freep) char *dir = mem_strdup(root);
	for (;;) {
		AUTO(mem_freep) char *git = path_join(dir, ".git");
		if (file_exists(git))
			return TAKE(dir);
		if (!search || strcmp(dir, "/") == 0)
			return NULL;
		char *up = path_dirname(dir);
		free(dir);
		dir = up;
	}
}

/* Do the .gitignore files ignore the directory? */
static bool is_ignored(const char *git_root, const char *path)
{
	const struct source source = source_workspace(git_root);
	struct ignore *rules = ignore_new(IGNORE_GIT, &source, git_root);
	AUTO(mem_freep) char *rel = path_relative(path, git_root);
	bool ignored = ignore_path(rules, rel, true, NULL);
	ignore_free(rules);
	return ignored;
}

static int write_new(const char *dir, const char *name, const char *text, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(dir, name);
	return file_write(path, text, strlen(text), 0, err);
}

/* Write the contents of a new .dvc directory. */
static int fill(const char *dir, bool no_scm, struct err *err)
{
	AUTO(mem_freep) char *tmp = path_join(dir, "tmp");
	int r = file_mkdirs(tmp, err);
	if (r >= 0)
		r = write_new(dir, "config", no_scm ? no_scm_text : "", err);
	if (r >= 0 && !no_scm)
		r = write_new(dir, ".gitignore", gitignore_text, err);
	return r < 0 ? r : write_new(tmp, "btime", "", err);
}

/* Make .dvc under a temporary name and rename it, so that after a crash .dvc is either complete or
 * absent. .dvcignore is written before that, so that a complete .dvc implies it. */
static int make(const char *root, const char *dvc_dir, bool no_scm, struct err *err)
{
	AUTO(mem_freep) char *making = mem_printf("%s.cairn-tmp", dvc_dir);
	AUTO(mem_freep) char *dvcignore = path_join(root, ".dvcignore");
	int r = file_remove(making, err);
	if (r >= 0)
		r = fill(making, no_scm, err);
	if (r >= 0 && !file_exists(dvcignore))
		r = file_write(dvcignore, dvcignore_text, strlen(dvcignore_text), 0, err);
	/* with --force: the old directory, with its cache */
	if (r >= 0)
		r = file_remove(dvc_dir, err);
	return r < 0 ? r : file_rename(making, dvc_dir, err);
}

/* List the new files to add to Git, in DVC's order. */
static void list_made(const char *root, const char *dvc_dir, bool no_scm, struct strlist *out)
{
	strlist_take(out, path_join(dvc_dir, "config"));
	if (!no_scm)
		strlist_take(out, path_join(dvc_dir, ".gitignore"));
	strlist_take(out, path_join(root, ".dvcignore"));
}

/* Check that a repository may be made here. `git_root` is NULL when there is no Git repository. */
static int check_place(const char *root, const char *dvc_dir, const char *git_root,
	const struct init_opts *opts, struct err *err)
{
	if (!git_root && !opts->no_scm)
		return err_set(err, ERR_NOT_FOUND,
			"%s is not tracked by any supported SCM tool (e.g. Git). Use `--no-scm` if you don't want to use any SCM "
			"or `--subdir` if initializing inside a subdirectory of a parent SCM repository.",
			root);
	if (git_root && is_ignored(git_root, dvc_dir))
		return err_set(err, ERR_FAIL,
			"%s is ignored by your SCM tool. \nMake sure that it's tracked, for example, by adding '!.dvc' to "
			".gitignore.",
			dvc_dir);
	if (file_is_dir(dvc_dir) && !opts->force) {
		AUTO(mem_freep) char *cwd = path_cwd();
		AUTO(mem_freep) char *shown = path_relative(dvc_dir, cwd);
		return err_set(err, ERR_EXISTS, "'%s' exists. Use `-f` to force.", shown);
	}
	return 0;
}

int ops_init(const struct init_opts *opts, struct err *err)
{
	if (opts->no_scm && opts->subdir)
		return err_set(err, ERR_UNSUPPORTED,
			"Cannot initialize repo with `--no-scm` and `--subdir`");

	AUTO(mem_freep) char *root = path_absolute(opts->directory ? opts->directory : ".");
	AUTO(mem_freep) char *dvc_dir = path_join(root, ".dvc");
	AUTO(mem_freep) char *git_root = opts->no_scm ? NULL : find_git(root, opts->subdir);
	AUTO(strlist_release) struct strlist made = STRLIST_INIT;
	int r = check_place(root, dvc_dir, git_root, opts, err);
	if (r >= 0)
		r = make(root, dvc_dir, opts->no_scm, err);
	if (r < 0)
		return r;

	list_made(root, dvc_dir, opts->no_scm, &made);
	AUTO(mem_freep) char *state = state_default_dir(root, NULL);

	/* The state database of an earlier repository at this path is out of date. It is outside of
	 * .dvc, and losing it costs time only. */
	(void)file_remove(state, NULL);
	return git_root ? worktree_add(root, &made, 0, err) : 0;
}
