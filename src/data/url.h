/* Data named by a URL instead of a path in the repository. */
#ifndef DATA_URL_H
#define DATA_URL_H

#include "project/config.h"

/*
 * remote://name/path as the URL of that remote of `config` (may be NULL), and the path behind it; a
 * remote may name another one. Any other URL stays as it is. Heap string. Fails: ERR_CONFIG (no
 * such remote, or a circle of them).
 */
int url_resolve(const struct config *config, const char *url, char **out, struct err *err);

/*
 * The path on this machine that `url` stands for: a path (relative ones are taken from `base`, not
 * normalized), file://, or remote://name/path by the remotes of `config` (may be NULL). Heap
 * string. Fails: ERR_CONFIG (no such remote; a scheme that nobody knows, in DVC's words),
 * ERR_UNSUPPORTED (one that this build cannot reach; the message names it).
 */
int url_local_path(const struct config *config, const char *url, const char *base, char **out,
	struct err *err);

#endif
