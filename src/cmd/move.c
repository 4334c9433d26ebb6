/* `move`. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/hint.h"
#include "ops/move.h"
#include "ui/report.h"

struct move_args {
	const char *src, *dst;
};

static int move_run(struct app *app, const void *opts, struct err *err)
{
	const struct move_args *o = opts;
	int r = repo_lock(app->repo, err);
	if (r >= 0)
		r = ops_move(app->repo, o->src, o->dst, ui_report(), err);
	if (r >= 0)
		r = hint_git(app, err);
	if (r >= 0)
		return 0;
	AUTO(mem_freep) char *prefix = mem_printf("failed to move '%s' -> '%s'", o->src, o->dst);
	return exit_caught(err, prefix);
}

static const struct arg move_arguments[] = {
	ARG_(ARG_ONE, move_args, src, "src", "tracked file or directory", .takes = WORD_TARGET),
	ARG_(ARG_ONE, move_args, dst, "dst", "its new name, or the directory to move it into",
		.takes = WORD_FILE),
	{ARG_END},
};
static const char *const move_aliases[] = {"mv", NULL};

const struct cmd cmd_move = {
	.name = "move",
	.aliases = move_aliases,
	.summary = "rename tracked data",
	.needs = CMD_REPO,
	.args = move_arguments,
	.opts_size = sizeof(struct move_args),
	EXAMPLES({"data.csv prices.csv", "and data.csv.dvc with it"}),
	.run = move_run,
};
