/* `remove`: one target after the other; the targets before a failure stay removed. */
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/hint.h"
#include "ops/remove.h"
#include "project/repo.h"

struct remove_opts {
	bool outs, force;
	struct strlist targets;
};

static const struct opt remove_options[] = {
	OPT_FLAG(remove_opts, outs, 0, "outs", "remove the data in the workspace, too"),
	OPT_FLAG(remove_opts, force, 'f', "force",
		"with --outs: remove an external output of a stage, too"),
	OPT_END,
};

static const struct arg remove_args[] = {
	ARG_(ARG_SOME, remove_opts, targets, "targets", ".dvc files, or stages of dvc.yaml",
		.takes = WORD_TARGET),
	{ARG_END},
};

static int remove_run(struct app *app, const void *opts, struct err *err)
{
	const struct remove_opts *o = opts;
	const struct remove_request req = {.outs = o->outs, .force = o->force};

	for (size_t i = 0; i < o->targets.count; i++) {
		int r = i ? 0 : repo_lock(app->repo, err);
		if (r >= 0)
			r = remove_target(app->repo, o->targets.items[i], &req, err);
		if (r < 0) {
			hint_target(app, "remove", o->targets.items[i], err);
			err->code = r;
			return exit_caught(err, NULL);
		}
	}

	strlist_clear(&app->repo->to_track); /* DVC neither runs `git add` nor prints a hint here */
	return 0;
}

static const char *const remove_aliases[] = {"rm", NULL};

const struct cmd cmd_remove = {
	.name = "remove",
	.aliases = remove_aliases,
	.summary = "stop tracking data, or take stages out of dvc.yaml",
	.needs = CMD_REPO,
	.opts = remove_options,
	.args = remove_args,
	.opts_size = sizeof(struct remove_opts),
	EXAMPLES({"data.csv.dvc", "the data itself stays"},
		{"train --outs", "a stage, and its outputs"}),
	.run = remove_run,
};
