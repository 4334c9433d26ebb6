/*
 * Determines what is at a path now: the object name, size and number of files of a file or
 * directory. Each byte is read at most once, and only when the state does not know the file's
 * hash. With `into` set the same pass stores the objects.
 */
#ifndef STORE_HASHING_H
#define STORE_HASHING_H

#include "store/cache.h"
#include "store/state.h"
#include "store/tree.h"
#include "store/walk.h"

struct hash_opts {
	const struct ctx *ctx; /* borrowed; may be NULL */
	enum hash_name hash;
	struct state *state;       /* NULL: nothing is looked up or remembered */
	struct walk_filter filter; /* for directories; paths are relative to the directory */
	const struct cache *into;  /* store the objects here; NULL: only hash */
	bool hardlink;             /* store by hard link instead of copying (see cache_add_file) */
	int threads;               /* 0: one for each processor */
};

struct hashed {
	struct oid oid;
	uint64_t size_bytes; /* of a directory: the sum over its files */
	uint64_t files;      /* in a directory; 1 for a file */
	bool is_dir, is_exec;
	struct tree tree; /* of a directory: all its files */
	struct stat stat; /* of the path itself, links followed */
};

#define HASHED_INIT ((struct hashed){0})
void hashed_release(struct hashed *h);

/*
 * Hash the file or directory at the absolute `path` into the empty `*out`. Fails: ERR_NOT_FOUND
 * (nothing is there), ERR_FAIL (neither a file nor a directory, see walk.h; or a file changed
 * while it was read), ERR_IO. Objects stored before a failure stay in the cache; gc removes them.
 */
int hash_path(const char *path, const struct hash_opts *opts, struct hashed *out, struct err *err);

#endif
