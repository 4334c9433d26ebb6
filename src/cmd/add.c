/* `add`: checks the combination of options; ops/add.h does the work. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/hint.h"
#include "ops/add.h"
#include "ui/report.h"
#include "ui/say.h"

struct add_args {
	struct strlist targets;
	bool no_commit, glob, no_relink, to_remote, force;
	const char *out, *remote;
	int remote_jobs;
};

/* DVC's rules for options that need or exclude each other. */
static int check_args(const struct add_args *o, struct err *err)
{
	const char *what = NULL;
	if (o->to_remote || o->out) {
		const char *with = o->to_remote ? "--to-remote" : "--out";
		what = o->targets.count != 1 ? "multiple targets"
		       : o->glob             ? "--glob option"
		       : o->no_commit        ? "--no-commit option"
					     : NULL;
		if (what)
			return err_set(err, ERR_FAIL, "%s can't be used with %s", what, with);
	}

	if (o->to_remote)
		return 0;

	what = o->remote ? "--remote" : o->remote_jobs ? "--remote-jobs" : NULL;
	return what ? err_set(err, ERR_FAIL, "%s can't be used without --to-remote", what) : 0;
}

/* DVC's warning about targets that are tracked but could not be linked. */
static void say_link_failures(const struct strlist *files)
{
	if (!files->count || say_is_quiet())
		return;
	AUTO(mem_freep) char *names = strlist_join(files, " ");
	fflush(stdout);
	say_stderr(
		"\nSome targets could not be linked from cache to workspace.\n"
		"%sTo re-link these targets, reconfigure cache types and then run:\n\n\tdvc checkout %s",
		say_as_dvc()
			? "See <https://dvc.org/doc/user-guide/troubleshooting#cache-types> for more information.\n"
			: "",
		names);
}

static int add_run(struct app *app, const void *opts, struct err *err)
{
	const struct add_args *o = opts;
	AUTO(strlist_release) struct strlist link_failures = STRLIST_INIT;
	const struct add_opts add = {.targets = &o->targets,
		.link_failures = &link_failures,
		.no_commit = o->no_commit,
		.glob = o->glob,
		.no_relink = o->no_relink,
		.progress = ui_report()};

	int r = check_args(o, err);
	const struct add_to_opts to = {.out = o->out,
		.force = o->force,
		.to_remote = o->to_remote,
		.remote = o->remote,
		.jobs = o->remote_jobs};
	if (r >= 0)
		r = repo_lock(app->repo, err);
	if (r >= 0)
		r = o->out || o->to_remote ? ops_add_to(app->repo, o->targets.items[0], &to, err)
					   : ops_add(app->repo, &add, err);

	say_link_failures(&link_failures);
	if (r >= 0)
		r = hint_git(app, err);
	return r < 0 ? exit_caught(err, NULL) : 0;
}

static const struct opt add_options[] = {
	OPT_FLAG(add_args, no_commit, 0, "no-commit",
		"record the data, but put nothing into the cache"),
	OPT_FLAG(add_args, glob, 0, "glob", "take targets as shell patterns"),
	OPT_STRING(add_args, out, 'o', "out", "path", "copy the target to this path and track that",
		.takes = WORD_FILE),
	OPT_FLAG(add_args, to_remote, 0, "to-remote", "send the data right to a remote"),
	OPT_STRING(add_args, remote, 'r', "remote", "name", "the remote for --to-remote",
		.takes = WORD_REMOTE),
	OPT_INT(add_args, remote_jobs, 0, "remote-jobs", "number",
		"uploads at once, with --to-remote"),
	OPT_FLAG(add_args, force, 'f', "force", "overwrite what --out names"),
	OPT_FLAG(add_args, no_relink, 0, "no-relink",
		"do not make workspace files links into the cache"),
	OPT_END,
};
static const struct arg add_arguments[] = {
	ARG_(ARG_SOME, add_args, targets, "targets", "files and directories to track",
		.takes = WORD_FILE),
	{ARG_END},
};

const struct cmd cmd_add = {
	.name = "add",
	.summary = "track files or directories",
	.needs = CMD_REPO,
	.opts = add_options,
	.args = add_arguments,
	.opts_size = sizeof(struct add_args),
	EXAMPLES({"raw.csv", "track a file; commit raw.csv.dvc to Git"}),
	.run = add_run,
};
