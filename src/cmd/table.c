#include "cmd/commands.h"

/* Sorted by name: help and completion list them in this order. */
const struct cmd *const command_table[] = {
	&cmd_root,
	NULL,
};
