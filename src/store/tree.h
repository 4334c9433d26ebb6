/*
 * A directory as a table: one entry a file, sorted by its path, in two allocations (entries and
 * names). The same table holds what a walk found (sizes and times), what a `.dir` object says
 * (digests), and the snapshot of the state database (both). A million files take about 100 bytes
 * each and their names.
 *
 * Paths are relative to the directory, with '/', compared as whole strings by bytes, which for
 * UTF-8 is the order of code points that DVC sorts by ("a-b" < "a/z"). All-zero is an empty table.
 */
#ifndef STORE_TREE_H
#define STORE_TREE_H

#include "base/buf.h"
#include "store/oid.h"

struct tree_entry {
	uint64_t size_bytes;
	int64_t mtime_ns, ctime_ns;
	uint64_t inode;
	uint64_t path_at; /* offset in tree.names; NUL-ended there */
	uint32_t path_len;
	uint32_t mode; /* st_mode of the file (of its target for a link); 0 when it did not come
			  from a walk */
	unsigned char digest[MD5_BYTES];
	bool hashed;       /* digest is known */
	bool has_size;     /* size_bytes is known: not so for what was read from a .dir object */
	bool is_link;      /* the path is a symbolic link */
	bool dangling;     /* which leads nowhere: hashed, but as nothing that there is */
	bool shared_inode; /* it has more than one hard link */
};

struct tree {
	struct tree_entry *entries;
	size_t count, cap;
	struct buf names;
	enum hash_name hash; /* of the digests */
};

#define TREE_INIT ((struct tree){0})

void tree_release(struct tree *t);
static inline const char *tree_path(const struct tree *t, const struct tree_entry *e)
{
	return t->names.ptr + e->path_at; /* borrowed until the next tree_add() */
}
/* Append an entry (all zero but its path); the table is sorted again with tree_sort(). The result
 * is borrowed. */
struct tree_entry *tree_add(struct tree *t, const char *path, size_t len);
void tree_sort(struct tree *t);
struct tree_entry *tree_find(
	const struct tree *t, const char *path); /* NULL when absent; t is sorted */
/* The entries below (or at) `dir` as a range [*first, *last). An empty `dir` is everything. */
void tree_range(const struct tree *t, const char *dir, size_t *first, size_t *last);
/* A path that is both a file and a directory of others, which no directory can have. Borrowed from
 * `room`; NULL when there is none. */
const char *tree_conflict(const struct tree *t, struct buf *room);
/* Put the entries of `with` (sorted, with nothing of `t` between them) in place of a range. */
void tree_replace(struct tree *t, size_t first, size_t last, const struct tree *with);
uint64_t tree_size(const struct tree *t); /* sum of size_bytes */
bool tree_dangling(const struct tree *t); /* is there a broken link among its entries? */
/* The name of an entry as an object. */
struct oid tree_entry_oid(const struct tree *t, const struct tree_entry *e);
/* A copy of the range [first, last) with `strip` bytes taken off the front of each path. */
void tree_copy_range(
	struct tree *out, const struct tree *t, size_t first, size_t last, size_t strip);

/*
 * The bytes of the `.dir` object, as Python's json.dumps writes it, handed to `sink` block by
 * block; what it returns below zero ends the writing. Every entry is hashed; t is sorted.
 */
typedef int (*tree_sink)(void *ctx, const char *p, size_t len, struct err *err);
int tree_write_json(const struct tree *t, tree_sink sink, void *ctx, struct err *err);
void tree_to_json(const struct tree *t, struct buf *out); /* appended as a whole */
struct oid tree_oid(const struct tree *t); /* the MD5 of those bytes, as a directory */

/*
 * Read a `.dir` object into the empty `*out`. Refused (ERR_PARSE, the message begins with `what`):
 * text that is no list of {"md5", "relpath"}, and any entry that could leave the directory or stand
 * for two files: an absolute path, "..",
 * ".", an empty component, NUL, invalid UTF-8, a path twice, a path below another file.
 */
int tree_parse(struct tree *out, const char *json, size_t len, enum hash_name hash,
	const char *what, struct err *err);

/* The same from an open file, through a window of 1 MiB: no entry may be longer than half of it. */
int tree_parse_fd(struct tree *out, int fd, enum hash_name hash, const char *what, struct err *err);

#endif
