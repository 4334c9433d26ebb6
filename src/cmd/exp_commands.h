/* The commands of the group `exp`, in the order of cmd/exp.c. */
#ifndef CMD_EXP_COMMANDS_H
#define CMD_EXP_COMMANDS_H

#include "cmd/cmd.h"

extern const struct cmd cmd_exp_apply;
extern const struct cmd cmd_exp_branch;
extern const struct cmd cmd_exp_clean;
extern const struct cmd cmd_exp_diff;
extern const struct cmd cmd_exp_exec_run;
extern const struct cmd cmd_exp_list;
extern const struct cmd cmd_exp_name;
extern const struct cmd cmd_exp_note;
extern const struct cmd cmd_exp_pull;
extern const struct cmd cmd_exp_push;
extern const struct cmd cmd_exp_queue_task;
extern const struct cmd cmd_exp_queue_worker;
extern const struct cmd cmd_exp_remove;
extern const struct cmd cmd_exp_rename;
extern const struct cmd cmd_exp_run;
extern const struct cmd cmd_exp_save;
extern const struct cmd cmd_exp_show;
extern const struct cmd cmd_exp_star;
extern const struct cmd cmd_exp_tag;

#endif
