/* `list-url`: what a directory that is no repository holds. */
#ifndef OPS_LIST_URL_H
#define OPS_LIST_URL_H

#include "ops/list.h"
#include "project/config.h"

struct list_url_opts {
	bool recursive, tree;
	int level; /* -1: all */
};

/*
 * List the plain URL `url` (data/url.h). A file, and with level 0 a directory, is listed as
 * itself, by its whole path. Fails: ERR_NOT_FOUND with DVC's wording, as url_local_path().
 */
int ops_list_url(const struct config *config, const char *url, const struct list_url_opts *opts,
	struct list_entries *out, struct err *err);

#endif
