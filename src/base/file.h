/*
 * Files and directories. A file that users or DVC read is written completely or not at all: first
 * to a temporary file in the same directory, which is then renamed. Every descriptor is opened
 * with O_CLOEXEC.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strlist.h"

/*
 * Open a regular file, or a link to one, for reading. Any other kind is refused and named in the
 * message: opening a pipe could block, and a device may have no end. `path` is relative to
 * `dir_fd` (AT_FDCWD), `*out_st` may be NULL. Returns the descriptor. Fails: ERR_NOT_FOUND,
 * ERR_IO; the message names the path.
 */
int file_open(int dir_fd, const char *path, struct stat *out_st, struct err *err);
/* Check that it is a regular file. The error message names the kind that it is instead. */
int file_check_regular(const struct stat *st, const char *path, struct err *err);

/*
 * Open a log for writing. It is created if missing, and emptied unless `append`. Pipes, links and
 * everything else that is not a regular file are refused and named. Returns the descriptor. Fails:
 * ERR_IO and the other codes of err_errno().
 */
int file_open_log(const char *path, bool append, struct err *err);

/* The limit of file_read(): far above any file that people or tools write for cairn. */
#define FILE_MOST_BYTES ((uint64_t)1 << 30)
/* Append the whole file to `out`. Fails: as file_open(); ERR_IO when the file has more than
 * FILE_MOST_BYTES. */
int file_read(const char *path, struct buf *out, struct err *err);
/* The same without the limit, for data whose size is known or was chosen by the user. */
int file_read_data(const char *path, struct buf *out, struct err *err);

enum file_write_flags {
	FILE_KEEP_MODE = 1 << 0, /* keep the mode of the file that is replaced */
	FILE_SYNC = 1 << 1,      /* fsync before the rename */
};
/* Create or replace `path` atomically, mode 0666 & ~umask. A symbolic link is followed and stays a
 * link; a link without a target, or with a target outside of the repository, is refused. */
int file_write(const char *path, const void *data, size_t len, unsigned flags, struct err *err);
/* As file_write(), but if the file already has these bytes, it and its mtime stay as they are.
 * Returns 1 when written. */
int file_write_if_changed(const char *path, const void *data, size_t len, struct err *err);

bool file_exists(const char *path);     /* also a dangling link */
bool file_is_regular(const char *path); /* follows links */
bool file_is_dir(const char *path);     /* follows links */
bool file_is_link(const char *path);
/* Check that no directory from `root` (a directory above) down to `path` is a symbolic link. Parts
 * that do not exist pass. Fails: ERR_FAIL; the message names the link. */
int file_check_below(const char *path, const char *root, struct err *err);
/* Is it a symbolic link to a directory that contains the link? Following it would recurse
 * for ever. */
bool file_leads_up(const char *path);

int file_mkdirs(const char *path, struct err *err);     /* with its parents; it may exist */
int file_mkdirs_for(const char *path, struct err *err); /* the parents of path */
int file_remove(const char *path, struct err *err); /* file, link or whole tree; it may be absent */
int file_rename(const char *from, const char *to, struct err *err);
/* Write all `len` bytes, if needed in several calls. Returns 0, or -1 with errno. */
int file_write_all(int fd, const void *data, size_t len);
/* Read until the end of the file or `len` bytes. Returns the number read, or -1 with errno. */
ssize_t file_read_full(int fd, void *data, size_t len);
/* Names in a directory, sorted by bytes, without "." and "..". */
int file_list(const char *path, struct strlist *out_names, struct err *err);

/* For AUTO(): close the descriptor unless it is negative, and set it to -1. TAKE_FD() returns the
 * descriptor and sets the variable to -1, so that it is not closed. */
void close_fd(int *fd);
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int take_tmp_ = (fd);                                                              \
		(fd) = -1;                                                                         \
		take_tmp_;                                                                         \
	})

int64_t file_mtime_ns(const struct stat *st);
int64_t file_ctime_ns(const struct stat *st);
mode_t file_umask(void); /* asked once; the first call must come before threads start */

/* The nearest directory at or above `start` that has an entry `name`. Heap string; NULL: none. */
char *file_find_above(const char *start, const char *name, bool must_be_dir);

#endif
