/*
 * Push and fetch: objects from one database to another. Files of a directory go before its listing,
 * so that a listing in the target always has its files; objects appear there whole; corrupt ones
 * are not sent.
 */
#ifndef STORE_TRANSFER_H
#define STORE_TRANSFER_H

#include "base/vec.h"
#include "fs/fs.h"
#include "store/cache.h"

/* What is recorded of objects. */
struct transfer_size {
	struct oid oid;
	uint64_t size_bytes;
};
VEC_TYPE(transfer_sizes, struct transfer_size);
void transfer_sizes_add(struct transfer_sizes *s, const struct oid *o, uint64_t size_bytes);

struct transfer_opts {
	int jobs;    /* at once; 0: chosen by the driver */
	bool verify; /* hash what is fetched even when the remote's copy is trusted */
	/* a trusted copy of another size is hashed all the same; may be NULL. Sorted by the call.
	 */
	struct transfer_sizes *sizes;
};

struct transfer_result {
	size_t transferred;      /* objects, listings included, as DVC counts */
	size_t failed;           /* objects that were to go and did not */
	struct oid_list missing; /* wanted, but neither here nor there: DVC's warning lists them */
	struct strlist messages; /* one line for each failure */
};
void transfer_result_release(struct transfer_result *r);

/*
 * Send `wanted` (listings and files; the files of a listing that is at hand are added by this
 * function) from the cache to the remote directory tree of `remote`. Objects that are there are
 * skipped.
 */
int transfer_push(const struct cache *from, struct fs *remote, const struct oid_list *wanted,
	const struct transfer_opts *opts, struct transfer_result *out, struct err *err);
/* The reverse. Listings are fetched first (to learn the files), but enter the cache after their
 * files. */
int transfer_fetch(struct fs *remote, const struct cache *to, const struct oid_list *wanted,
	const struct transfer_opts *opts, struct transfer_result *out, struct err *err);

/* One object alone into the cache; with `verify` hashed even when the remote's copy is trusted.
 * Returns 1 when it came, 0 when the cache has it; ERR_NOT_FOUND: neither has it. */
int transfer_fetch_one(struct fs *remote, const struct cache *to, const struct oid *o, bool verify,
	struct err *err);

/* The bytes of an object as the remote has it, appended; nothing is stored. Fails: ERR_NOT_FOUND,
 * ERR_FAIL (it is corrupt), ERR_IO. */
int transfer_read(struct fs *remote, const struct oid *o, struct buf *out, struct err *err);
/* A listing as the remote has it, into the empty `*out`; it is not stored. Fails: ERR_NOT_FOUND,
 * ERR_FAIL (it is corrupt), ERR_PARSE, ERR_IO. */
struct tree;
int transfer_read_listing(
	struct fs *remote, const struct oid *o, struct tree *out, struct err *err);

/* Which of `wanted` (sorted) the remote does not have. */
int transfer_missing(struct fs *remote, const struct oid_list *wanted, struct oid_list *out_missing,
	struct err *err);

/*
 * Remove every object of one hash from the remote that is not in `used` (sorted), up to `jobs` at
 * once; as gc_cache().
 */
struct gc_result;
int transfer_gc(struct fs *remote, enum hash_name hash, const struct oid_list *used, bool dry,
	int jobs, struct gc_result *out, struct err *err);

/* Copy run-cache entries that the other side lacks; returns how many the source has, as DVC counts.
 */
int transfer_push_runs(const struct cache *from, struct fs *remote, struct err *err);
int transfer_fetch_runs(struct fs *remote, const struct cache *to, struct err *err);

#endif
