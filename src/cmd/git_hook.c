/* `git-hook`, hidden: the hooks and merge drivers that Git runs, as `install` has set them up. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "ops/merge.h"
#include "ui/say.h"

struct hook_args {
	struct strlist args;
};

/* Make paths in Git's environment absolute. Git sets them relative to the directory in which the
 * hook starts, and cairn runs git in other directories. */
static void fix_environment(void)
{
	static const char *const names[] = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *path = getenv(names[i]);
		if (!path || !*path || path_is_absolute(path))
			continue;
		AUTO(mem_freep) char *full = path_absolute(path);
		(void)setenv(names[i], full, 1);
	}
}

/* Run another command in this process. Outside of a repository nothing is run, and that is a
 * success. */
static int run_command(struct app *app, const char *name)
{
	AUTO(mem_freep) char *program = mem_strdup(app->program), *command = mem_strdup(name);
	char *argv[] = {program, command, NULL};
	if (!app->repo)
		return 0;
	fix_environment();
	return cmd_main(2, argv);
}

static int pre_commit_run(struct app *app, const void *opts, struct err *err)
{
	(void)opts, (void)err;
	return run_command(app, "status");
}

static int pre_push_run(struct app *app, const void *opts, struct err *err)
{
	(void)opts, (void)err;
	return run_command(app, "push");
}

static int post_checkout_run(struct app *app, const void *opts, struct err *err)
{
	const struct hook_args *o = opts;
	/* Git passes the kind of checkout as third argument, the pre-commit framework in its
	 * environment. */
	const char *flag = getenv("PRE_COMMIT_CHECKOUT_TYPE");
	(void)err;
	if (!flag && o->args.count >= 3)
		flag = o->args.items[2];
	if (!str_eq(flag, "1") || file_is_dir(".git/rebase-merge"))
		return 0; /* only files were checked out, or a rebase is under way */
	return run_command(app, "checkout");
}

/* Check out the data after a merge or a pull, for which Git runs no post-checkout hook. */
static int post_merge_run(struct app *app, const void *opts, struct err *err)
{
	(void)opts, (void)err;
	return run_command(app, "checkout");
}

static const struct arg hook_arguments[] = {
	ARG_(ARG_ANY, hook_args, args, "args", "what Git or the pre-commit framework passes"),
	{ARG_END},
};

#define HOOK(id, hook_name, hook_summary, hook_run)                                                \
	static const struct cmd id = {                                                             \
		.name = hook_name,                                                                 \
		.summary = hook_summary,                                                           \
		.needs = CMD_MAYBE_REPO,                                                           \
		.args = hook_arguments,                                                            \
		.opts_size = sizeof(struct hook_args),                                             \
		.run = hook_run,                                                                   \
	}

HOOK(hook_pre_commit, "pre-commit", "run the pre-commit hook", pre_commit_run);
HOOK(hook_pre_push, "pre-push", "run the pre-push hook", pre_push_run);
HOOK(hook_post_merge, "post-merge", "run the post-merge hook", post_merge_run);
HOOK(hook_post_checkout, "post-checkout", "run the post-checkout hook", post_checkout_run);

struct driver_args {
	struct merge_files files;
	const char *path;
};

/* A failure makes Git report a conflict in the file. */
static int merge_driver_run(struct app *app, const void *opts, struct err *err)
{
	const struct driver_args *o = opts;
	if (!app->repo)
		return 0;
	fix_environment();
	return ops_merge_dvc(app->repo, &o->files, err);
}

static int merge_lock_run(struct app *app, const void *opts, struct err *err)
{
	const struct driver_args *o = opts;
	AUTO(strlist_release) struct strlist conflicts = STRLIST_INIT;
	(void)app;
	int r = ops_merge_lock(&o->files, &conflicts, err);
	if (r < 0)
		return exit_caught(err, "unable to merge dvc.lock");
	if (!conflicts.count)
		return 0;
	AUTO(mem_freep) char *names = strlist_join(&conflicts, "', '");
	(void)err_set(err, ERR_FAIL, "both sides ran '%s': choose one in '%s', or run it again",
		names, o->path ? o->path : "dvc.lock");
	return exit_caught(err, NULL);
}

#define DRIVER_OPTIONS                                                                             \
	{OPT_KIND_STRING, 0, "ancestor", "ancestor", "the version that both come from",            \
		offsetof(struct driver_args, files.ancestor), .required = true,                    \
		.takes = WORD_FILE},                                                               \
		{OPT_KIND_STRING, 0, "our", "our", "the current version, and the result",          \
			offsetof(struct driver_args, files.our), .required = true,                 \
			.takes = WORD_FILE},                                                       \
	{                                                                                          \
		OPT_KIND_STRING, 0, "their", "their", "the other branch's version",                \
			offsetof(struct driver_args, files.their), .required = true,               \
								   .takes = WORD_FILE              \
	}

static const struct opt merge_driver_options[] = {
	DRIVER_OPTIONS,
	OPT_END,
};
static const struct cmd hook_merge_driver = {
	.name = "merge-driver",
	.summary = "merge a .dvc file",
	.needs = CMD_MAYBE_REPO,
	.opts = merge_driver_options,
	.opts_size = sizeof(struct driver_args),
	.run = merge_driver_run,
};

static const struct opt merge_lock_options[] = {
	DRIVER_OPTIONS,
	OPT_STRING(driver_args, path, 0, "path", "path", "where the file will be, for messages"),
	OPT_END,
};
static const struct cmd hook_merge_lock = {
	.name = "merge-lock",
	.summary = "merge dvc.lock, stage by stage",
	.opts = merge_lock_options,
	.opts_size = sizeof(struct driver_args),
	.run = merge_lock_run,
};

static const struct cmd *const git_hook_subs[] = {&hook_pre_commit, &hook_post_checkout,
	&hook_post_merge, &hook_pre_push, &hook_merge_driver, &hook_merge_lock, NULL};

const struct cmd cmd_git_hook = {
	.name = "git-hook",
	.summary = "run a hook or a merge driver for Git",
	.subs = git_hook_subs,
	.hidden = true,
};
