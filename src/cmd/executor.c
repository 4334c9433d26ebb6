/* The group `executor`. */
#include "cmd/commands.h"
#include "cmd/executor_commands.h"

static const struct cmd *const executor_commands[] = {
	&cmd_executor_cancel,
	&cmd_executor_check,
	&cmd_executor_host,
	&cmd_executor_jobs,
	&cmd_executor_list,
	&cmd_executor_probe,
	&cmd_executor_run_job,
	&cmd_executor_show,
	NULL,
};

const struct cmd cmd_executor = {
	.name = "executor",
	.summary = "other places where stages and experiments run",
	.details =
		"An executor is a section of .dvc/cairn.config: `[executor \"gpu\"]` with `type = "
		"slurm`, `ssh` or `command`, and what that type needs. `show` says what holds "
		"for it, `check` whether it works.",
	EXAMPLES({"check gpu", "whether its nodes are fit"},
		{"jobs", "what waits and runs elsewhere"}),
	.subs = executor_commands,
};
