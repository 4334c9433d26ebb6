/* The group `plots`. */
#include "cmd/commands.h"
#include "cmd/plots_commands.h"

static const struct cmd *const plots_subs[] = {&cmd_plots_diff, &cmd_plots_exps, &cmd_plots_modify,
	&cmd_plots_show, &cmd_plots_templates, NULL};

const struct cmd cmd_plots = {
	.name = "plots",
	.summary = "draw metrics, compare them, and show images",
	EXAMPLES({"show", "all plots of the workspace, as a page"},
		{"diff v1.0 --terminal", "against a commit, as text"},
		{"modify loss.csv -x step", "change how an output is drawn"}),
	.keys = "plots",
	.subs = plots_subs,
};
