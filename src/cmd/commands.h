/* All commands, in the order of cmd/table.c. Each is defined in one file. */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

#include "cmd/cmd.h"

extern const struct cmd cmd_add;
extern const struct cmd cmd_artifacts;
extern const struct cmd cmd_cache;
extern const struct cmd cmd_cat;
extern const struct cmd cmd_check_ignore;
extern const struct cmd cmd_checkout;
extern const struct cmd cmd_commit;
extern const struct cmd cmd_complete;
extern const struct cmd cmd_completion;
extern const struct cmd cmd_config;
extern const struct cmd cmd_dag;
extern const struct cmd cmd_data;
extern const struct cmd cmd_dataset;
extern const struct cmd cmd_describe;
extern const struct cmd cmd_destroy;
extern const struct cmd cmd_diff;
extern const struct cmd cmd_du;
extern const struct cmd cmd_executor;
extern const struct cmd cmd_experiments;
extern const struct cmd cmd_fetch;
extern const struct cmd cmd_freeze;
extern const struct cmd cmd_fsck;
extern const struct cmd cmd_gc;
extern const struct cmd cmd_git_hook;
extern const struct cmd cmd_get;
extern const struct cmd cmd_get_url;
extern const struct cmd cmd_import;
extern const struct cmd cmd_import_url;
extern const struct cmd cmd_init;
extern const struct cmd cmd_install;
extern const struct cmd cmd_list;
extern const struct cmd cmd_list_url;
extern const struct cmd cmd_live;
extern const struct cmd cmd_log;
extern const struct cmd cmd_metrics;
extern const struct cmd cmd_move;
extern const struct cmd cmd_params;
extern const struct cmd cmd_plots;
extern const struct cmd cmd_pull;
extern const struct cmd cmd_push;
extern const struct cmd cmd_queue;
extern const struct cmd cmd_remote;
extern const struct cmd cmd_remove;
extern const struct cmd cmd_repro;
extern const struct cmd cmd_resolve;
extern const struct cmd cmd_revs;
extern const struct cmd cmd_root;
extern const struct cmd cmd_schema;
extern const struct cmd cmd_stage;
extern const struct cmd cmd_status;
extern const struct cmd cmd_unfreeze;
extern const struct cmd cmd_unprotect;
extern const struct cmd cmd_update;
extern const struct cmd cmd_version;
extern const struct cmd cmd_why;

#endif
