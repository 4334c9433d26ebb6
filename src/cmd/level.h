/* What the commands that edit the configuration share: their level options and the configuration
 * outside of a command's repository. */
#ifndef CMD_LEVEL_H
#define CMD_LEVEL_H

#include "cmd/cmd.h"
#include "project/config.h"

/* --global, --system, --project, --local; `field` is a const char * that names the level, NULL when
 * none was given. */
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

/* The level called `name`; CONFIG_REPO for NULL. */
enum config_level level_find(const char *name);

/*
 * Read the configuration of the working directory, unchecked, so that a broken one can be mended.
 * *out_root is the project's root as a heap string, NULL outside of one. Fails: ERR_CONFIG, ERR_IO.
 */
int level_load(struct config *out, char **out_root, struct err *err);

/* The keys of one level, or of all merged (NULL); "remote" and "db" hold a map a name. Fails:
 * ERR_CONFIG. */
int level_read(struct config *c, const char *level, struct value **out, struct err *err);

#endif
