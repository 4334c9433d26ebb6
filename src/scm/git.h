/*
 * How the user's git is started. It obeys the configuration of the repository that it finds itself
 * in, which can name commands to run: aliases, transports, monitors, filters. So it works in
 * repositories that have a ".git", which no clone can bring along, and never in a bare one that it
 * comes upon: a clone can contain one as plain files. What is to be read of such a repository,
 * libgit2 reads, which runs nothing.
 */
#ifndef SCM_GIT_H
#define SCM_GIT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strlist.h"

/* "git", and the settings that hold for every call. */
void git_command(struct strlist *args);
/* Changes of the environment (see proc_opts.env_extra): the variables of a hook that we may run in
 * are gone. */
char *const *git_env(void);
/*
 * As git_env(), for addresses that somebody else has written down: only transports of git's own are
 * used, and nothing is fetched behind the scenes. A GIT_ALLOW_PROTOCOL of the user's counts
 * instead.
 */
char *const *git_env_far(void);

/* May git work in the directory: has it a ".git"? */
bool git_may_work_in(const char *dir);
/* Is it a bare repository that lies in the work tree of another one? */
bool git_is_embedded(const char *dir);

/*
 * Run `git -C root args...`; standard output is appended to `out` (NULL: thrown away), `input`
 * (NULL: none) is its standard input. Fails: ERR_FAIL with what git said, ERR_NOT_FOUND when there
 * is no git.
 */
int git_run(const char *root, struct strlist *args, const struct buf *input, struct buf *out,
	struct err *err);
/* The same; exit statuses up to `ok_status` are no failure. Returns the status. */
int git_run_status(const char *root, struct strlist *args, const struct buf *input, struct buf *out,
	int ok_status, struct err *err);
/* As git_run(), for a few words that end with NULL. */
int git_runl(const char *root, struct buf *out, struct err *err, const char *word, ...)
	__attribute__((sentinel));

#endif
