/* `install`. */
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "ops/install.h"
#include "ui/report.h"

struct install_args {
	bool pre_commit_tool;
};

static int install_run(struct app *app, const void *opts, struct err *err)
{
	const struct install_args *o = opts;
	const struct install_opts install = {.program = app->program,
		.pre_commit_tool = o->pre_commit_tool,
		.progress = ui_report()};
	int r = ops_install(app->repo, &install, err);
	return r < 0 ? exit_caught(err, "failed to install DVC Git hooks") : 0;
}

static const struct opt install_options[] = {
	OPT_FLAG(install_args, pre_commit_tool, 0, "use-pre-commit-tool",
		"add the hooks to .pre-commit-config.yaml"),
	OPT_END,
};

const struct cmd cmd_install = {
	.name = "install",
	.summary = "set up Git hooks and merge drivers",
	.needs = CMD_REPO,
	.opts = install_options,
	.opts_size = sizeof(struct install_args),
	EXAMPLES({"", "checkout, commit and push of Git call it"}),
	.run = install_run,
};
