/*
 * The state that is kept between commands: hashes of files whose size, times and inode have not
 * changed, and which paths were put into the workspace. Only a cache: a database that is missing,
 * locked, corrupt or on a read-only disk costs time and never fails a command, so nothing here
 * returns an error.
 *
 * Racily clean: a file may be changed again within the same tick of the file system's clock in
 * which it was looked at. So each record carries the time before that look (`taken_ns`), and a file
 * whose times are not older is not trusted.
 *
 * Opened when first asked; what is put is written in one transaction by state_flush() or
 * state_free(), but snapshots of directories at once. Belongs to one thread.
 */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include <sys/stat.h>

#include "base/strlist.h"
#include "store/tree.h"

struct ctx;
struct state;

/* The directory for the project at `root`: $DVC_SITE_CACHE_DIR, else `site_cache_dir` (may be
 * NULL), else /var/tmp/dvc. */
char *state_default_dir(const char *root, const char *site_cache_dir);
/* Remember in `<dir>/state.db`; a NULL dir remembers nothing. Nothing is opened or created yet. */
struct state *state_new(const struct ctx *ctx, const char *dir);
void state_free(struct state *s); /* writes what is pending; NULL is fine */
void state_flush(struct state *s);
/* From now on remember for this process only (the files are about to go): nothing is written any
 * more. */
void state_keep_in_memory(struct state *s);
/* From now on a snapshot that is there already is not replaced by one that says otherwise: what a
 * directory was when it was last recorded can still be told, also the next time. */
void state_keep_snapshots(struct state *s);

int64_t state_now_ns(void); /* on the clock of local file systems, for `taken_ns` */

/* The hash of a single file (absolute path) if its facts are those of `st`. */
bool state_file_get(struct state *s, const char *path, const struct stat *st, enum hash_name hash,
	struct oid *out);
void state_file_put(struct state *s, const char *path, const struct stat *st, const struct oid *o,
	int64_t taken_ns);

/*
 * Copy digests from the last snapshot of the directory (absolute path) to the entries of a fresh,
 * sorted walk whose facts agree. False when the walk is just what the snapshot says, and then
 * `*out_listing` is the name of the directory's listing; true when there is something new to
 * remember.
 */
bool state_tree_match(struct state *s, const char *path, enum hash_name hash, struct tree *walked,
	struct oid *out_listing);
/* Remember `t` (sorted, all hashed, with facts), whose listing has that name: a look at the disk
 * that began at `taken_ns`. A file of its own beside the database, written at once. */
void state_tree_put(struct state *s, const char *path, const struct tree *t,
	const struct oid *listing, int64_t taken_ns);

/* Is that the listing of the directory's last snapshot? */
bool state_tree_known(struct state *s, const char *path, const struct oid *listing);
/* The last snapshot of a directory as a table, if it is the one with that listing: digests and
 * sizes; the other facts may be out of date. False (and `*out` empty) when it is not. */
bool state_tree_load(
	struct state *s, const char *path, const struct oid *listing, struct tree *out);

/* Drop the snapshots of all directories but these (absolute paths). */
void state_trees_keep(struct state *s, const struct strlist *paths);

/* This process has renamed a file or directory (both paths are absolute): its records also apply to
 * the new path. */
void state_moved(struct state *s, const char *from, const char *to);

/* Outputs that we put into the workspace: path relative to the root, with the inode and mtime it
 * had then. */
void state_link_put(struct state *s, const char *rel_path, uint64_t inode, int64_t mtime_ns);
void state_link_remove(struct state *s, const char *rel_path);
struct state_link {
	char *rel_path;
	uint64_t inode;
	int64_t mtime_ns;
};
struct state_links {
	struct state_link *items;
	size_t count, cap;
};
void state_links_load(struct state *s, struct state_links *out); /* sorted by path */
void state_links_release(struct state_links *l);

/* Bytes under a key, for the layers above (rows of finished experiments, past runs). `kind` is a
 * short word of theirs. */
bool state_blob_get(
	struct state *s, const char *kind, const char *key, struct buf *out); /* appends */
void state_blob_put(struct state *s, const char *kind, const char *key, const void *p, size_t len);

/* Many lookups follow, until state_read_end() or state_flush(): each would otherwise lock the
 * database by itself. */
void state_read_begin(struct state *s);
void state_read_end(struct state *s);

/* Append bytes to the log under a key, of which the last `keep` entries stay. `kind` is a literal.
 */
void state_log_add(struct state *s, const char *kind, const char *key, const void *p, size_t len,
	unsigned keep);
typedef void (*state_log_fn)(void *ctx, const void *p, size_t len);
/* Its entries, newest first, `limit` at most; `p` is not aligned. */
void state_log_each(struct state *s, const char *kind, const char *key, size_t limit,
	state_log_fn fn, void *ctx);

#endif
