/*
 * Many files at once, out of whatever holds them into a directory. Each directory is filled by one
 * thread, for two that create in the same one wait for each other; a small file costs one read and
 * one write and is not asked for its size first.
 */
#ifndef STORE_COPIES_H
#define STORE_COPIES_H

#include "base/buf.h"
#include "base/err.h"

struct ctx;

/* Where a file comes from: an open descriptor, or bytes. All-zero but for fd -1 is nothing yet. */
struct copy_source {
	int fd; /* -1: `bytes` is all of it. Closed by whoever asked for it. */
	struct buf bytes;
};
#define COPY_SOURCE_INIT ((struct copy_source){.fd = -1, .bytes = BUF_INIT})
void copy_source_release(struct copy_source *s);

struct copies {
	const struct ctx *ctx; /* borrowed; may be NULL */
	const char *dest;      /* absolute */
	bool fresh;  /* nobody looks at `dest` before all is done: no file appears by rename */
	int threads; /* 0: one a processor; 1 when `open` may not be called by several */
	/* The path of the i-th file below `dest`, "" for `dest` itself; in sorted order; borrowed.
	 */
	const char *(*name)(void *arg, size_t i);
	/* Open the i-th file. Called from several threads. */
	int (*open)(void *arg, size_t i, struct copy_source *out, struct err *err);
	void *arg;
};

/*
 * Write `count` files, and the directories they need, with mode 0666 & ~umask. Each appears whole,
 * and takes the place of what stood there. Fails: as `open`; ERR_IO, ERR_EXISTS; what was written
 * before stays.
 */
int copies_write(const struct copies *c, size_t count, struct err *err);

/*
 * A directory in the making. Where nothing stands at `dest` yet, its content is made beside it
 * under a name of its own (which an interrupt removes), and moved in one go: a directory that is
 * there is complete. Else `path` is `dest` itself.
 */
struct staging {
	char *path; /* where to write to */
	char *dest; /* NULL: nothing is to be moved */
	int note;   /* see base/cleanup.h */
};
#define STAGING_INIT ((struct staging){0})
int staging_begin(struct staging *s, const char *dest, struct err *err);
int staging_finish(struct staging *s, struct err *err);
void staging_release(struct staging *s); /* removes what was not finished */

#endif
