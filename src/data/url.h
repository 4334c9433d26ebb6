/* Resolves URLs of data outside the repository, and of remotes. */
#ifndef DATA_URL_H
#define DATA_URL_H

#include "project/config.h"

/*
 * Replace "remote://name" in a URL by the URL of that remote of `config` (may be NULL), which may
 * refer to another remote. Any other URL is only copied. Heap string. Fails: ERR_CONFIG (no such
 * remote, or a circle of remotes).
 */
int url_resolve(const struct config *config, const char *url, char **out, struct err *err);

/*
 * The local path of `url`, which is a path (relative to `base`), file://, or remote://name/path
 * with a remote of `config` (may be NULL). Not normalized. Heap string. Fails: ERR_CONFIG (no such
 * remote; an unknown scheme, with DVC's wording), ERR_UNSUPPORTED (a scheme of DVC that this build
 * does not support; the message names it).
 */
int url_local_path(const struct config *config, const char *url, const char *base, char **out,
	struct err *err);

#endif
