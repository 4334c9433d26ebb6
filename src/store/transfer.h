/*
 * Push and fetch: copy objects from one database to another. The files of a directory are sent
 * before its listing, so that a listing in the target always has its files there. Objects appear
 * in the target whole. Corrupt ones are not sent.
 */
#ifndef STORE_TRANSFER_H
#define STORE_TRANSFER_H

#include "base/vec.h"
#include "fs/fs.h"
#include "store/cache.h"

/* The recorded size of an object. */
struct transfer_size {
	struct oid oid;
	uint64_t size_bytes;
};
VEC_TYPE(transfer_sizes, struct transfer_size);
void transfer_sizes_add(struct transfer_sizes *s, const struct oid *o, uint64_t size_bytes);

struct transfer_opts {
	int jobs;    /* objects in flight at once; 0: the driver chooses */
	bool verify; /* hash what is fetched even if the remote's copy counts as trusted */
	/* Recorded sizes, or NULL: a trusted copy of another size is hashed all the same. The call
	 * sorts the table. */
	struct transfer_sizes *sizes;
};

struct transfer_result {
	size_t transferred;      /* objects sent, listings included, as DVC counts */
	size_t failed;           /* objects that should have been sent but were not */
	struct oid_list missing; /* wanted, but on neither side; DVC's warning lists them */
	struct strlist messages; /* a line for each failure */
};
void transfer_result_release(struct transfer_result *r);

/*
 * Send the objects `wanted` (listings and files) from the cache to the remote. The files of each
 * listing that is available are added to them here. Objects that the remote has are skipped. Fails
 * when the sides cannot be compared; failures of single objects are counted in `out`.
 */
int transfer_push(const struct cache *from, struct fs *remote, const struct oid_list *wanted,
	const struct transfer_opts *opts, struct transfer_result *out, struct err *err);
/* The reverse. Listings are read first, to know the files, but enter the cache after
 * their files. */
int transfer_fetch(struct fs *remote, const struct cache *to, const struct oid_list *wanted,
	const struct transfer_opts *opts, struct transfer_result *out, struct err *err);

/*
 * Fetch a single object into the cache; with `verify` it is hashed even if the remote's copy
 * counts as trusted. Returns 1: it was fetched; 0: the cache has it already. Fails: ERR_NOT_FOUND
 * (neither side has it), ERR_FAIL (corrupt), ERR_IO.
 */
int transfer_fetch_one(struct fs *remote, const struct cache *to, const struct oid *o, bool verify,
	struct err *err);

/* Read an object from the remote into the empty `*out` without storing it. Fails: ERR_NOT_FOUND,
 * ERR_FAIL (it is corrupt), ERR_IO. */
int transfer_read(struct fs *remote, const struct oid *o, struct buf *out, struct err *err);
/* Read a listing from the remote into the empty `*out` without storing it. Fails: ERR_NOT_FOUND,
 * ERR_FAIL (it is corrupt), ERR_PARSE, ERR_IO. */
struct tree;
int transfer_read_listing(
	struct fs *remote, const struct oid *o, struct tree *out, struct err *err);

/* Append to `out_missing` those of `wanted` (sorted) that the remote does not have. */
int transfer_missing(struct fs *remote, const struct oid_list *wanted, struct oid_list *out_missing,
	struct err *err);

/*
 * Remove from the remote every object of one hash that is not in `used` (sorted), up to `jobs` at
 * once. Otherwise as gc_cache(). Fails also with ERR_UNSUPPORTED when the remote cannot list
 * files.
 */
struct gc_result;
int transfer_gc(struct fs *remote, enum hash_name hash, const struct oid_list *used, bool dry,
	int jobs, struct gc_result *out, struct err *err);

/* Copy the run-cache entries that the other side lacks. Returns the number of entries in the
 * source, as DVC counts. */
int transfer_push_runs(const struct cache *from, struct fs *remote, struct err *err);
int transfer_fetch_runs(struct fs *remote, const struct cache *to, struct err *err);

#endif
