/* The group `exp`. */
#include "cmd/commands.h"
#include "cmd/exp_commands.h"

static const struct cmd *const exp_commands[] = {
	&cmd_exp_apply,
	&cmd_exp_branch,
	&cmd_exp_clean,
	&cmd_exp_diff,
	&cmd_exp_exec_run,
	&cmd_exp_list,
	&cmd_exp_name,
	&cmd_exp_note,
	&cmd_exp_pull,
	&cmd_exp_push,
	&cmd_exp_queue_task,
	&cmd_exp_queue_worker,
	&cmd_exp_remove,
	&cmd_exp_rename,
	&cmd_exp_run,
	&cmd_exp_save,
	&cmd_exp_show,
	&cmd_exp_star,
	&cmd_exp_tag,
	NULL,
};

static const char *const exp_aliases[] = {"experiments", NULL};

const struct cmd cmd_experiments = {
	.name = "exp",
	.aliases = exp_aliases,
	.summary = "run, compare and manage experiments",
	EXAMPLES({"run -S train.lr=0.1 --name tenth", "with another parameter"},
		{"show --only-changed", "compare them"}),
	.subs = exp_commands,
};
