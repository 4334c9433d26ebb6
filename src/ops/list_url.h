/* `list-url`: the contents of a plain directory, outside of any repository. */
#ifndef OPS_LIST_URL_H
#define OPS_LIST_URL_H

#include "ops/list.h"
#include "project/config.h"

struct list_url_opts {
	bool recursive, tree;
	int level;                     /* maximal depth; -1: no limit */
	const struct value *fs_config; /* options for reaching the URL (a map), or NULL */
};

/* List the plain URL `url` (data/url.h). A file is listed as itself, by its whole path; so is a
 * directory with level 0. Fails: ERR_NOT_FOUND with DVC's wording, as url_local_path(), the codes
 * of fs/fs.h. */
int ops_list_url(const struct ctx *ctx, const struct config *config, const char *url,
	const struct list_url_opts *opts, struct list_entries *out, struct err *err);

#endif
