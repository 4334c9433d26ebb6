/* Starting the user's git, and where it may run. */
#include "scm/git.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "scm/scm.h"

/* Variables that make git work in another repository than that of the directory. git sets them for
 * hooks. */
#define OF_A_HOOK                                                                                  \
	(char *)"GIT_DIR", (char *)"GIT_INDEX_FILE", (char *)"GIT_WORK_TREE", (char *)"GIT_PREFIX"

/* safe.bareRepository=explicit: git does not discover a bare repository on its own, see git.h. */
void git_command(struct strlist *args)
{
	strlist_add(args, "git");
	strlist_add(args, "-c");
	strlist_add(args, "safe.bareRepository=explicit");
}

char *const *git_env(void)
{
	/* without optional locks `git status` does not write the index, which may disturb a git of
	 * the user */
	static char *const env[] = {OF_A_HOOK, (char *)"GIT_OPTIONAL_LOCKS=0", NULL};
	return env;
}

#define PROTOCOLS (char *)"GIT_ALLOW_PROTOCOL=file:git:http:https:ssh:ftp:ftps"
/* Neither git nor ssh asks on the terminal; they fail instead. */
#define NO_QUESTIONS                                                                               \
	(char *)"GIT_TERMINAL_PROMPT=0", (char *)"SSH_ASKPASS=false",                              \
		(char *)"SSH_ASKPASS_REQUIRE=force"

char *const *git_env_far(void)
{
	static char *const env[] = {OF_A_HOOK, (char *)"GIT_NO_LAZY_FETCH=1", PROTOCOLS, NULL};
	static char *const of_user[] = {OF_A_HOOK, (char *)"GIT_NO_LAZY_FETCH=1", NULL};
	static char *const of_host[] = {
		OF_A_HOOK, (char *)"GIT_NO_LAZY_FETCH=1", NO_QUESTIONS, PROTOCOLS, NULL};
	static char *const of_both[] = {
		OF_A_HOOK, (char *)"GIT_NO_LAZY_FETCH=1", NO_QUESTIONS, NULL};
	bool chosen = getenv("GIT_ALLOW_PROTOCOL") != NULL;
	if (scm_is_program())
		return chosen ? of_user : env;
	return chosen ? of_both : of_host;
}

bool git_may_work_in(const char *dir)
{
	AUTO(mem_freep) char *git = path_join(dir, ".git");
	return file_exists(git);
}

bool git_is_embedded(const char *dir)
{
	AUTO(mem_freep) char *real = realpath(dir, NULL);
	AUTO(mem_freep) char *above = real ? path_dirname(real) : NULL;
	AUTO(mem_freep) char *root = above ? file_find_above(above, ".git", false) : NULL;
	/* realpath(): a symbolic link must not hide the work tree around it. A ".git" is that of
	 * the work tree itself: no clone can bring one along. */
	return !git_may_work_in(dir) && root && strcmp(path_basename(real), ".git") != 0;
}

int git_check_address(const char *url, struct giturl *out, struct err *err)
{
	int r = giturl_parse(out, url, err);

	/* A user who sets GIT_ALLOW_PROTOCOL has decided which helpers git may run. */
	if (r >= 0 && out->kind == GITURL_HELPER && !getenv("GIT_ALLOW_PROTOCOL"))
		return err_kind(err, KIND_CLONE_FAILED,
			err_set(err, ERR_PARSE,
				"malformed Git URL: '%s::' names a remote helper, and none is run",
				out->scheme));

	bool local = r >= 0 && (out->kind == GITURL_PATH || out->kind == GITURL_FILE);
	if (local && git_is_embedded(out->path)) {
		r = err_set(err, ERR_FAIL,
			"'%s' is a bare repository within another repository, and git is not run in it",
			out->path);
		return file_is_regular(out->path)
			       ? err_plain(err, r, "'%s' is a file, not a repository", out->path)
			       : r;
	}
	return r;
}

/*
 * When a lock file stopped git ("Unable to create '<path>.lock': File exists."), add a hint with
 * its age. git does not report the age, by which one can tell a running git from one that was
 * killed.
 */
static void hint_at_lock(const char *root, const char *said, struct err *err)
{
	static const char config[] = "could not lock config file ";
	static const char before[] = "Unable to create '", after[] = ".lock': File exists";
	const char *from = strstr(said, before), *to = strstr(said, after);
	struct stat st;

	if (!from || !to || to < from) { /* "could not lock config file <path>: File exists" */
		from = strstr(said, config);
		to = from ? strstr(from, ": File exists") : NULL;
	}

	if (!to)
		return;

	/* `from` is the beginning of either message; go on to the path */
	from += *from == 'U' ? strlen(before) : strlen(config);
	AUTO(mem_freep) char *named = mem_strndup(from, (size_t)(to - from));
	AUTO(mem_freep) char *locked = path_join(root, named);
	AUTO(mem_freep) char *path = mem_printf("%s.lock", locked);

	if (lstat(path, &st) == 0)
		err_hint(err,
			"'%s' is %lld s old. If no Git process works here, it was left by one that was killed: remove it.",
			path, (long long)MAX(time(NULL) - st.st_mtime, 0));
}

int git_run_status(const char *root, struct strlist *args, const struct buf *input, struct buf *out,
	int ok_status, struct err *err)
{
	AUTO(strlist_release) struct strlist argv = STRLIST_INIT;
	AUTO(buf_release) struct buf said = BUF_INIT;
	AUTO(buf_release) struct buf ignored = BUF_INIT;
	struct proc_opts opts = {
		.env_extra = git_env(),
		.input = input ? buf_str(input) : NULL,
		.input_len = input ? input->len : 0,
		.out = out ? out : &ignored,
		.err_out = &said,
	};
	int status;

	git_command(&argv);
	strlist_add(&argv, "-C");
	strlist_add(&argv, root);
	for (size_t i = 0; i < args->count; i++)
		strlist_add(&argv, args->items[i]);

	status = proc_run(strlist_argv(&argv), &opts, err);
	if (status < 0)
		return err_wrap(err, status, "unable to run git");
	if (status <= ok_status) /* a status that the caller expects */
		return status;

	buf_rtrim(&said);
	status = err_set(err, ERR_FAIL, "git %s failed: %s", args->count ? args->items[0] : "",
		said.len ? said.ptr : "unknown reason");
	hint_at_lock(root, buf_str(&said), err);
	return status;
}

int git_run(const char *root, struct strlist *args, const struct buf *input, struct buf *out,
	struct err *err)
{
	return git_run_status(root, args, input, out, 0, err);
}

int git_runl(const char *root, struct buf *out, struct err *err, const char *word, ...)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	va_list ap;

	va_start(ap, word);
	for (; word; word = va_arg(ap, const char *))
		strlist_add(&args, word);
	va_end(ap);
	return git_run_status(root, &args, NULL, out, 0, err);
}
