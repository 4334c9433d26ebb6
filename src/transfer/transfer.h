/*
 * The transfer engine: moves many files between this machine and a place (fs/fs.h), fast and
 * safely, whatever the protocol. It owns what all of them need: many requests at the same time,
 * within one budget for files and parts of files; another try after a failure that may help
 * (transfer/crew.h); parts of big files side by side, both ways; hashing while bytes arrive;
 * progress. It knows neither protocols nor objects.
 *
 * Memory: a thread needs less than 512 KiB, whatever the size of the files.
 *
 * Requests to stop end every function with ERR_CANCELLED. Nothing is half written under its final
 * name then: a place shows a file when it is whole, and a file that is fetched has no name yet.
 *
 * The callbacks open() and done() are called from many threads, one call at a time for each file.
 */
#ifndef TRANSFER_TRANSFER_H
#define TRANSFER_TRANSFER_H

#include "base/meter.h"
#include "fs/fs.h"

struct transfer_opts {
	int jobs;               /* requests at the same time; 0: what the place can take */
	enum meter_kind meter;  /* bytes are counted as this kind; METER_NONE: not at all */
	bool versions;          /* a listing tells the versions */
	unsigned first_wait_ms; /* before the second attempt; 0: the default. For tests */
	uint64_t part_bytes;    /* of a file in parts; 0: the default. For tests */
	/* The directory (transfer/uploads.h) where uploads of this place are remembered, so that
	 * the next transfer of the same content to the same path goes on with them; NULL: nowhere.
	 * Borrowed. */
	const char *uploads_dir;
};

/* What the progress calls the file `i`, which is large: a heap string; NULL: it does not show it.
 * May be NULL. */
typedef char *(*transfer_name_fn)(void *arg, size_t i);

/* ---- sending ---- */

struct transfer_put {
	struct fs_put what;  /* what open() fills in; its strings belong to the caller */
	void *user;          /* the caller's own */
	struct fs_stat stat; /* for done(): what the place told of the new file */
};

struct transfer_puts {
	/* Open the file `i`. Fails: the file is not sent, and done() gets the error. */
	int (*open)(void *arg, size_t i, struct transfer_put *out, struct err *err);
	/* The file `i` has been sent, or has failed with `code`, and `why` (NULL on success) is the
	 * error: release what open() made. A negative result ends the transfer. */
	int (*done)(void *arg, size_t i, struct transfer_put *p, int code, const struct err *why);
	void *arg;
	transfer_name_fn name;
};

/* Send `count` files. Fails: what done() returned; ERR_AUTH, ERR_CONFIG and the like, which
 * concern all files, after done() was called for that file; ERR_CANCELLED. */
int transfer_put_all(struct fs *fs, size_t count, const struct transfer_puts *files,
	const struct transfer_opts *opts, struct err *err);

/* ---- fetching ---- */

struct transfer_get {
	/* What open() fills in. Strings belong to the caller. */
	const char *path, *version; /* as in struct fs_get */
	int fd; /* an empty file, open for reading and writing; negative: bytes are only hashed */
	uint64_t size_bytes;      /* FS_UNKNOWN: the place will tell */
	bool hash;                /* compute the MD5 */
	const unsigned char *md5; /* of the content: it fails with ERR_CORRUPT when it differs */
	void *user;               /* the caller's own */
	/* For done(). */
	unsigned char digest[MD5_BYTES]; /* with `hash` or `md5` */
	struct fs_stat stat;             /* what the place told of the file; its size is right */
};

struct transfer_gets {
	int (*open)(void *arg, size_t i, struct transfer_get *out, struct err *err);
	/* The bytes are in the file, checked when `md5` was given; or it failed with `code`. As
	 * above. */
	int (*done)(void *arg, size_t i, struct transfer_get *g, int code, const struct err *why);
	void *arg;
	transfer_name_fn name;
};

/* Fetch `count` files. Fails: as transfer_put_all(). */
int transfer_get_all(struct fs *fs, size_t count, const struct transfer_gets *files,
	const struct transfer_opts *opts, struct err *err);

/* Fetch a file into memory: at most `most_bytes` of it. Fails: as get() of the driver, after
 * several attempts; ERR_FAIL when it is larger. */
int transfer_read(struct fs *fs, const char *path, const char *version, uint64_t most_bytes,
	struct buf *out, struct err *err);

/* Pass a part of a file on in its order, `what->count` bytes at most. An attempt goes on where the
 * last one broke, so the sink gets each byte once, unchecked. Fails: as get() of the driver, after
 * several attempts; ERR_UNSUPPORTED before the first byte. Needs FS_RANGES. */
int transfer_pass(
	struct fs *fs, const struct fs_get *what, const struct byte_sink *to, struct err *err);

/* Fetch many small files into memory, each as above. `fn` gets the bytes (which it may take) or the
 * failure of file `i`, from any thread, one call at a time; a negative result ends everything. */
typedef int (*transfer_bytes_fn)(
	void *arg, size_t i, struct buf *bytes, int code, struct err *why, struct err *err);
int transfer_read_all(struct fs *fs, const char *const *paths, size_t count, uint64_t most_bytes,
	const struct transfer_opts *opts, transfer_bytes_fn fn, void *arg, struct err *err);

/* ---- asking and listing ---- */

/* Which of these files exist? Sets out_there[i]; `out_stats` (may be NULL) has room for `count`
 * zeroed entries, which the caller releases. `versions` has one for each path; NULL, or NULL for a
 * path: the newest. */
int transfer_stat_all(struct fs *fs, const char *const *paths, const char *const *versions,
	size_t count, const struct transfer_opts *opts, bool *out_there, struct fs_stat *out_stats,
	struct err *err);

/* What the place tells of one file: 1 and `*out` (empty before; may be NULL), or 0. */
int transfer_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err);

/* Called for one file at a time, from any thread. A negative result ends the listing and is
 * returned. `entry` is borrowed for the call. */
typedef int (*transfer_list_fn)(void *arg, const struct fs_entry *entry, struct err *err);

/* Call `fn` for every file whose path begins with one of the prefixes, in no order. Where the place
 * lists only directories, a prefix is a directory. Missing ones are empty. Several prefixes, and
 * directories below them, are listed at the same time. */
int transfer_list(struct fs *fs, const char *const *prefixes, size_t count,
	const struct transfer_opts *opts, transfer_list_fn fn, void *arg, struct err *err);

/* Call `fn` for 0 to count - 1, which begin in this order, by the threads of a transfer at `fs`. It
 * is called again when its failure may pass. The first failure that lasts ends it. */
int transfer_each(struct fs *fs, size_t count, const struct transfer_opts *opts,
	int (*fn)(void *arg, size_t i, struct err *err), void *arg, struct err *err);

/* Remove files, which may be absent. */
int transfer_remove_all(struct fs *fs, const char *const *paths, size_t count,
	const struct transfer_opts *opts, struct err *err);

#endif
