/*
 * Composes a configuration as Hydra 1.3 does when DVC calls it: the files of the defaults list are
 * merged, overrides are applied, interpolations are resolved, and the key "hydra" is dropped. No
 * Python runs; what needs it is refused. Pure apart from reading files and the environment.
 */
#ifndef HYDRA_COMPOSE_H
#define HYDRA_COMPOSE_H

#include "hydra/source.h"

struct hydra_request {
	const char *dir;         /* of the configuration, absolute and normalized */
	const char *shown;       /* the same as errors show it, "file:///..." or "pkg://..." */
	const char *config_name; /* of the primary configuration, without ".yaml" */
	const char *cwd;         /* to which paths of hydra.searchpath are relative; absolute */
	const struct strlist *overrides; /* "lr=0.1", "db=mysql" */
	const struct hydra_files *files; /* NULL: those on disk */
};

/*
 * Append the result as YAML. Texts for the user (a list without "_self_", a deprecated key) are
 * added to `warnings`, which may be NULL. Fails: ERR_VALUE with Hydra's or OmegaConf's message.
 */
int hydra_compose(const struct hydra_request *request, struct buf *out, struct strlist *warnings,
	struct err *err);

#endif
