/* Makes a linked Git work tree by hand: its directory, its entry in .git/worktrees, its
 * configuration. */
#include "exec/tempdir.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "scm/git.h"
#include "scm/head.h"

/* In .git/worktrees/<name>/. Two files: a program that is executed does not inherit what this
 * process holds, and nobody else can take it. */
static const char of_maker[] = "cairn.lock", of_runner[] = "cairn-run.lock";

int tempdir_hold(const char *admin, struct holdfile *out, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(admin, of_runner);

	return holdfile_take(out, path, err);
}

bool tempdir_is_in_use(const char *admin)
{
	AUTO(mem_freep) char *maker = path_join(admin, of_maker);
	AUTO(mem_freep) char *runner = path_join(admin, of_runner);

	return holdfile_is_held(maker) || holdfile_is_held(runner);
}

void tempdir_release(struct tempdir *t)
{
	if (t->root)
		(void)file_remove(t->root, NULL); /* best effort, see the header */
	if (t->admin)
		(void)file_remove(t->admin, NULL);
	free(t->root);
	free(t->admin);
	holdfile_release(&t->in_use);
	*t = TEMPDIR_INIT;
}

static int write_line(const char *dir, const char *name, const char *line, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(dir, name);
	AUTO(mem_freep) char *text = mem_printf("%s\n", line);

	return file_write(path, text, strlen(text), 0, err);
}

/* Make an empty directory and mark it as in use. */
static int claim_place(struct tempdir *out, const struct tempdir_spec *spec, struct err *err)
{
	AUTO(mem_freep)
	char *git = spec->source ? mem_strdup(spec->source->git_dir)
				 : scm_common_dir_peek(scm_git_dir(spec->scm));
	AUTO(mem_freep) char *pattern = path_join(spec->parent, "tmpXXXXXXXX");
	int r = file_mkdirs(spec->parent, err);

	/* DVC's names have eight random letters, but mkdtemp(3) makes six: take two from the commit
	 */
	memcpy(pattern + strlen(pattern) - 8, spec->commit.hex, 2);
	if (r == 0 && !mkdtemp(pattern))
		r = err_errno(err, "unable to make '%s'", pattern);
	if (r < 0)
		return r;

	out->root = TAKE(pattern);
	out->admin = mem_printf("%s/worktrees/%s", git, path_basename(out->root));

	AUTO(mem_freep) char *in_use = path_join(out->admin, of_maker);

	r = file_mkdirs(out->admin, err);
	if (r == 0)
		r = holdfile_take(&out->in_use, in_use, err);
	if (spec->guard)
		lockfile_release(spec->guard);
	return r;
}

/* Write the files that `git worktree add` would write, and check out the commit: one git process
 * less, and no hooks run. The index is that of `commit`, while HEAD is the baseline. */
static int check_out(const struct tempdir *s, const struct tempdir_spec *spec, struct err *err)
{
	AUTO(mem_freep) char *dot_git = path_join(s->root, ".git");
	AUTO(mem_freep) char *link = mem_printf("gitdir: %s", s->admin);
	int r = write_line(s->admin, "HEAD", spec->baseline.hex, err);

	if (r == 0)
		r = write_line(s->admin, "commondir", "../..", err);
	if (r == 0)
		r = write_line(s->admin, "gitdir", dot_git, err);
	if (r == 0)
		r = write_line(s->root, ".git", link, err);
	if (r == 0)
		r = git_runl(s->root, NULL, err, "-c", "core.hooksPath=/dev/null", "read-tree",
			"--reset", "-u", spec->commit.hex, NULL);
	return r;
}

/* Copy the local settings of the repository, which are not in the commit. The cache is set to an
 * absolute path, because a relative one would mean another place here. */
static int write_config(const struct tempdir *s, const struct tempdir_spec *spec, struct err *err)
{
	const struct repo *repo = spec->repo;
	AUTO(mem_freep)
	char *dvc = spec->source ? mem_strdup(spec->source->dvc_dir)
				 : path_relative(repo->dvc_dir, scm_root(spec->scm));
	AUTO(mem_freep) char *dvc_dir = path_join(s->root, dvc);
	AUTO(config_release) struct config c = CONFIG_INIT;
	int r = config_load(&c, dvc_dir, false, err);

	if (r < 0)
		return r;
	c.levels[CONFIG_LOCAL] = value_copy(&c.arena,
		spec->source ? spec->source->settings : repo->config.levels[CONFIG_LOCAL]);
	config_set(&c, CONFIG_LOCAL, "cache", NULL, "dir",
		spec->source ? spec->source->cache_dir : repo->cache_dir);
	return config_save(&c, CONFIG_LOCAL, err);
}

/* Uses cp(1), which keeps symbolic links and copies directories. */
static int copy_paths(const struct tempdir *s, const struct tempdir_spec *spec, struct err *err)
{
	AUTO(mem_freep) char *base = path_join(scm_root(spec->scm), spec->dir);
	AUTO(mem_freep) char *there = path_join(s->root, spec->dir);

	for (size_t i = 0; i < spec->copy_paths->count; i++) {
		AUTO(mem_freep) char *from = path_join(base, spec->copy_paths->items[i]);
		AUTO(mem_freep) char *to = path_join(there, spec->copy_paths->items[i]);
		char *argv[] = {(char *)"cp", (char *)"-R", (char *)"--", from, to, NULL};
		int r = file_mkdirs_for(to, err);

		if (r == 0 && proc_run(argv, NULL, err) != 0)
			r = err_set(err, ERR_IO,
				"unable to copy '%s' into the experiment's directory",
				spec->copy_paths->items[i]);
		if (r < 0)
			return r;
	}

	return 0;
}

int tempdir_make(struct tempdir *out, const struct tempdir_spec *spec, struct err *err)
{
	int r = claim_place(out, spec, err);

	if (r == 0)
		r = check_out(out, spec, err);
	if (spec->unlock)
		repo_unlock(spec->repo);
	if (r == 0)
		r = write_config(out, spec, err);
	return r < 0 || spec->source ? r : copy_paths(out, spec, err);
}
