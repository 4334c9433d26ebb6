/*
 * Data at a URL over the network, as a source: of imports, of `get-url` and `list-url`, and of
 * dependencies outside of the repository. What it is like now is told by the place's own names for
 * contents (ETags, versions) where there are such, so that nothing is downloaded to see whether it
 * has changed; DVC records the same.
 *
 * A `struct far` belongs to one thread.
 */
#ifndef DATA_FAR_H
#define DATA_FAR_H

#include "base/vec.h"
#include "fs/fs.h"
#include "project/config.h"
#include "project/stage.h"
#include "store/cache.h"
#include "store/tree.h"

struct hashed;
struct remote;

struct far {
	struct fs *fs;
	char *url;          /* as the user wrote it */
	char *path;         /* relative to the root of `fs`; "": the root itself */
	char *version;      /* of the file, to be read instead of the newest; NULL: the newest */
	bool version_aware; /* the versions of the files of a directory are recorded */
	struct arena arena;
};

/* Open the data at a URL that url_is_far(). Options for reaching it come from the remote that
 * "remote://" names, and from `fs_config` (a map; may be NULL), which goes first. No network
 * traffic. Fails: ERR_CONFIG (no such remote, unknown scheme), ERR_OPTIONS, ERR_UNSUPPORTED; as
 * fs_open(). */
int far_open(struct far **out, const struct ctx *ctx, const struct config *config, const char *url,
	const struct value *fs_config, struct err *err);
void far_close(struct far *f); /* NULL is fine */

struct far_file {
	const char *rel;            /* relative to the data; "": the data is a single file */
	const char *path;           /* in the place */
	const char *etag, *version; /* NULL: not told */
	uint64_t size_bytes;        /* FS_UNKNOWN: not told */
};

/* What is there now. Zero is empty. */
struct far_state {
	bool is_dir;
	VEC(struct far_file) files; /* sorted by `rel` */
	struct arena arena;
};
void far_state_release(struct far_state *s);

/* Look at the data. Returns 1 and fills the empty `*out`, or 0: nothing is there. Fails: the codes
 * of fs/fs.h; ERR_FAIL for names that could lead out of a directory. */
int far_look(struct far *f, struct far_state *out, struct err *err);

/* What a dependency records of this state (strings in `a`). Where the place has no names for
 * contents, that is the content's own name: of `stored`, a result of far_store(), or NULL, then
 * everything is read and hashed. Fails: the codes of fs/fs.h. */
int far_record(struct far *f, const struct far_state *s, const struct hashed *stored,
	struct arena *a, struct recorded *out, struct err *err);

/* As far_look(), but as it was recorded, with versions. Returns 1; 0: no versions are recorded. */
int far_recorded(struct far *f, const struct recorded *r, struct far_state *out, struct err *err);
/* Do two records of a directory have the same contents? */
bool far_same_files(const struct value *a, const struct value *b);

/* As far_look() and far_record() for a dependency on a URL: 1, or 0: nothing is there. */
int far_dep_record(const struct ctx *ctx, const struct config *config, const struct dep *dep,
	struct arena *a, struct recorded *out, struct err *err);

/* Store all files in the cache (their listing, too). `*out` is the content's own name. */
int far_store(struct far *f, const struct far_state *s, const struct cache *to, int jobs,
	struct hashed *out, struct err *err);

/* The same with a remote behind a driver in place of the cache, without a copy on this machine
 * (store/relay.h). Fails: also ERR_UNSUPPORTED, then far_store() and a push are the way. */
int far_relay(struct far *f, const struct far_state *s, struct remote *to, int jobs,
	struct hashed *out, struct err *err);

/* Write all files to the absolute path `dest`, which appears whole. */
int far_write(
	struct far *f, const struct far_state *s, const char *dest, int jobs, struct err *err);

#endif
