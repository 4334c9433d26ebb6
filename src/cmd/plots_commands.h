/* The commands of the group `plots`, in the order of cmd/plots.c. */
#ifndef CMD_PLOTS_COMMANDS_H
#define CMD_PLOTS_COMMANDS_H

#include "cmd/cmd.h"

extern const struct cmd cmd_plots_diff;
extern const struct cmd cmd_plots_show;
extern const struct cmd cmd_plots_templates;
extern const struct cmd cmd_plots_exps;
extern const struct cmd cmd_plots_modify;

#endif
