/*
 * A place that stores files: today a directory of this machine or of a mounted NAS; drivers for S3
 * and others can use the same vtable. Paths are relative to the root that was opened, with '/' as
 * separator.
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
	uint64_t size_bytes; /* 0: the driver does not know it */
};

/* Called for each file of a listing; a negative result ends the listing and is returned. */
typedef int (*fs_list_fn)(void *ctx, const struct fs_entry *entry, struct err *err);

enum fs_capabilities {
	FS_LOCAL_PATHS =
		1 << 0, /* local_root is set: the files may be opened, cloned and linked directly */
};

struct fs_driver {
	const char *name;           /* DVC's name: "local", "s3" */
	const char *const *schemes; /* of URLs, NULL-ended; "" means a plain path */
	unsigned capabilities;      /* enum fs_capabilities */

	/* Prepare for `url`, without network traffic. Sets fs->handle. */
	int (*open)(struct fs *fs, const char *url, struct err *err);
	void (*close)(struct fs *fs);
	/* 1 when it exists (size in *out_size_bytes unless NULL), 0 when not, or an error. */
	int (*stat)(struct fs *fs, const char *path, uint64_t *out_size_bytes, struct err *err);
	/* Call `fn` for every file below `prefix` (a directory, or "" for all), in any order. A
	 * missing prefix is an empty listing. */
	int (*list)(struct fs *fs, const char *prefix, fs_list_fn fn, void *ctx, struct err *err);
	/* Write the whole file to the open descriptor. Fails: ERR_NOT_FOUND, ERR_IO, ERR_AUTH. */
	int (*get)(struct fs *fs, const char *path, int to_fd, struct err *err);
	/* Create or replace a file from the open descriptor. It appears completely or not at all,
	 * with `mode` if the place has modes. */
	int (*put)(struct fs *fs, int from_fd, uint64_t size_bytes, const char *path, mode_t mode,
		struct err *err);
	/* the file may be absent */
	int (*remove)(struct fs *fs, const char *path, struct err *err);
};

struct fs {
	const struct ctx *ctx; /* borrowed; may be NULL */
	const struct fs_driver *driver;
	char *url;        /* as given to fs_open() */
	char *local_root; /* with FS_LOCAL_PATHS: the directory */
	bool shared;      /* directories are created for a whole group (mode 2775) */
	void *handle;     /* state of the driver */
};

/* Fails: ERR_UNSUPPORTED when this build has no driver for the scheme; else as the
 * driver's open(). `ctx` outlives the result. */
int fs_open(struct fs **out, const struct ctx *ctx, const char *url, struct err *err);
void fs_close(struct fs *fs); /* NULL is allowed */

/* The driver for a URL, or NULL. */
const struct fs_driver *fs_driver_for(const char *url);

extern const struct fs_driver fs_local;

#endif
