/* What the files of the WebDAV driver share. */
#ifndef FS_WEB_DAV_INT_H
#define FS_WEB_DAV_INT_H

#include <stdatomic.h>

#include "base/map.h"
#include "fs/web/web_int.h"

struct dav_token;

struct dav {
	struct web web;
	struct dav_token *token;       /* NULL: no command gives one */
	atomic_bool no_move;           /* the server refuses MOVE: files are written in place */
	atomic_bool whole_destination; /* it wants Destination with scheme and host */
	pthread_mutex_t lock;          /* of `made` */
	struct map made; /* addresses of collections that are known to exist; values are 1 */
};

/* One PROPFIND of that depth ("0", "1"). Returns 1 with the answer in the empty `*out`, or 0:
 * nothing is there. */
int dav_ask(struct dav *d, const struct web_call *where, const char *depth,
	struct http_response *out, struct err *err);
/* PROPFIND of one resource. Returns 1 and fills the empty `*out` (may be NULL), or 0. */
int dav_look(struct dav *d, const struct web_call *where, struct fs_stat *out, struct err *err);

/* Make the collection that holds the file at `path`, and those above it, up to the host. Those that
 * exist are not asked for again. */
int dav_make_parents(struct dav *d, const char *path, struct err *err);
/* Somebody may have removed it: the next call asks again. */
void dav_forget_parents(struct dav *d, const char *path);

#endif
