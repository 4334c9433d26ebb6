/*
 * Reads a tracked directory: every regular file below it, with the facts that show whether its
 * hash is still known. As in DVC, symbolic links to files are followed, and those to directories
 * are neither followed nor recorded.
 */
#ifndef STORE_WALK_H
#define STORE_WALK_H

#include <sys/stat.h>

#include "store/tree.h"

struct ctx;

/* Which paths (relative to the walked directory) to leave out, and what else to accept. */
struct walk_filter {
	/* called from several threads at once; NULL: ignore nothing */
	bool (*ignored)(void *ctx, const char *path, bool is_dir);
	void *ctx;
	bool any_name; /* accept `.dvcignore` and `.git` as ordinary names */
	bool dangling; /* accept broken links, as entries with a digest that no content has */
};

/*
 * Fill the empty `*out`, sorted and with nothing hashed. `threads` 0: one for each processor. `ctx`
 * may be NULL. Fails: ERR_NOT_FOUND (no such directory); ERR_IGNORE for a `.dvcignore` inside
 * (DVC's text); ERR_FAIL for a broken link, a FIFO, a socket or a device; ERR_IO.
 */
int walk_tree(const struct ctx *ctx, const char *dir, const struct walk_filter *filter, int threads,
	struct tree *out, struct err *err);

/* Copy the facts from stat(2) (mode, size, times, inode) into an entry. */
void tree_entry_set_stat(struct tree_entry *e, const struct stat *st);

#endif
