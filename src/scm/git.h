/*
 * Starts the user's git. git obeys the configuration of the repository in which it runs, and that
 * can name commands to run: aliases, transports, monitors, filters. So git runs only in a
 * directory that has a ".git", which no clone can bring along. It never runs in a bare repository,
 * because a clone can contain one as plain files. Such a repository is read by libgit2, which runs
 * nothing.
 */
#ifndef SCM_GIT_H
#define SCM_GIT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strlist.h"
#include "scm/giturl.h"

/* Append "git" and the options that every call needs. */
void git_command(struct strlist *args);
/* Changes to the environment (see proc_opts.env_extra): removes the variables that git sets for
 * hooks, as cairn may run in one. */
char *const *git_env(void);
/* As git_env(), for addresses that come from a file: only git's built-in transports are allowed and
 * nothing is fetched implicitly. If the user has set GIT_ALLOW_PROTOCOL, it is kept. */
char *const *git_env_far(void);

/* May git run in the directory, that is, does it have a ".git"? */
bool git_may_work_in(const char *dir);
/* Is `dir` a bare repository inside the work tree of another repository? */
bool git_is_embedded(const char *dir);
/*
 * Parse an address that git is to be given. Refuse remote helpers (ext::, fd::, ...), for which git
 * runs a program of that name, and bare repositories in a work tree, whose configuration git would
 * obey although they may be plain files of a clone. Fails: ERR_PARSE, ERR_FAIL.
 */
int git_check_address(const char *url, struct giturl *out, struct err *err);

/*
 * Run `git -C root args...`. Its standard output is appended to `out` (NULL: discarded); `input`
 * (NULL: empty) is its standard input. Fails: ERR_FAIL with git's error text, ERR_NOT_FOUND when
 * git is not installed.
 */
int git_run(const char *root, struct strlist *args, const struct buf *input, struct buf *out,
	struct err *err);
/* The same, but exit statuses up to `ok_status` are no failure. Returns the exit status. */
int git_run_status(const char *root, struct strlist *args, const struct buf *input, struct buf *out,
	int ok_status, struct err *err);
/* As git_run() with the arguments as separate strings; the last is NULL. */
int git_runl(const char *root, struct buf *out, struct err *err, const char *word, ...)
	__attribute__((sentinel));

#endif
