/* `get` and `get-url`: copy data out of other repositories or from plain paths, without tracking
 * it. */
#ifndef OPS_GET_H
#define OPS_GET_H

#include "data/external.h"

struct get_opts {
	struct external_opts from;
	const char *out; /* destination; NULL: the source's own name in the working directory */
	bool force;      /* replace existing files */
	int jobs;
};

/* Determine the destination of something called `name`: `out`, or a path in it if `out` is a
 * directory, or the last part of `name` in the working directory. *out_path is a heap string.
 * Fails: ERR_EXISTS (DVC's wording) when something is there, unless `force`. */
int get_destination(
	const char *name, const char *out, bool force, char **out_path, struct err *err);

/* Copy `path` of the repository `url` to its destination. Fails: ERR_EXISTS, ERR_NO_PATH (DVC's
 * wording), as external_open(). */
int ops_get(const char *url, const char *path, const struct get_opts *opts, struct err *err);

/* Determine the URL or path where the object of a tracked path is stored: in the default remote;
 * without one, in the cache of a local repository. Heap string. It is not checked that the object
 * exists. Fails: ERR_NOT_FOUND, ERR_CONFIG with DVC's wording. */
int get_storage_url(const char *url, const char *path, const struct external_opts *from, char **out,
	struct err *err);
/* The output at or around `path` (relative to the root of `owner`) and the object of the path in
 * it. Borrowed from `owner`. `asked` is the path for the message. Fails: ERR_NOT_FOUND. */
int get_object_in(struct external *owner, const char *path, const char *asked,
	const struct out **out, struct oid *out_oid, struct err *err);
int get_storage_url_in(struct external *e, const char *path, char **out, struct err *err);

struct config;
struct get_url_opts {
	const char *out; /* as get_opts.out */
	bool force;
	int jobs;                      /* transfers at the same time; 0: the default */
	const struct value *fs_config; /* options for reaching the URL (a map), or NULL */
};
/* Copy the file or directory that a plain URL (data/url.h) stands for. Fails: ERR_NOT_FOUND "The
 * path 'x' does not exist", ERR_EXISTS, as url_local_path(), the codes of fs/fs.h. */
int ops_get_url(const struct ctx *ctx, const struct config *config, const char *url,
	const struct get_url_opts *opts, struct err *err);
/* Copy a file or directory to the absolute path `dest`, whether or not something is there. */
int copy_path(const struct ctx *ctx, const char *from, const char *dest, struct err *err);

#endif
