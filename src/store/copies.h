/*
 * Writes many files from some source into a directory, in parallel. Each directory is filled by
 * one thread, because two threads that create files in the same directory wait for each other. A
 * small file costs one read and one write; its size is not asked for first.
 */
#ifndef STORE_COPIES_H
#define STORE_COPIES_H

#include "base/buf.h"
#include "base/err.h"

struct ctx;

/* The content of a file: an open descriptor or bytes. All-zero but for fd -1 is "nothing yet". */
struct copy_source {
	int fd; /* -1: `bytes` is the content. Closed by copy_source_release(). */
	struct buf bytes;
};
#define COPY_SOURCE_INIT ((struct copy_source){.fd = -1, .bytes = BUF_INIT})
void copy_source_release(struct copy_source *s);

struct copies {
	const struct ctx *ctx; /* borrowed; may be NULL */
	const char *dest;      /* absolute */
	/* `dest` is not visible to anybody before all is done, so files are created under their
	 * final names */
	bool fresh;
	int threads; /* 0: one for each processor; 1: `open` is not safe for several threads */
	/* The path of the i-th file relative to `dest` ("" for `dest` itself), in sorted order;
	 * borrowed. */
	const char *(*name)(void *arg, size_t i);
	/* Open the i-th file. Called from several threads. */
	int (*open)(void *arg, size_t i, struct copy_source *out, struct err *err);
	void *arg;
};

/*
 * Write `count` files, and the directories they need, with mode 0666 & ~umask. Unless `fresh`,
 * each file appears complete, by rename, and replaces what stood there. Fails: as `open`; ERR_IO,
 * ERR_EXISTS. Files written before the failure stay.
 */
int copies_write(const struct copies *c, size_t count, struct err *err);

/*
 * A directory that appears complete or not at all. If nothing is at `dest` yet, the content is
 * written to a temporary directory beside it, which an interrupt removes, and renamed when
 * finished. If `dest` exists, `path` is `dest` itself.
 */
struct staging {
	char *path; /* where to write */
	char *dest; /* NULL: `path` is written in place */
	int note;   /* handle of base/cleanup.h */
};
#define STAGING_INIT ((struct staging){0})
int staging_begin(struct staging *s, const char *dest, struct err *err);
int staging_finish(struct staging *s, struct err *err);
void staging_release(struct staging *s); /* removes what was not finished */

#endif
