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

/* Is the data of `url` reached over the network? Follows remote://. False for what cannot be
 * resolved. */
bool url_is_far(const struct config *config, const char *url);
/* Check the scheme of a resolved URL; `shown` is the URL for messages. Fails: ERR_CONFIG for one
 * that DVC does not know either, with its wording; ERR_UNSUPPORTED, naming it. */
int url_check_scheme(const char *resolved, const char *shown, struct err *err);
/* The options of the remote that a remote:// URL names, with those of remotes that it refers to (a
 * remote's own go first), as a new map in `a`; empty for another URL. */
struct value *url_options(const struct config *config, const char *url, struct arena *a);

/* Is an option set to true? That of a remote is text, that of a dependency may be a boolean. */
bool url_option_set(const struct value *options, const char *key);

/*
 * The local path of `url`, which is a path (relative to `base`), file://, or remote://name/path
 * with a remote of `config` (may be NULL). Not normalized. Heap string. Fails: ERR_CONFIG (no such
 * remote; an unknown scheme, with DVC's wording), ERR_UNSUPPORTED (a scheme of DVC that this build
 * does not support; the message names it).
 */
int url_local_path(const struct config *config, const char *url, const char *base, char **out,
	struct err *err);

#endif
