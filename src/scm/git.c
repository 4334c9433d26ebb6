/* How the user's git is started, and where it may work. */
#include "scm/git.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"

/* What would make git look at another repository than that of its directory. */
#define OF_A_HOOK                                                                                  \
	(char *)"GIT_DIR", (char *)"GIT_INDEX_FILE", (char *)"GIT_WORK_TREE", (char *)"GIT_PREFIX"

void git_command(struct strlist *args)
{
	strlist_add(args, "git");
	strlist_add(args, "-c");
	strlist_add(args, "safe.bareRepository=explicit");
}

char *const *git_env(void)
{
	static char *const env[] = {OF_A_HOOK, (char *)"GIT_OPTIONAL_LOCKS=0", NULL};
	return env;
}

char *const *git_env_far(void)
{
	static char *const env[] = {OF_A_HOOK, (char *)"GIT_NO_LAZY_FETCH=1",
		(char *)"GIT_ALLOW_PROTOCOL=file:git:http:https:ssh:ftp:ftps", NULL};
	static char *const of_user[] = {OF_A_HOOK, (char *)"GIT_NO_LAZY_FETCH=1", NULL};
	return getenv("GIT_ALLOW_PROTOCOL") ? of_user : env;
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
	return !git_may_work_in(dir) && root;
}
