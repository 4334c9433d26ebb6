/*
 * The object store on a remote: push and fetch copy objects between it and a cache. The files of a
 * directory are sent before its listing, so that a listing in the target always has its files
 * there. Objects appear in the target whole. Corrupt ones are not sent.
 *
 * A remote in a local directory is a cache in its own right and uses the same code (clones, modes,
 * trust). Any other is a place behind a driver (fs/fs.h), which the transfer engine works with.
 *
 * A `struct remote` belongs to one thread; the functions use others for their work.
 */
#ifndef STORE_REMOTE_H
#define STORE_REMOTE_H

#include "base/vec.h"
#include "fs/fs.h"
#include "store/cache.h"

struct state;
struct tree;
struct gc_result;

/* Is a remote behind a driver asked, where we remember what it holds? */
enum remote_look {
	LOOK_NEW,     /* for what is not remembered, and for a few others */
	LOOK_ALL,     /* for everything: whatever is removed or declared safe depends on it */
	LOOK_NOTHING, /* what is not remembered counts as missing */
};

struct remote {
	const struct ctx *ctx; /* borrowed; may be NULL */
	const char *name;      /* in the configuration, borrowed; NULL: none */
	struct fs *fs;         /* owned */
	/* A remote in a local directory, as a cache; else NULL, and `fs` is used. */
	const struct cache *local;
	struct cache as_cache; /* what `local` points to */
	int jobs;              /* its option `jobs`; 0: not set */
	/* Its options `version_aware` and `worktree`: it has no objects, but versions of files
	 * (store/versions.h). The functions below are not for it. */
	bool is_versioned, is_worktree;
	bool verify; /* its option `verify`: hash everything that is fetched */
	/* What it was seen to hold is remembered here; NULL: nowhere. Borrowed. */
	struct state *state;
	enum remote_look look;
	char *uploads_dir; /* set by remote_keep_uploads(); owned, or NULL */
	/* For remote_gc(): what was stored after this moment is kept (seconds since 1970; 0: no
	 * such moment). */
	int64_t collected_s;
};

/* Open the remote at `url` with the options of its configuration (a map; NULL: none). `ctx` and
 * `options` outlive it. The caller sets the other fields. Fails: ERR_OPTIONS; else as fs_open(). */
int remote_open(struct remote **out, const struct ctx *ctx, const char *url,
	const struct value *options, struct err *err);
void remote_close(struct remote *r);                   /* NULL is fine */
void remote_set_shared(struct remote *r, bool shared); /* remote.NAME.shared = group */
/* Remember uploads in parts below the directory `dir`, so that the next push goes on with those
 * that were broken off (transfer/uploads.h). */
void remote_keep_uploads(struct remote *r, const char *dir);
/* Its place in messages: the URL, or the directory. */
const char *remote_place(const struct remote *r);

/* The recorded size of an object. */
struct remote_size {
	struct oid oid;
	uint64_t size_bytes;
};
VEC_TYPE(remote_sizes, struct remote_size);
void remote_sizes_add(struct remote_sizes *s, const struct oid *o, uint64_t size_bytes);

struct remote_opts {
	int jobs;    /* objects in flight at once; 0: the remote's option, or what it can take */
	bool verify; /* hash what is fetched even if the remote's copy counts as trusted */
	/* Recorded sizes, or NULL: a trusted copy of another size is hashed all the same. The call
	 * sorts the table. */
	struct remote_sizes *sizes;
	/* The path in the workspace of an object that was asked for, as a heap string; NULL: it is
	 * not known. May be NULL. Called for objects that failed, and their listings. */
	char *(*path_of)(void *arg, const struct oid *o);
	void *path_arg;
};

/* An object that could not be sent. Heap strings. */
struct remote_failure {
	struct oid oid;
	char *path;        /* in the workspace; NULL: unknown */
	char *why, *plain; /* the reason in DVC's words, and in plain ones */
	int code;          /* enum err_code */
};

struct remote_result {
	size_t transferred; /* objects sent, listings included, as DVC counts */
	/* Objects that should have been sent but were not; with each directory of which a fetch
	 * brings only a part. */
	size_t failed;
	struct oid_list missing; /* wanted, but on neither side; DVC's warning lists them */
	VEC(struct remote_failure) failures; /* sorted by object */
};
/* A line about a failure: DVC's, which names the object, or one that names the path and the remote.
 * Heap string. */
char *remote_failure_text(
	const struct remote *r, const struct remote_failure *f, bool is_push, bool dvcs_words);
void remote_result_release(struct remote_result *r);

/*
 * Send the objects `wanted` (listings and files) from the cache to the remote. The files of each
 * listing that is available are added to them here. Objects that the remote has are skipped. Fails
 * when the sides cannot be compared; failures of single objects are counted in `out`.
 */
int remote_push(const struct cache *from, struct remote *to, const struct oid_list *wanted,
	const struct remote_opts *opts, struct remote_result *out, struct err *err);
/* The reverse. Listings are read first, to know the files, but enter the cache after
 * their files. */
int remote_fetch(struct remote *from, const struct cache *to, const struct oid_list *wanted,
	const struct remote_opts *opts, struct remote_result *out, struct err *err);

/* Fetch listings that the cache lacks (sorted), without their files, many at the same time.
 * `*out_count` have arrived; the remote does not have those in `out_absent`. Fails when going on
 * makes no sense; then some may have arrived. */
int remote_fetch_listings(struct remote *from, const struct cache *to, const struct oid_list *oids,
	size_t *out_count, struct oid_list *out_absent, struct err *err);

/*
 * Fetch a single object into the cache; with `verify` it is hashed even if the remote's copy
 * counts as trusted. Returns 1: it was fetched; 0: the cache has it already. Fails: ERR_NOT_FOUND
 * (neither side has it), ERR_CORRUPT or ERR_FAIL (corrupt), ERR_IO, and the codes of fs/fs.h.
 */
int remote_fetch_one(struct remote *from, const struct cache *to, const struct oid *o, bool verify,
	struct err *err);

/* Read an object from the remote into the empty `*out` without storing it. Fails: ERR_NOT_FOUND,
 * ERR_CORRUPT, ERR_IO. */
int remote_read(struct remote *from, const struct oid *o, struct buf *out, struct err *err);
/* The same for an object of at most `most_bytes`. Fails: ERR_FAIL when it is larger. */
int remote_read_small(struct remote *from, const struct oid *o, uint64_t most_bytes,
	struct buf *out, struct err *err);
/* Read a listing from the remote into the empty `*out` without storing it. Fails: ERR_NOT_FOUND,
 * ERR_CORRUPT, ERR_PARSE, ERR_IO. */
int remote_read_listing(
	struct remote *from, const struct oid *o, struct tree *out, struct err *err);

/* The path of an object relative to a remote's root. Heap string. */
char *remote_object_path(const struct oid *o);

/* Append to `out_missing` those of `wanted` (sorted) that the remote does not have. */
int remote_missing(struct remote *r, const struct oid_list *wanted, struct oid_list *out_missing,
	struct err *err);
/* The same. Of `named` (sorted; or NULL) each is asked for, whatever is remembered: it was named by
 * itself, and is no file of a listing that could stand for it. */
int remote_missing_named(struct remote *r, const struct oid_list *wanted,
	const struct oid_list *named, struct oid_list *out_missing, struct err *err);

/*
 * Remove from the remote every object of one hash that is not in `used` (sorted), up to `jobs` at
 * once. Otherwise as gc_cache(). Fails also with ERR_UNSUPPORTED when the remote cannot list
 * files.
 */
int remote_gc(struct remote *r, enum hash_name hash, const struct oid_list *used, bool dry,
	int jobs, struct gc_result *out, struct err *err);

/* Copy the run-cache entries that the other side lacks. Returns the number of entries in the
 * source, as DVC counts. Entries that are not what their names say do not enter the cache, and are
 * named in the empty `*out_refused` (paths in the remote, sorted; may be NULL). */
int remote_push_runs(const struct cache *from, struct remote *to, struct err *err);
int remote_fetch_runs(
	struct remote *from, const struct cache *to, struct strlist *out_refused, struct err *err);

#endif
