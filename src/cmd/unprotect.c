/* `unprotect`. */
#include "cmd/commands.h"
#include "ops/unprotect.h"

struct unprotect_args {
	struct strlist targets;
};

static int unprotect_run(struct app *app, const void *opts, struct err *err)
{
	const struct unprotect_args *o = opts;
	return ops_unprotect(app->repo, &o->targets, err);
}

static const struct arg unprotect_arguments[] = {
	ARG_(ARG_SOME, unprotect_args, targets, "targets",
		"data files and directories to make writable", .takes = WORD_TARGET),
	{ARG_END},
};

const struct cmd cmd_unprotect = {
	.name = "unprotect",
	.summary = "make tracked files safe to edit in place",
	.needs = CMD_REPO | CMD_LOCK,
	.args = unprotect_arguments,
	.opts_size = sizeof(struct unprotect_args),
	EXAMPLES({"data.csv", "then edit it, and `commit` the change"}),
	.run = unprotect_run,
};
