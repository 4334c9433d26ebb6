/*
 * A place that keeps files: a directory of this machine (or of a NAS) today, S3 and others behind
 * the same vtable. Paths are relative to the root that was opened, with '/'.
 */
#ifndef FS_FS_H
#define FS_FS_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

struct ctx;
struct fs;

struct fs_entry {
	const char *path;    /* relative to the root; borrowed for the call */
	uint64_t size_bytes; /* 0 when the driver does not know */
};

/* Called for each file of a listing; a negative return ends it. */
typedef int (*fs_list_fn)(void *ctx, const struct fs_entry *entry, struct err *err);

enum fs_capabilities {
	FS_LOCAL_PATHS =
		1 << 0, /* local_root is set: the files may be opened, cloned and linked directly */
};

struct fs_driver {
	const char *name;           /* as DVC calls it: "local", "s3" */
	const char *const *schemes; /* of URLs, NULL-ended; "" is a plain path */
	unsigned capabilities;      /* enum fs_capabilities */

	/* Connect to `url`; must not do network traffic yet. Sets fs->handle. */
	int (*open)(struct fs *fs, const char *url, struct err *err);
	void (*close)(struct fs *fs);
	/* 1 there (size in *out_size_bytes when asked for), 0 not there, or an error. */
	int (*stat)(struct fs *fs, const char *path, uint64_t *out_size_bytes, struct err *err);
	/* Every file below `prefix` (a directory, or "" for all), in any order; an absent prefix
	 * lists nothing. */
	int (*list)(struct fs *fs, const char *prefix, fs_list_fn fn, void *ctx, struct err *err);
	/* Write the whole file to the open descriptor. Fails: ERR_NOT_FOUND, ERR_IO, ERR_AUTH. */
	int (*get)(struct fs *fs, const char *path, int to_fd, struct err *err);
	/* Create or replace a file from the open descriptor: it appears whole or not at all, with
	 * `mode` where that means something. */
	int (*put)(struct fs *fs, int from_fd, uint64_t size_bytes, const char *path, mode_t mode,
		struct err *err);
	int (*remove)(struct fs *fs, const char *path, struct err *err); /* fine when absent */
};

struct fs {
	const struct ctx *ctx; /* borrowed; may be NULL */
	const struct fs_driver *driver;
	char *url;        /* as opened */
	char *local_root; /* with FS_LOCAL_PATHS: the directory */
	bool shared;      /* directories that are made are for a whole group (2775) */
	void *handle;     /* of the driver */
};

/* Fails: ERR_UNSUPPORTED when no driver of this build knows the scheme (one clear line), or as the
 * driver's open. `ctx` outlives the result. */
int fs_open(struct fs **out, const struct ctx *ctx, const char *url, struct err *err);
void fs_close(struct fs *fs); /* NULL is fine */

/* The driver for a URL, or NULL. */
const struct fs_driver *fs_driver_for(const char *url);

extern const struct fs_driver fs_local;

#endif
