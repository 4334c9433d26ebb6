/* Shared by the commands that edit the configuration: their level options, and loading the
 * configuration without opening a repository. */
#ifndef CMD_LEVEL_H
#define CMD_LEVEL_H

#include "cmd/cmd.h"
#include "project/config.h"

/* The options --global, --system, --project and --local. `field` is a const char * that receives
 * the level's name; NULL: none was given. */
#define OPT_LEVEL(type, field)                                                                     \
	{OPT_KIND_CONST, 0, "global", NULL, "use the user's configuration",                        \
		offsetof(struct type, field), "global", .group = 1},                               \
		{OPT_KIND_CONST, 0, "system", NULL, "use the machine's configuration",             \
			offsetof(struct type, field), "system", .group = 1},                       \
		{OPT_KIND_CONST, 0, "project", NULL,                                               \
			"use the project's configuration (.dvc/config)",                           \
			offsetof(struct type, field), "repo", .group = 1},                         \
	{                                                                                          \
		OPT_KIND_CONST, 0, "local", NULL,                                                  \
			"use the local configuration (.dvc/config.local)",                         \
			offsetof(struct type, field), "local", .group = 1                          \
	}

/* The level with this name; CONFIG_REPO for NULL. */
enum config_level level_find(const char *name);

/* Load the configuration that applies in the working directory. It is not checked, so that a broken
 * one can be repaired. *out_root is the project's root (heap string), or NULL outside of a project.
 * Fails: ERR_CONFIG, ERR_IO. */
int level_load(struct config *out, char **out_root, struct err *err);

/* The values of one level, or of all levels merged (NULL). "remote" and "db" contain one map per
 * name. Borrowed. Fails: ERR_CONFIG (the level does not exist outside of a project). */
int level_read(struct config *c, const char *level, struct value **out, struct err *err);

/* Warn when a secret of a remote was written to the project's configuration, which is committed.
 * DVC says nothing, and neither does the program when it was started as dvc. */
void level_warn_of_secret(enum config_level level, const char *remote, const char *option);

#endif
