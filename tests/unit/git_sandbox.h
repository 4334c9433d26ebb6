/*
 * A small repository with Git and one commit in a scratch directory. For modules that read or write
 * Git's objects and refs.
 */
#ifndef TESTS_UNIT_GIT_SANDBOX_H
#define TESTS_UNIT_GIT_SANDBOX_H

#include "base/proc.h"
#include "sandbox.h"

/* Run a line of shell in the working directory. */
static inline void run_shell(const char *line)
{
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)line, NULL};
	AUTO(buf_release) struct buf out = BUF_INIT;
	if (proc_run(argv, &(struct proc_opts){.out = &out}, NULL) != 0) {
		fprintf(stderr, "failed: %s\n", line);
		abort();
	}
}

static inline void git_sandbox_open(struct sandbox *s)
{
	*s = (struct sandbox){.tmp = tmpdir_make(), .old_cwd = path_cwd()};
	AUTO(mem_freep) char *site = tmpdir_at(&s->tmp, ".dvc/tmp/site");
	tmpdir_write(&s->tmp, ".dvc/config", "");
	tmpdir_write(&s->tmp, ".dvc/.gitignore", "/config.local\n/tmp\n/cache\n");
	if (chdir(s->tmp.path) < 0 || setenv("DVC_SITE_CACHE_DIR", site, 1) < 0 ||
		setenv("HOME", s->tmp.path, 1) < 0 || setenv("GIT_CONFIG_NOSYSTEM", "1", 1) < 0)
		abort();
	run_shell("git init -q -b main . && git config user.name a && git config user.email a@b && "
		  "git add -A && git commit -q -m first");
	if (repo_open(&s->repo, NULL, ".", NULL) < 0)
		abort();
}

#endif
