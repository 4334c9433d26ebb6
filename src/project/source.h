/*
 * Where the files of a repository are read from: the work tree or a Git revision. The index,
 * params and metrics are loaded through this, so that every command works on any revision without
 * a checkout. Paths are normalized and relative to the root of the DVC repository; "" or "." is
 * the root itself.
 */
#ifndef PROJECT_SOURCE_H
#define PROJECT_SOURCE_H

#include "base/buf.h"
#include "base/err.h"

enum source_type {
	SOURCE_NONE,
	SOURCE_FILE,
	SOURCE_DIR,
	SOURCE_LINK, /* only in a listing: a symbolic link; type() follows it */
};

/* Called for each entry of a directory, sorted by name. A negative result ends the listing and is
 * returned. */
typedef int (*source_entry_fn)(void *ctx, const char *name, enum source_type type, struct err *err);

struct source {
	const char *rev; /* full id of the commit; NULL for the work tree */
	const void *ctx;
	/* Append the content of a file. Fails: ERR_NOT_FOUND, ERR_IO. */
	int (*read)(const struct source *s, const char *path, struct buf *out, struct err *err);
	enum source_type (*type)(const struct source *s, const char *path); /* follows links */
	/* List a directory. Links are not followed; they are reported as links in the work tree and
	 * as files in a revision. A directory that does not exist is empty. */
	int (*list)(const struct source *s, const char *dir, source_entry_fn fn, void *fn_ctx,
		struct err *err);
	/* Size in bytes and executable bit; false when the path does not exist. The size of a
	 * directory is that of its own data, not of its files. */
	bool (*info)(const struct source *s, const char *path, uint64_t *out_size, bool *out_exec);
	/* Append a text that changes when the file's content changes, without reading the file (a
	 * blob id, or size and times). False when that is not possible. */
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
