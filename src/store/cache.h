/*
 * An object database in a local directory: the cache (`dvc cache dir`). Objects of 3.x lie under
 * files/md5/, those of 2.x right under the root; directory objects keep ".dir". An object appears
 * by rename, whole, mode 0444, and that mode means "trusted": any other mode is hashed on first
 * use, and a mismatch is removed and counts as missing.
 *
 * A `struct cache` is read-only after cache_init() and its settings, and may be used by several
 * threads.
 */
#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include "base/buf.h"
#include "base/strlist.h"
#include "store/oid.h"

struct ctx;

enum link_type { LINK_REFLINK, LINK_HARDLINK, LINK_SYMLINK, LINK_COPY };
enum { LINK_TYPES = 4 };

struct cache {
	const struct ctx *ctx; /* borrowed; may be NULL */
	char *dir;             /* absolute, without a slash at the end */
	enum link_type
		links[LINK_TYPES]; /* how files come to the workspace, in order of preference */
	size_t link_count;
	bool shared;                /* cache.shared = group */
	mode_t file_mode, dir_mode; /* what the umask, or sharing, leaves of 0666 and 0777 */
	unsigned char *fans; /* internal: which fan-out directories are known to be no links */
};

#define CACHE_INIT ((struct cache){0})

/* `dir` absolute; need not exist. Links: reflink, copy. `ctx` outlives the cache. */
void cache_init(struct cache *c, const struct ctx *ctx, const char *dir);
void cache_release(struct cache *c);
void cache_set_shared(struct cache *c, bool shared);
/* A comma list of reflink, hardlink, symlink, copy. Fails: ERR_CONFIG. */
int cache_set_links(struct cache *c, const char *types, struct err *err);

/* Append the path of an object ("<dir>/files/md5/ab/cdef....dir"). */
void cache_object_path(const struct cache *c, const struct oid *o, struct buf *out);

/*
 * Is the object there and sound? 1 yes; 0 no (absent, or corrupt and now removed); ERR_IO when it
 * cannot be told. One stat(2) for a trusted object.
 */
int cache_has(const struct cache *c, const struct oid *o, struct err *err);
/* As cache_has(), asked by who has that very content: an object of another size is damaged, counts
 * as missing, and is replaced by what is stored then. */
int cache_has_sized(
	const struct cache *c, const struct oid *o, uint64_t size_bytes, struct err *err);
/* As cache_has() without the question of soundness: one faccessat(2). */
bool cache_exists(const struct cache *c, const struct oid *o);
/* All objects of one hash that are there, by reading the fan-out directories; sorted. For questions
 * about many. */
int cache_list(const struct cache *c, enum hash_name hash, struct oid_list *out, struct err *err);
/*
 * When the fan-out directories were last changed: creating, renaming and removing an object shows
 * in its directory's mtime. So whoever has seen that objects are there need not look again while
 * the seal holds. (Content that was changed in place does not show, as in a listing.)
 */
enum { CACHE_FANS = 256 }; /* fan-out directories of one hash: "00" to "ff" */
struct cache_seal {
	int64_t taken_ns;             /* before the look, see state.h */
	int64_t mtime_ns[CACHE_FANS]; /* 0: there is no such directory */
};
void cache_seal_take(const struct cache *c, int64_t now_ns, struct cache_seal *out);
/* Is every directory as it was, and surely not touched within the clock tick of the look? */
bool cache_seal_holds(const struct cache *c, const struct cache_seal *seal);

/* Of `wanted` (sorted), those that are not there or not sound, in order. */
int cache_missing(const struct cache *c, const struct oid_list *wanted,
	struct oid_list *out_missing, struct err *err);

/* As cache_missing(), but nobody asks whether what is there is sound: for remotes, which others
 * write to. */
int cache_absent(const struct cache *c, const struct oid_list *wanted, struct oid_list *out_absent,
	struct err *err);

/* Open an object to read it; an untrusted one is hashed first. The caller closes the result. Fails:
 * ERR_NOT_FOUND (absent or corrupt), ERR_IO. */
int cache_open(const struct cache *c, const struct oid *o, struct err *err);
/* Append the bytes of an object. Fails: ERR_NOT_FOUND (absent or corrupt), ERR_IO. */
int cache_read(const struct cache *c, const struct oid *o, struct buf *out, struct err *err);
/* Read the listing of a directory object into the empty `*out`. Fails: ERR_NOT_FOUND, ERR_PARSE,
 * ERR_IO. */
struct tree;
struct tree_entry;
int cache_read_tree(const struct cache *c, const struct oid *o, struct tree *out, struct err *err);

/* Store bytes under the name that they have. Nothing happens when the object is there already. */
int cache_add_bytes(
	const struct cache *c, const struct oid *o, const void *p, size_t len, struct err *err);
/* Store a directory object; *out_oid is its name. */
int cache_add_tree(
	const struct cache *c, const struct tree *t, struct oid *out_oid, struct err *err);
/*
 * Store the file at `path` (relative to `dir_fd`, which may be AT_FDCWD) under a name that is known
 * already: cloned, hard-linked (when `hardlink`; DVC does so when hard links are the preferred
 * type), or copied. `seen` (may be NULL): the facts that the name was found for; ERR_FAIL when the
 * file is not as it was then, and nothing is stored.
 */
int cache_add_file(const struct cache *c, const struct oid *o, int dir_fd, const char *path,
	bool hardlink, const struct tree_entry *seen, struct err *err);
/*
 * Hash the open file while it is copied into the cache: its bytes are read once. Its name is put
 * into *out_oid.
 */
int cache_add_fd(
	const struct cache *c, int fd, enum hash_name hash, struct oid *out_oid, struct err *err);

/* Remove an object; fine when it is not there. */
int cache_remove(const struct cache *c, const struct oid *o, struct err *err);

/*
 * Writers hold the cache shared, gc holds it alone, so that gc never removes an object whose
 * pointer is about to be written. All-zero is "not held". Waits; a cache that cannot be locked
 * (read-only) counts as held.
 */
struct cache_lock {
	int fd_plus_one;
};
int cache_lock_take(struct cache_lock *lock, const struct cache *c, bool alone, struct err *err);
void cache_lock_release(struct cache_lock *lock);

/* Make a directory and its parents with the cache's mode (2775 when shared). */
int cache_make_dirs(const struct cache *c, const char *path, struct err *err);

#endif
