/*
 * Reading a tracked directory: every regular file below it, symbolic links to files and directories
 * followed as DVC does, with the facts that tell whether its hash is still known.
 */
#ifndef STORE_WALK_H
#define STORE_WALK_H

#include <sys/stat.h>

#include "store/tree.h"

struct ctx;

/* Is this path (relative to the walked directory) to be left out? Called from several threads at
 * once. */
struct walk_filter {
	bool (*ignored)(void *ctx, const char *path, bool is_dir); /* NULL: nothing is */
	void *ctx;
	bool any_name; /* a `.dvcignore` inside is a file like others */
	bool dangling; /* a broken link is an entry, too, with a name that no content has */
};

/*
 * Fill the empty `*out`, sorted, nothing hashed. Fails: ERR_NOT_FOUND (no such directory);
 * ERR_UNCAUGHT for a
 * `.dvcignore` inside (DVC's text); ERR_FAIL for a broken link, a FIFO, socket or device; ERR_IO.
 * `threads` 0: one a processor. `ctx` may be NULL.
 */
int walk_tree(const struct ctx *ctx, const char *dir, const struct walk_filter *filter, int threads,
	struct tree *out, struct err *err);

/* Put what stat(2) said about one file into an entry (mode, size, times, inode). */
void tree_entry_set_stat(struct tree_entry *e, const struct stat *st);

#endif
