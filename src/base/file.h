/*
 * Files and directories. What users or DVC read is written whole or not at all: to a temporary in
 * the same directory, then renamed. Every descriptor is opened with O_CLOEXEC.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strlist.h"

/*
 * Open a file for reading: a regular one, or a link to one. Anything else is refused and named: a
 * pipe would be waited for, a device may have no end. `path` is relative to `dir_fd` (AT_FDCWD),
 * `*out_st` may be NULL. Returns the descriptor. Fails: ERR_NOT_FOUND, ERR_IO; the message names
 * the path.
 */
int file_open(int dir_fd, const char *path, struct stat *out_st, struct err *err);
/* Is it a regular file? The error says what else it is. */
int file_check_regular(const struct stat *st, const char *path, struct err *err);

/*
 * Open a log for writing, made when it is not there; what it holds goes unless `append`. A pipe, a
 * link and whatever else is no regular file is refused and named. Returns the descriptor. Fails:
 * ERR_IO and its kin.
 */
int file_open_log(const char *path, bool append, struct err *err);

/* What file_read() takes at most; no file that people or tools write for us is near it. */
#define FILE_MOST_BYTES ((uint64_t)1 << 30)
/* Append the whole of such a file to `out`. Fails: as file_open(), and ERR_IO when it has more than
 * FILE_MOST_BYTES. */
int file_read(const char *path, struct buf *out, struct err *err);
/* The same without that limit, for data whose size somebody answers for. */
int file_read_data(const char *path, struct buf *out, struct err *err);

enum file_write_flags {
	FILE_KEEP_MODE = 1 << 0, /* keep the mode of the file that is replaced */
	FILE_SYNC = 1 << 1,      /* fsync before the rename */
};
/* Replace or create `path` atomically, mode 0666 & ~umask. A symbolic link is followed, so that it
 * stays a link; one that leads nowhere, or out of the repository that it is in, is refused. */
int file_write(const char *path, const void *data, size_t len, unsigned flags, struct err *err);
/* As file_write, but leaves the file and its mtime alone when the bytes are the same already.
 * Returns 1 when written. */
int file_write_if_changed(const char *path, const void *data, size_t len, struct err *err);

bool file_exists(const char *path);     /* anything is there, a dangling link too */
bool file_is_regular(const char *path); /* follows links */
bool file_is_dir(const char *path);     /* follows links */
bool file_is_link(const char *path);
/* Is no directory from `root` (a directory above) down to `path` a symbolic link? Of what does not
 * exist, yes. Fails: ERR_FAIL; the message names the link. */
int file_check_below(const char *path, const char *root, struct err *err);
/* Is it a symbolic link to a directory that it lies in? Who follows it never arrives. */
bool file_leads_up(const char *path);

int file_mkdirs(const char *path, struct err *err);     /* and its parents; fine when it is there */
int file_mkdirs_for(const char *path, struct err *err); /* the parents of path */
int file_remove(const char *path, struct err *err); /* file, link or whole tree; fine when absent */
int file_rename(const char *from, const char *to, struct err *err);
/* All `len` bytes, also in several writes. Returns 0, or -1 with errno. */
int file_write_all(int fd, const void *data, size_t len);
/* Until the end or `len` bytes. Returns how many, or -1 with errno. */
ssize_t file_read_full(int fd, void *data, size_t len);
/* Names in a directory, sorted by bytes, without "." and "..". */
int file_list(const char *path, struct strlist *out_names, struct err *err);

/* For AUTO(): close the descriptor; negative is none. It leaves -1, and so does TAKE_FD(), which
 * hands the descriptor on. */
void close_fd(int *fd);
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int take_tmp_ = (fd);                                                              \
		(fd) = -1;                                                                         \
		take_tmp_;                                                                         \
	})

int64_t file_mtime_ns(const struct stat *st);
int64_t file_ctime_ns(const struct stat *st);
mode_t file_umask(void); /* read once, when first asked */

/* The nearest directory at or above `start` that has an entry `name`. Heap string; NULL: none. */
char *file_find_above(const char *start, const char *name, bool must_be_dir);

#endif
