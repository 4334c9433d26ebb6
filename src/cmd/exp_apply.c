/* `exp apply`, `exp branch`, `exp rename` and `exp clean`. */
#include "base/alloc.h"
#include "base/str.h"
#include "cmd/exp_commands.h"
#include "cmd/exit.h"
#include "exp/share.h"
#include "ui/report.h"
#include "ui/say.h"

/* ---- exp apply */

struct apply_opts {
	bool no_force;
	const char *experiment;
};

static const struct opt apply_options[] = {
	{OPT_KIND_FLAG, 0, "no-force", NULL, "deprecated, does nothing",
		offsetof(struct apply_opts, no_force)},
	OPT_END,
};

static const struct arg apply_args[] = {
	ARG_(ARG_ONE, apply_opts, experiment, "experiment", "name or commit of the experiment",
		.takes = WORD_EXPERIMENT),
	{ARG_END},
};

static int apply_run(struct app *app, const void *opts, struct err *err)
{
	const struct apply_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	bool kept = false;

	int r = repo_lock(app->repo, err);

	if (r == 0)
		r = exp_open(&x, app->repo, err);
	if (r == 0 && o->no_force)
		say("The --no-force option is deprecated and will be removed in a future DVC release. To revert the result "
		    "of 'exp apply', run:\n\n\tgit reset --hard\n\tgit stash apply refs/exps/apply/stash\n");
	if (r == 0)
		r = exp_apply(&x, o->experiment, ui_report(), &kept, err);
	if (r == 0)
		say("Changes for experiment '%s' have been applied to your current workspace.",
			o->experiment);
	if (r == 0 && kept)
		say_stderr("What was uncommitted is kept: " EXP_APPLY_UNDO);
	return r;
}

const struct cmd cmd_exp_apply = {
	.name = "apply",
	.summary = "put an experiment into the workspace",
	.details = "What was uncommitted is kept: " EXP_APPLY_UNDO,
	.needs = CMD_REPO,
	.opts = apply_options,
	.args = apply_args,
	.opts_size = sizeof(struct apply_opts),
	EXAMPLES({"low-lr", "make the workspace that experiment"}),
	.run = apply_run,
};

/* ---- exp branch */

struct branch_opts {
	const char *experiment, *branch;
};

static const struct arg branch_args[] = {
	ARG_(ARG_ONE, branch_opts, experiment, "experiment", "name or commit of the experiment",
		.takes = WORD_EXPERIMENT),
	ARG_(ARG_OPTIONAL, branch_opts, branch, "branch",
		"name of the branch; <experiment>-branch when left out"),
	{ARG_END},
};

static int branch_run(struct app *app, const void *opts, struct err *err)
{
	const struct branch_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(mem_freep) char *name = NULL;
	AUTO(mem_freep) char *branch = NULL;
	int r = exp_open(&x, app->repo, err);

	if (r == 0)
		r = exp_branch(&x, o->experiment, o->branch, &name, &branch, err);
	if (r == 0)
		say("Git branch '%s' has been created from experiment '%s'.\nTo switch to the new branch run:\n\n\tgit checkout %s",
			branch, name, branch);
	return r;
}

const struct cmd cmd_exp_branch = {
	.name = "branch",
	.summary = "make a Git branch of an experiment",
	.needs = CMD_REPO | CMD_LOCK,
	.args = branch_args,
	.opts_size = sizeof(struct branch_opts),
	EXAMPLES({"low-lr try-low-lr", "to go on from it with Git"}),
	.run = branch_run,
};

/* ---- exp rename */

struct rename_opts {
	const char *git_remote;
	bool force;
	const char *first, *second;
};

static const struct opt rename_options[] = {
	OPT_STRING(rename_opts, git_remote, 'g', "git-remote", "git_remote", "of this Git remote",
		.takes = WORD_GIT_REMOTE),
	OPT_FLAG(rename_opts, force, 'f', "force", "replace an experiment of that name"),
	OPT_END,
};

/* Both are optional in DVC. A single argument is the new name, which is an error. */
static const struct arg rename_args[] = {
	ARG_(ARG_ONE, rename_opts, first, "experiment", "name of the experiment",
		.takes = WORD_EXPERIMENT),
	ARG_(ARG_OPTIONAL, rename_opts, second, "name", "its new name"),
	{ARG_END},
};

static int rename_run(struct app *app, const void *opts, struct err *err)
{
	const struct rename_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	int r;

	if (!o->second)
		return err_set(err, ERR_FAIL,
			"An experiment to rename and a new experiment name are required.");
	if (str_eq(o->first, o->second)) {
		say("No experiments to rename.");
		return 0;
	}

	r = repo_lock(app->repo, err);
	if (r == 0)
		r = exp_open(&x, app->repo, err);
	if (r == 0)
		r = o->git_remote ? exp_rename_remote(
					    &x, o->git_remote, o->first, o->second, o->force, err)
				  : exp_rename(&x, o->first, o->second, o->force, err);
	if (r == 0)
		say("Renamed experiments: '%s'", o->first);
	return r;
}

const struct cmd cmd_exp_rename = {
	.name = "rename",
	.summary = "give an experiment another name",
	.needs = CMD_REPO,
	.opts = rename_options,
	.args = rename_args,
	.opts_size = sizeof(struct rename_opts),
	EXAMPLES({"low-lr small-steps", "only the name changes"}),
	.run = rename_run,
};

/* ---- exp clean */

static int clean_run(struct app *app, const void *opts, struct err *err)
{
	AUTO(exp_release) struct exp x = EXP_INIT;
	int r = exp_open(&x, app->repo, err);

	(void)opts;
	if (r == 0) {
		say("Cleaning up dvc-task messages...");
		r = exp_clean(&x, err);
	}
	if (r == 0)
		say("Done!");
	return r;
}

const struct cmd cmd_exp_clean = {
	.name = "clean",
	.summary = "sweep what crashed runs have left behind",
	.needs = CMD_REPO,
	EXAMPLES({"", "after a crash or a power cut"}),
	.run = clean_run,
};
