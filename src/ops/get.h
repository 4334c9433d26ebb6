/* Taking data out of other repositories and from plain paths, without tracking it. */
#ifndef OPS_GET_H
#define OPS_GET_H

#include "data/external.h"

struct get_opts {
	struct external_opts from;
	const char *out; /* where to; NULL: its name, here */
	bool force;      /* replace files that are there */
	int jobs;
};

/*
 * Where something called `name` goes: `out`, into it when it is a directory, or its own last part,
 * here. Heap string in *out_path. Fails: ERR_EXISTS (DVC's wording) when something is there and not
 * `force`.
 */
int get_destination(
	const char *name, const char *out, bool force, char **out_path, struct err *err);

/* Copy `path` of the repository `url` here. Fails: ERR_EXISTS, ERR_NO_PATH (DVC's wording), as
 * external_open(). */
int ops_get(const char *url, const char *path, const struct get_opts *opts, struct err *err);

/* Where the object of a tracked path is stored: in the default remote, else in the cache of a local
 * repository. Heap string. Fails: ERR_NOT_FOUND, ERR_CONFIG with DVC's wording. */
int get_storage_url(const char *url, const char *path, const struct external_opts *from, char **out,
	struct err *err);
int get_storage_url_in(struct external *e, const char *path, char **out, struct err *err);

struct config;
/*
 * Copy what a plain URL (data/url.h) stands for. Fails: ERR_NOT_FOUND "The path 'x' does not
 * exist", ERR_EXISTS, as url_local_path().
 */
int ops_get_url(const struct ctx *ctx, const struct config *config, const char *url,
	const char *out, bool force, struct err *err);
/* The same without the question whether something is there: to the absolute path `dest`. */
int copy_path(const struct ctx *ctx, const char *from, const char *dest, struct err *err);

#endif
