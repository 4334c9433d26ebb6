/*
 * A directory as a table: one entry for each file, sorted by path, in two allocations (entries and
 * names). The same table holds the result of a directory walk (sizes and times), the content of a
 * `.dir` object (digests), and a snapshot of the state database (both). An entry takes about 100
 * bytes and its name.
 *
 * Paths are relative to the directory and use '/'. They are compared as whole strings by bytes,
 * which for UTF-8 is the order of code points by which DVC sorts ("a-b" < "a/z"). All-zero is an
 * empty table.
 */
#ifndef STORE_TREE_H
#define STORE_TREE_H

#include "base/buf.h"
#include "store/oid.h"

struct tree_entry {
	uint64_t size_bytes;
	int64_t mtime_ns, ctime_ns;
	uint64_t inode;
	uint64_t path_at; /* offset in tree.names; NUL-terminated there */
	uint32_t path_len;
	uint32_t mode; /* st_mode of the file (of a link's target); 0 if it does not come from a
			  walk */
	unsigned char digest[MD5_BYTES];
	bool hashed;   /* digest is known */
	bool has_size; /* size_bytes is known; a .dir object as a rule has no sizes */
	bool is_link;  /* the path is a symbolic link */
	/* the link leads nowhere; `hashed` is set, with a digest that no content has */
	bool dangling;
	bool shared_inode; /* the inode has more than one hard link */
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
/* Append an entry, all zero but for its path; call tree_sort() afterwards. The result is borrowed
 * until the next tree_add(). */
struct tree_entry *tree_add(struct tree *t, const char *path, size_t len);
void tree_sort(struct tree *t);
/* `t` must be sorted; NULL when there is no such path. */
struct tree_entry *tree_find(const struct tree *t, const char *path);
/* The range [*first, *last) of the entries below or at `dir`. An empty `dir` selects all. */
void tree_range(const struct tree *t, const char *dir, size_t *first, size_t *last);
/* A path that is both a file and the directory of another file, which no real directory contains.
 * The result is in `room`; NULL when there is no conflict. */
const char *tree_conflict(const struct tree *t, struct buf *room);
/* Replace a range by the entries of `with` (sorted, and adjacent in the order of `t`). */
void tree_replace(struct tree *t, size_t first, size_t last, const struct tree *with);
uint64_t tree_size(const struct tree *t); /* sum of size_bytes */
bool tree_dangling(const struct tree *t); /* is there a broken link among its entries? */
/* The object name of an entry; unset when the entry is not hashed. */
struct oid tree_entry_oid(const struct tree *t, const struct tree_entry *e);
/* Append a copy of the range [first, last), with the first `strip` bytes removed from each path. */
void tree_copy_range(
	struct tree *out, const struct tree *t, size_t first, size_t last, size_t strip);

/*
 * Write the bytes of the `.dir` object, exactly as Python's json.dumps does, to `sink` block by
 * block. A negative result of the sink ends the writing and is returned. `t` must be sorted and
 * every entry hashed.
 */
typedef int (*tree_sink)(void *ctx, const char *p, size_t len, struct err *err);
int tree_write_json(const struct tree *t, tree_sink sink, void *ctx, struct err *err);
void tree_to_json(const struct tree *t, struct buf *out); /* appends */
struct oid tree_oid(const struct tree *t);                /* MD5 of those bytes, as a directory */

/*
 * Read a `.dir` object into the empty `*out`. Fails with ERR_PARSE (the message begins with
 * `what`) for text that is not a list of {"md5", "relpath"}, and for an entry that could leave the
 * directory or collide with another one: an absolute path, "..", ".", an empty component, NUL,
 * invalid UTF-8, a path that occurs twice or lies below another file.
 */
int tree_parse(struct tree *out, const char *json, size_t len, enum hash_name hash,
	const char *what, struct err *err);

/* The same from an open file, through a window of 1 MiB: an entry must not be longer than half of
 * it. */
int tree_parse_fd(struct tree *out, int fd, enum hash_name hash, const char *what, struct err *err);

#endif
