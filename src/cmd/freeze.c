/* `freeze` and `unfreeze`: all targets are tried, even after a failure, as in DVC. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/hint.h"
#include "ops/stage_add.h"
#include "project/repo.h"
#include "ui/report.h"

struct freeze_opts {
	struct strlist targets;
};

static const struct arg freeze_args[] = {
	ARG_(ARG_SOME, freeze_opts, targets, "targets", "stages or .dvc files",
		.takes = WORD_TARGET),
	{ARG_END},
};

static int set_all(struct app *app, const struct freeze_opts *o, bool frozen, struct err *err)
{
	int status = 0;
	for (size_t i = 0; i < o->targets.count; i++) {
		int r = repo_lock(app->repo, err);
		if (r >= 0)
			r = stage_freeze(app->repo, o->targets.items[i], frozen, ui_report(), err);
		repo_unlock(app->repo);
		if (r >= 0)
			continue;
		hint_target(app, frozen ? "freeze" : "unfreeze", o->targets.items[i], err);
		AUTO(mem_freep) char *prefix = mem_printf(
			"failed to %s '%s'", frozen ? "freeze" : "unfreeze", o->targets.items[i]);
		err->code = r;
		status = exit_caught(err, prefix);
		err_release(err);
	}

	strlist_clear(&app->repo->to_track); /* DVC neither runs `git add` nor prints a hint here */
	return status;
}

static int freeze_run(struct app *app, const void *opts, struct err *err)
{
	return set_all(app, opts, true, err);
}

static int unfreeze_run(struct app *app, const void *opts, struct err *err)
{
	return set_all(app, opts, false, err);
}

const struct cmd cmd_freeze = {
	.name = "freeze",
	.summary = "keep stages from running again until they are unfrozen",
	.needs = CMD_REPO,
	.args = freeze_args,
	.opts_size = sizeof(struct freeze_opts),
	EXAMPLES({"train", "repro leaves it alone"}),
	.run = freeze_run,
};

const struct cmd cmd_unfreeze = {
	.name = "unfreeze",
	.summary = "let frozen stages run again",
	.needs = CMD_REPO,
	.args = freeze_args,
	.opts_size = sizeof(struct freeze_opts),
	EXAMPLES({"prepare", "repro looks at it again"}),
	.run = unfreeze_run,
};
