/*
 * A place that stores files under names, behind one table of functions: a directory, a bucket, a
 * host behind SSH, a web server. A driver gives primitives and knows one protocol. It does not try
 * again, split files, choose what runs side by side, or know what the files are for: the engine
 * above it (transfer/transfer.h) does the first three, store/ and data/ know the last.
 *
 * Paths are relative to the root that was opened, with '/' as separator and without a leading one;
 * their bytes are those of the file's name, without any escapes. Strings are UTF-8 but need not be.
 *
 * Threads: after fs_open() every function may be called from any number of threads at the same
 * time, except fs_close(). A call blocks until it is done. A driver keeps its connections for the
 * calls that follow.
 *
 * Requests to stop (ctx->stop) end every call within a second with ERR_CANCELLED.
 *
 * Errors, by what the caller can do about them. Every driver uses these codes; the message names
 * the place and the reason, and never contains a secret:
 *   ERR_NOT_FOUND    nothing has that name
 *   ERR_NO_PLACE     the host, the bucket or the container does not exist
 *   ERR_FAIL         all else that no try will change
 *   ERR_AUTH         no credentials, or the place refuses them: others may help
 *   ERR_DENIED       these credentials may not do this
 *   ERR_BUSY         too many requests; err_wait_ms() is the wait that the place asks for, or 0
 *   ERR_BROKEN       a broken connection, a time-out, an error of the server: it may be tried again
 *   ERR_CORRUPT      the bytes that arrived are not those that were sent: it may be tried again
 *   ERR_CONFIG       an option of the remote
 *   ERR_UNSUPPORTED  the place, or this build, does not do that
 *   ERR_IO           this machine refused (disk full, permission)
 *   ERR_CANCELLED    the host asked to stop
 */
#ifndef FS_FS_H
#define FS_FS_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/md5.h"
#include "base/stream.h"
#include "base/strlist.h"
#include "base/vec.h"

struct ctx;
struct value;

struct fs;

enum fs_capabilities {
	/* local_root is set: the files may be opened, cloned and linked directly */
	FS_LOCAL_PATHS = 1 << 0,
	/* list() can be asked for everything below a prefix at once, and the prefix may end in the
	 * middle of a name. Without it list() knows one directory at a time. */
	FS_LIST_FLAT = 1 << 1,
	FS_RANGES = 1 << 2,   /* get() takes a range; without it only the whole file */
	FS_PARTS = 1 << 3,    /* put_begin() and its relatives are there, in any order */
	FS_VERSIONS = 1 << 4, /* old contents can be read by their version */
	FS_MODES = 1 << 5,    /* files have permissions */
	FS_NO_LIST = 1 << 6,  /* files cannot be listed (web servers) */
	FS_NO_REMOVE = 1 << 7,
	FS_NETWORK = 1 << 8, /* a call costs a round trip: many at once are worth it */
	/* put() sends a large file in a session that a later call can go on with (struct
	 * fs_session) */
	FS_SESSIONS = 1 << 9,
	FS_PART_MD5 = 1 << 10, /* put_part() uses the MD5 of the part: `from->md5` saves time */
	/* put_end() may have another path than put_begin() and the parts: the file appears there */
	FS_NAME_LATE = 1 << 11,
};

#define FS_UNKNOWN UINT64_MAX /* a size that the place does not tell */
#define FS_REST    UINT64_MAX /* a count of bytes: up to the end */

/* What a place tells of a file. Zero is "nothing". */
struct fs_stat {
	uint64_t size_bytes; /* FS_UNKNOWN when the place does not tell */
	int64_t mtime_s;     /* seconds since 1970; 0: unknown */
	/* The place's name for this content, in the form that DVC records (with the quotes of the
	 * HTTP header or without them, as the driver's plugin in DVC does). Heap strings or NULL.
	 */
	char *etag;
	char *version;
	bool is_dir;
};
void fs_stat_release(struct fs_stat *s);

struct fs_entry {
	const char *path; /* relative to the root; of a directory without a slash at the end */
	uint64_t size_bytes;
	int64_t mtime_s;
	const char *etag, *version; /* as in struct fs_stat; NULL: not told by a listing */
	bool is_dir;
};

/* A page of a listing. Zero is empty. Strings are in the arena. */
struct fs_page {
	struct arena arena;
	VEC(struct fs_entry) entries;
	const char *next; /* the token for the next page; NULL: this was the last */
};
void fs_page_release(struct fs_page *p);

struct fs_list {
	/* With `flat` the beginning of the paths that are wanted, else a directory without a slash
	 * at the end. "": the root. */
	const char *prefix;
	bool flat; /* all files below, no directories; only with FS_LIST_FLAT */
	/* Tell the versions as well, where a listing without them costs less. A page may then be
	 * empty although others follow. */
	bool versions;
	const char *token; /* of the page before; NULL: the first page */
};

struct fs_get {
	const char *path;
	const char *version; /* NULL: the newest; others only with FS_VERSIONS */
	uint64_t offset;     /* not 0, or count not FS_REST: only with FS_RANGES */
	/* Bytes at most; the file may end earlier. A range behind the end sends nothing. */
	uint64_t count;
};

/* An upload that outlives the call, and the process. */
struct fs_session {
	const char *id; /* of an upload of the same content that was broken off; NULL: none */
	/* A new one has begun and is called `id`, which may be a secret. */
	void (*begun)(void *arg, const char *id);
	void *arg;
};

struct fs_put {
	const char *path;
	struct byte_source from; /* with put_begin(): only its size counts */
	const unsigned char
		*md5; /* of the whole content, if known: the place checks it if it can */
	mode_t mode;  /* with FS_MODES; 0: as the place makes it */
	const struct fs_session *session; /* with FS_SESSIONS; NULL: it need not outlive the call */
};

/* One part of a file that is put in parts: what put_part() returned of it. */
struct fs_part {
	uint64_t size_bytes;
	char *tag; /* heap string: what the place calls the part */
};

struct fs_driver {
	const char *name;           /* DVC's name: "local", "s3" */
	const char *const *schemes; /* of URLs, NULL-ended; "" means a plain path */
	unsigned capabilities;      /* enum fs_capabilities */
	/* The key under which DVC records the state of a file as a dependency, with fs_stat.etag as
	 * its value: "etag" or "checksum". NULL: the MD5 of the content. */
	const char *checksum_key;
	int connections;         /* calls at the same time that are worth it; 0: no limit */
	uint64_t part_min_bytes; /* every part but the last has at least so many bytes */
	unsigned parts_max;      /* in one file */
	size_t remove_max;       /* paths in one call of remove(); 0: one */
	uint64_t copy_max_bytes; /* 0: no limit */

	/* Prepare for fs->url with fs->options, without network traffic. Sets fs->handle. Fails:
	 * ERR_CONFIG (options that exclude each other, a malformed URL). */
	int (*open)(struct fs *fs, struct err *err);
	void (*close)(struct fs *fs);
	/* Returns 1 and fills the empty `*out` (may be NULL) when the file exists, 0 when not. A
	 * place with directories finds them too; one without them does not. `version` as in struct
	 * fs_get. */
	int (*stat)(struct fs *fs, const char *path, const char *version, struct fs_stat *out,
		struct err *err);
	/* Fill the empty page. A missing directory is an empty listing. */
	int (*list)(
		struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err);
	/* Send the bytes to the sink, and fill the empty `*out` (may be NULL) with what is known of
	 * the whole file then; its size is known at least. A place that turns out not to know
	 * ranges ends with ERR_UNSUPPORTED before the first byte when the offset is not 0, and
	 * sends the whole file when it is. */
	int (*get)(struct fs *fs, const struct fs_get *what, const struct byte_sink *to,
		struct fs_stat *out, struct err *err);
	/* Create or replace a file. It appears whole or not at all. Fills the empty `*out` (may be
	 * NULL) with the new etag and version, where the place tells them. */
	int (*put)(struct fs *fs, const struct fs_put *what, struct fs_stat *out, struct err *err);
	/* Remove files, at most remove_max. They may be absent. A single one is removed also after
	 * a request to stop: it takes something back. */
	int (*remove)(struct fs *fs, const char *const *paths, size_t count, struct err *err);
	/* Copy a file within the place, of at most copy_max_bytes. May be NULL. */
	int (*copy)(struct fs *fs, const char *from, const char *to, struct err *err);

	/* With FS_PARTS. The file appears when put_end() returns, whole. */
	int (*put_begin)(struct fs *fs, const struct fs_put *what, char **out_id, struct err *err);
	/* Parts count from 1. Fills `*out`. Parts of one upload may be put at the same time, and
	 * again. `from` is a range of what->from, in the same file or memory: the difference of
	 * their offsets is the place of the part. */
	int (*put_part)(struct fs *fs, const struct fs_put *what, const char *id, unsigned number,
		const struct byte_source *from, struct fs_part *out, struct err *err);
	int (*put_end)(struct fs *fs, const struct fs_put *what, const char *id,
		const struct fs_part *parts, unsigned count, struct fs_stat *out, struct err *err);
	/* Throw the parts away, or the session. It may be gone already. */
	int (*put_abort)(struct fs *fs, const char *path, const char *id, struct err *err);
	/* Which of the parts 1 to `count` has the place? Fills the zeroed `out[number - 1]` of
	 * those. NULL: it cannot tell, so an upload ends with the process that began it. Fails:
	 * ERR_NOT_FOUND (it does not know the upload any more). */
	int (*put_parts)(struct fs *fs, const struct fs_put *what, const char *id,
		struct fs_part *out, unsigned count, struct err *err);
	/* Fill the empty page with uploads in parts that have begun and not ended, of files whose
	 * paths begin with `what->prefix`: `version` is the id, `mtime_s` the time of the begin.
	 * May be NULL. */
	int (*put_list)(
		struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err);
};

struct fs {
	const struct ctx *ctx; /* borrowed; may be NULL */
	const struct fs_driver *driver;
	char *url;                   /* as given to fs_open() */
	const struct value *options; /* the remote's configuration (a map), borrowed; or NULL */
	char *local_root;            /* with FS_LOCAL_PATHS: the directory */
	bool shared;                 /* directories are created for a whole group (mode 2775) */
	/* What the place's own configuration on this machine asks for (set by open(); 0: nothing):
	 * bytes of a part, bytes of a file from which it is sent in parts, calls at a time. */
	uint64_t part_bytes, parts_from_bytes;
	int connections;
	/* Give up on a file after so many attempts; 0: as transfer/crew.h does by default. */
	int attempts;
	void *handle; /* state of the driver */
};

/*
 * Open the place at `url`. `ctx` and `options` outlive the result. Fails: ERR_UNSUPPORTED when this
 * build has no driver for the scheme; else as the driver's open().
 */
int fs_open(struct fs **out, const struct ctx *ctx, const char *url, const struct value *options,
	struct err *err);
/* The same with a driver that the caller brings. */
int fs_open_with(struct fs **out, const struct fs_driver *driver, const struct ctx *ctx,
	const char *url, const struct value *options, struct err *err);
void fs_close(struct fs *fs); /* NULL is allowed */

/* The driver for a URL, or NULL. */
const struct fs_driver *fs_driver_for(const char *url);
const struct fs_driver *fs_driver_at(size_t i); /* of all drivers; NULL after the last */
bool fs_can(const struct fs *fs, enum fs_capabilities what);

/* A new name for the time in which the file at `path` is written: DVC's form of it, '.', 22
 * characters of base64 and ".tmp", in the same directory. Heap string. */
char *fs_temporary(const char *path);

extern const struct fs_driver fs_azure; /* azure/ */
extern const struct fs_driver fs_gs;    /* gs/ */
/* For get() of a driver that has nothing to send, as the range is empty or begins behind the end:
 * say what the file is like. Fails: ERR_NOT_FOUND; as stat(). */
int fs_stat_instead(struct fs *fs, const struct fs_get *what, struct fs_stat *out, struct err *err);

extern const struct fs_driver fs_local;
extern const struct fs_driver fs_s3;
extern const struct fs_driver fs_ssh;    /* ssh/ */
extern const struct fs_driver fs_http;   /* web/ */
extern const struct fs_driver fs_webdav; /* web/ */

#endif
