#include "cmd/commands.h"

/* Sorted by name: help and completion list them in this order. */
const struct cmd *const command_table[] = {
	&cmd_add,
	&cmd_cache,
	&cmd_checkout,
	&cmd_config,
	&cmd_dag,
	&cmd_experiments,
	&cmd_freeze,
	&cmd_init,
	&cmd_metrics,
	&cmd_params,
	&cmd_list,
	&cmd_queue,
	&cmd_remote,
	&cmd_remove,
	&cmd_repro,
	&cmd_root,
	&cmd_unprotect,
	&cmd_stage,
	&cmd_unfreeze,
	&cmd_version,
	NULL,
};
