/* Shared by the commands that open other repositories: their options, and the form of their
 * failures. */
#ifndef CMD_EXTERNAL_OPTS_H
#define CMD_EXTERNAL_OPTS_H

#include "cmd/cmd.h"
#include "data/external.h"

struct external_args {
	const char *config, *remote;
	struct strlist remote_config;
};

/* --config, --remote, --remote-config; `field` is a struct external_args. */
#define EXTERNAL_OPTIONS(type, field)                                                              \
	OPT_STRING(type, field.config, 0, "config", "path",                                        \
		"configuration file to merge into the repository's"),                              \
		OPT_STRING(type, field.remote, 0, "remote", "name",                                \
			"default remote in the repository"),                                       \
		OPT_MANY(type, field.remote_config, 0, "remote-config", "name=value",              \
			"options of that remote; @file: a file with lines name=value")

/* Convert the options into the empty `*out`; values live in `a`. Fails: ERR_USAGE. */
int external_args_read(const struct app *app, const struct external_args *o, struct arena *a,
	struct external_opts *out, struct err *err);

/* Report "failed to VERB 'path' from 'url'<end> - ..." as DVC does; returns the exit status. */
int external_failure(
	struct err *err, const char *verb, const char *path, const char *url, const char *end);

#endif
