/*
 * Where a repository's files are read from: the work tree or a Git revision. The index, params and
 * metrics are loaded through this, so that every command works on any revision without a checkout.
 * Paths are relative to the root of the DVC repository, normalized, "" or "." for the root itself.
 */
#ifndef PROJECT_SOURCE_H
#define PROJECT_SOURCE_H

#include "base/buf.h"
#include "base/err.h"

enum source_type {
	SOURCE_NONE,
	SOURCE_FILE,
	SOURCE_DIR,
	SOURCE_LINK, /* only in a listing: a symbolic link, which type() follows */
};

/* Called for each entry of a directory in sorted order; a negative result ends the listing and is
 * returned. */
typedef int (*source_entry_fn)(void *ctx, const char *name, enum source_type type, struct err *err);

struct source {
	const char *rev; /* full hash of the revision; NULL for the work tree */
	const void *ctx;
	/* Append the file's bytes. Fails: ERR_NOT_FOUND, ERR_IO. */
	int (*read)(const struct source *s, const char *path, struct buf *out, struct err *err);
	enum source_type (*type)(const struct source *s, const char *path); /* links are followed */
	/* Links are not followed: in the work tree they come as links, in a revision as files. A
	 * missing directory is empty. */
	int (*list)(const struct source *s, const char *dir, source_entry_fn fn, void *fn_ctx,
		struct err *err);
	/* Size in bytes and executable bit; false when there is no such thing. The size of a
	 * directory is what its entries take. */
	bool (*info)(const struct source *s, const char *path, uint64_t *out_size, bool *out_exec);
	/* Identifies the content of the file cheaply (a blob id, or size and times); false when it
	 * cannot. */
	bool (*stamp)(const struct source *s, const char *path, struct buf *out);
};

/* The work tree below `root`, which must outlive the source. */
struct source source_workspace(const char *root);

static inline int source_read(
	const struct source *s, const char *path, struct buf *out, struct err *err)
{
	return s->read(s, path, out, err);
}

static inline enum source_type source_type(const struct source *s, const char *path)
{
	return s->type(s, path);
}

#endif
