/* Data named by a URL instead of a path in the repository. */
#ifndef PROJECT_URL_H
#define PROJECT_URL_H

#include "project/config.h"

/*
 * The path on this machine that `url` stands for: a path (relative ones are taken from `base`, not
 * normalized), file://, or remote://name/path by the remotes of `config` (may be NULL). Heap
 * string. Fails: ERR_CONFIG (no such remote; a scheme that nobody knows, in DVC's words),
 * ERR_UNSUPPORTED (one that this build cannot reach; the message names it).
 */
int url_local_path(const struct config *config, const char *url, const char *base, char **out,
	struct err *err);

#endif
