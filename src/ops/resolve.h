/* `resolve`: where the content at a path is, so that a program can open it itself. Nothing is
 * fetched, except the listing of a directory that is only in a remote. */
#ifndef OPS_RESOLVE_H
#define OPS_RESOLVE_H

#include "data/external.h"

enum resolved_from {
	FROM_WORKSPACE, /* a file or directory of the work tree */
	FROM_GIT,       /* of a commit */
	FROM_CACHE,     /* an object of a local cache */
	FROM_REMOTE,    /* recorded, in no local cache; there is a remote that should have it */
	FROM_NOWHERE,   /* recorded, in no local cache, and there is no remote */
};

struct resolved {
	enum resolved_from from;
	bool is_dir, is_exec;
	bool is_out;        /* an output, or in one */
	int64_t size_bytes; /* -1: unknown */
	char *local;        /* absolute path of a file or directory with the content, or NULL */
	/* Of the recorded object, which a changed file of the work tree differs from: its checksum,
	 * and its place in the remote (without one, in the cache). NULL: there is none. */
	char *md5, *url;
};
void resolved_release(struct resolved *r);

/* `path` is as for external_find(), `shown` its form in messages. An object of the cache that is
 * not known to be sound is hashed before it is named. Fails: ERR_NO_PATH (nothing is there), the
 * codes of external_find(). */
int resolve_path(struct external *e, const char *path, const char *shown, struct resolved *out,
	struct err *err);

/* {"path", "type", "size", "md5", "isexec", "isout", "source", "local", "url"}; lives in `a`. */
struct value *resolved_value(const struct resolved *r, const char *path, struct arena *a);

#endif
