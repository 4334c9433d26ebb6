/* The commands of the group `executor`. */
#ifndef CMD_EXECUTOR_COMMANDS_H
#define CMD_EXECUTOR_COMMANDS_H

#include "cmd/cmd.h"

extern const struct cmd cmd_executor_cancel; /* executor_jobs.c */
extern const struct cmd cmd_executor_check;  /* executor_check.c */
extern const struct cmd cmd_executor_host;
extern const struct cmd cmd_executor_jobs;
extern const struct cmd cmd_executor_probe;
extern const struct cmd cmd_executor_run_job;
extern const struct cmd cmd_executor_list; /* executor_profiles.c */
extern const struct cmd cmd_executor_show;

#endif
