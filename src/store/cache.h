/*
 * An object database in a local directory: the cache (`dvc cache dir`). Objects of DVC 3.x lie
 * under files/md5/, those of 2.x directly under the root; the names of directory objects end in
 * ".dir". An object appears whole, by rename, with mode 0444. That mode means "trusted": an object
 * with any other mode is hashed on first use, and one whose hash does not match its name is
 * removed and counts as missing.
 *
 * A `struct cache` is read-only after cache_init() and the cache_set_*() calls, and may then be
 * used by several threads.
 */
#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include <sys/types.h>

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

/* `dir` is absolute and need not exist. The link types start as reflink, copy. `ctx` outlives the
 * cache. */
void cache_init(struct cache *c, const struct ctx *ctx, const char *dir);
void cache_release(struct cache *c);
void cache_set_shared(struct cache *c, bool shared);
/* A comma list of reflink, hardlink, symlink, copy. Fails: ERR_CONFIG. */
int cache_set_links(struct cache *c, const char *types, struct err *err);

/* Append the path of an object ("<dir>/files/md5/ab/cdef....dir"). */
void cache_object_path(const struct cache *c, const struct oid *o, struct buf *out);

/* Is the object there and sound? 1: yes. 0: it is absent, or it was corrupt and is removed now.
 * ERR_IO: this cannot be determined. A trusted object costs one stat(2). */
int cache_has(const struct cache *c, const struct oid *o, struct err *err);
/* As cache_has(), for a caller that has the content at hand: an object of another size is damaged
 * and counts as missing, so that storing the content replaces it. */
int cache_has_sized(
	const struct cache *c, const struct oid *o, uint64_t size_bytes, struct err *err);
/* Is there an object with this name, sound or not? One faccessat(2). */
bool cache_exists(const struct cache *c, const struct oid *o);
/* List all objects of one hash, sorted, by reading the fan-out directories. For questions about
 * many objects. */
int cache_list(const struct cache *c, enum hash_name hash, struct oid_list *out, struct err *err);
/*
 * The modification times of all fan-out directories. Creating, renaming and removing an object
 * changes the mtime of its directory. So when a command has seen that objects are there, the next
 * one need not look again while the seal holds. (As with a listing, content that was changed in
 * place is not noticed.)
 */
enum { CACHE_FANS = 256 }; /* fan-out directories of one hash: "00" to "ff" */
struct cache_seal {
	int64_t taken_ns;             /* time before the objects were looked at, see state.h */
	int64_t mtime_ns[CACHE_FANS]; /* 0: there is no such directory */
};
void cache_seal_take(const struct cache *c, int64_t now_ns, struct cache_seal *out);
/* Has no fan-out directory changed since, and none within the clock tick in which the seal was
 * taken? */
bool cache_seal_holds(const struct cache *c, const struct cache_seal *seal);

/* Append to `out_missing` those of `wanted` (sorted) that are absent or not sound, in order. */
int cache_missing(const struct cache *c, const struct oid_list *wanted,
	struct oid_list *out_missing, struct err *err);

/* As cache_missing() without the check for soundness. For remotes: others write to them, and their
 * objects are not marked as trusted. */
int cache_absent(const struct cache *c, const struct oid_list *wanted, struct oid_list *out_absent,
	struct err *err);

/* Open an object for reading; an untrusted one is hashed first. The caller closes the descriptor.
 * Fails: ERR_NOT_FOUND (absent or corrupt), ERR_IO. */
int cache_open(const struct cache *c, const struct oid *o, struct err *err);
/* Append the bytes of an object. Fails: ERR_NOT_FOUND (absent or corrupt), ERR_IO. */
int cache_read(const struct cache *c, const struct oid *o, struct buf *out, struct err *err);
/* Read the listing of a directory object into the empty `*out`. Fails: ERR_NOT_FOUND, ERR_PARSE,
 * ERR_IO. */
struct tree;
struct tree_entry;
int cache_read_tree(const struct cache *c, const struct oid *o, struct tree *out, struct err *err);

/* Store bytes under their name `o`. Does nothing when a sound object of that size is
 * there already. */
int cache_add_bytes(
	const struct cache *c, const struct oid *o, const void *p, size_t len, struct err *err);
/* Store a directory object; `*out_oid` is its name. */
int cache_add_tree(
	const struct cache *c, const struct tree *t, struct oid *out_oid, struct err *err);
/*
 * Store the file at `path` (relative to `dir_fd`, which may be AT_FDCWD) under a name that is
 * known already. It is hard-linked when `hardlink` is set (DVC does so when hard links are the
 * preferred link type), else cloned or copied. `seen` (may be NULL) has the size, mtime and inode
 * for which the name was determined. If the file has changed since, nothing is stored and the
 * result is ERR_FAIL.
 */
int cache_add_file(const struct cache *c, const struct oid *o, int dir_fd, const char *path,
	bool hardlink, const struct tree_entry *seen, struct err *err);
/*
 * Hash the open file while it is copied into the cache, so that its bytes are read from the disk
 * once. `*out_oid` is its name. Fails: ERR_FAIL when
 * the file changes meanwhile, ERR_IO.
 */
int cache_add_fd(
	const struct cache *c, int fd, enum hash_name hash, struct oid *out_oid, struct err *err);

/* Remove an object. An object that is not there is no error. */
int cache_remove(const struct cache *c, const struct oid *o, struct err *err);

/*
 * Commands that store objects hold the cache shared, gc holds it alone. So gc never removes an
 * object whose pointer is about to be written. cache_lock_take() waits for the other side. A cache
 * that cannot be locked (read-only, or a file system without locks) counts as locked. All-zero is
 * "not held".
 */
struct cache_lock {
	int fd_plus_one;
};
int cache_lock_take(struct cache_lock *lock, const struct cache *c, bool alone, struct err *err);
void cache_lock_release(struct cache_lock *lock);

/* Make a directory and its parents with the cache's mode (2775 when shared). */
int cache_make_dirs(const struct cache *c, const char *path, struct err *err);

#endif
