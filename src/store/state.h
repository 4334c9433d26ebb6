/*
 * What we remember between commands: hashes of files whose size, times and inode have not changed, and which paths
 * were put into the workspace. Only a cache: a database that is missing, locked, corrupt or on a read-only disk costs
 * time and never fails a command, so nothing here returns an error.
 *
 * Opened when first asked, written in one transaction by state_free(). Belongs to one thread.
 */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include <sys/stat.h>

#include "base/strlist.h"
#include "store/tree.h"

struct state;

/* The directory for the project at `root`: $DVC_SITE_CACHE_DIR, else `site_cache_dir` (may be NULL), else /var/tmp/dvc. */
char *state_default_dir(const char *root, const char *site_cache_dir);
/* Remember in `<dir>/state.db`; a NULL dir remembers nothing. Nothing is opened or created yet. */
struct state *state_new(const char *dir);
void state_free(struct state *s); /* writes what is pending; NULL is fine */
void state_flush(struct state *s);

/* The hash of a single file (absolute path) if its facts are those of `st`. */
bool state_file_get(struct state *s, const char *path, const struct stat *st, enum hash_name hash, struct oid *out);
void state_file_put(struct state *s, const char *path, const struct stat *st, const struct oid *o);

/*
 * The last snapshot of a directory (absolute path): a sorted table with facts and digests. Fills `*out` (empty before)
 * and returns true when there is one.
 */
bool state_tree_get(struct state *s, const char *path, enum hash_name hash, struct tree *out);
/* Remember `t` (all hashed, with facts), read from the disk no earlier than `taken_ns` (CLOCK_REALTIME). */
void state_tree_put(struct state *s, const char *path, const struct tree *t, int64_t taken_ns);
/* Copy digests from the snapshot to the entries of a fresh walk whose facts agree and are older than the snapshot. */
void state_tree_match(struct state *s, const char *path, enum hash_name hash, struct tree *walked);

int64_t state_now_ns(void); /* the file systems' clock: CLOCK_REALTIME_COARSE, never ahead of a new file's mtime */

/* Outputs that we put into the workspace: path relative to the root, with the inode and mtime it had then. */
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
void state_links_load(struct state *s, struct state_links *out);
void state_links_release(struct state_links *l);

#endif
