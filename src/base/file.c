#include "base/file.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/path.h"

void close_fd(int *fd)
{
	/* main() opens the standard streams if they are closed, so they never belong to a caller. A
	 * zero here is a variable that was not set to -1. */
	assert(*fd < 0 || *fd > STDERR_FILENO);

	if (*fd > STDERR_FILENO)
		close(*fd);
	*fd = -1;
}

static const char *kind_name(mode_t mode)
{
	return S_ISDIR(mode)    ? "a directory"
	       : S_ISFIFO(mode) ? "a named pipe"
	       : S_ISCHR(mode)  ? "a character device"
	       : S_ISBLK(mode)  ? "a block device"
	       : S_ISLNK(mode)  ? "a symbolic link"
				: "a socket";
}

int file_check_regular(const struct stat *st, const char *path, struct err *err)
{
	if (S_ISREG(st->st_mode))
		return 0;
	return err_set(err, ERR_IO, "unable to read '%s': it is %s", path, kind_name(st->st_mode));
}

int file_open(int dir_fd, const char *path, struct stat *out_st, struct err *err)
{
	struct stat st;
	/* O_NONBLOCK: the open of a pipe returns at once, so that the pipe can be refused. No
	 * effect on files. */
	AUTO(close_fd) int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	/* a socket cannot be opened */
	if (fd < 0 && errno == ENXIO && fstatat(dir_fd, path, &st, 0) == 0 && S_ISSOCK(st.st_mode))
		return file_check_regular(&st, path, err);

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "unable to open '%s'", path);

	int r = file_check_regular(&st, path, err);
	if (r < 0)
		return r;
	if (out_st)
		*out_st = st;
	return TAKE_FD(fd);
}

int file_open_log(const char *path, bool append, struct err *err)
{
	struct stat st;
	/* O_NONBLOCK: a pipe without a reader fails at once. O_NOFOLLOW: a link in a cloned
	 * repository must not lead to the loss of another file. */
	AUTO(close_fd) int fd = open(path,
		O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
			(append ? O_APPEND : O_TRUNC),
		0666);

	int why = errno;
	if ((fd < 0 ? lstat(path, &st) : fstat(fd, &st)) == 0 && !S_ISREG(st.st_mode))
		return err_set(
			err, ERR_IO, "unable to write '%s': it is %s", path, kind_name(st.st_mode));

	errno = why;
	return fd < 0 ? err_errno(err, "unable to write '%s'", path) : TAKE_FD(fd);
}

/* A file that grows while it is read, or has no size (in /proc), is read to its end as well. */
static int read_at_most(const char *path, uint64_t most_bytes, struct buf *out, struct err *err)
{
	struct stat st;
	AUTO(close_fd) int fd = file_open(AT_FDCWD, path, &st, err);
	if (fd < 0)
		return fd;

	size_t before = out->len, size = st.st_size > 0 ? (size_t)st.st_size : 0;
	if (size <= most_bytes)
		/* one byte more than the size: the last read() sees the end without another
		 * reservation */
		buf_reserve(out, size ? size + 1 : 4096);
	while (size <= most_bytes && out->len - before <= most_bytes) {
		if (out->cap - out->len < 2) /* full (one byte is for the NUL): double it */
			buf_reserve(out, out->cap);

		ssize_t n = read(fd, out->ptr + out->len, out->cap - out->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "unable to read '%s'", path);
		if (n == 0)
			return 0;

		out->len += (size_t)n;
		out->ptr[out->len] = '\0';
	}
	return err_set(err, ERR_IO, "unable to read '%s': it has more than %llu bytes", path,
		(unsigned long long)most_bytes);
}

int file_read(const char *path, struct buf *out, struct err *err)
{
	return read_at_most(path, FILE_MOST_BYTES, out, err);
}

int file_read_data(const char *path, struct buf *out, struct err *err)
{
	return read_at_most(path, UINT64_MAX, out, err);
}

static mode_t mask;

/* umask() can only be read by setting it, which other threads would notice; Linux shows it. */
static void read_umask(void)
{
	AUTO(buf_release) struct buf status = BUF_INIT;
	static const char key[] = "\nUmask:\t";
	const char *at = file_read("/proc/self/status", &status, NULL) < 0
				 ? NULL
				 : strstr(buf_str(&status), key);
	if (at) {
		mask = (mode_t)strtoul(at + strlen(key), NULL, 8) & 0777;
		return;
	}
	mask = umask(022);
	umask(mask);
}

mode_t file_umask(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, read_umask);
	return mask;
}

static bool wait_writable(int fd)
{
	return poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1) > 0 || errno == EINTR;
}

int file_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	while (len) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		/* a process that shares standard output may have made it non-blocking: wait */
		if (n < 0 && errno == EAGAIN && wait_writable(fd))
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t file_read_full(int fd, void *data, size_t len)
{
	size_t have = 0;
	while (have < len) {
		ssize_t n = read(fd, (char *)data + have, len - have);
		if (n < 0 && errno == EINTR)
			continue; /* interrupted before any byte */
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

/* The repository that the absolute directory is in: Git's work tree, or else the DVC repository.
 * Heap string. NULL: in neither, or inside of .git, whose files a clone does not bring. */
static char *repository_of(const char *dir)
{
	if (path_has_component(dir, strlen(dir), ".git"))
		return NULL;
	char *root = file_find_above(dir, ".git", false);
	return root ? root : file_find_above(dir, ".dvc", false);
}

/* Resolve the link. Its target must be in the same repository: Git may have brought the link with a
 * clone, and writing through it could destroy files of the user. */
static int follow_link(
	const char *path, char target[PATH_MAX], struct stat *out_st, struct err *err)
{
	AUTO(mem_freep) char *dir = path_dirname(path);
	char real[PATH_MAX];

	if (!realpath(path, target) || stat(target, out_st) < 0 ||
		!realpath(*dir ? dir : ".", real))
		return err_errno(err, "unable to write '%s', a symbolic link", path);

	AUTO(mem_freep) char *root = repository_of(real);
	if (root && !path_inside(target, root))
		return err_set(err, ERR_FAIL,
			"'%s' is a symbolic link that leads out of the repository, and nothing is written through it",
			path);
	return 0;
}

int file_write(const char *path, const void *data, size_t len, unsigned flags, struct err *err)
{
	char link_target[PATH_MAX];
	struct stat st;
	bool there = lstat(path, &st) == 0;
	if (there && S_ISLNK(st.st_mode)) {
		int r = follow_link(path, link_target, &st, err);
		if (r < 0)
			return r;
		path = link_target; /* replace the target, not the link */
	}
	mode_t mode = there && (flags & FILE_KEEP_MODE) ? st.st_mode & 07777 : 0666 & ~file_umask();

	AUTO(mem_freep) char *dir = path_dirname(path);
	AUTO(mem_freep) char *tmp = mem_printf("%s%s.%s.XXXXXX", dir,
		*dir && strcmp(dir, "/") != 0 ? "/" : "", path_basename(path));
	/* the temporary file is in the same directory: rename() works only within a file system */
	AUTO(close_fd) int fd = mkostemp(tmp, O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "unable to write '%s'", path);
	/* mkostemp() creates it with mode 0600 */
	if (file_write_all(fd, data, len) < 0 || fchmod(fd, mode) < 0 ||
		((flags & FILE_SYNC) && fsync(fd) < 0) || rename(tmp, path) < 0) {
		int r = err_errno(err, "unable to write '%s'", path);
		(void)unlink(tmp); /* best effort: the write has failed already */
		return r;
	}
	return 0;
}

int file_write_if_changed(const char *path, const void *data, size_t len, struct err *err)
{
	/* a file that cannot be read is simply written */
	AUTO(buf_release) struct buf old = BUF_INIT;
	if (file_is_regular(path) && file_read(path, &old, NULL) == 0 && old.len == len &&
		(len == 0 || memcmp(old.ptr, data, len) == 0))
		return 0;

	int r = file_write(path, data, len, FILE_KEEP_MODE, err);
	return r < 0 ? r : 1;
}

bool file_exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

bool file_is_regular(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool file_is_dir(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool file_leads_up(const char *path)
{
	struct stat st;
	if (lstat(path, &st) < 0 || !S_ISLNK(st.st_mode))
		return false;
	AUTO(mem_freep) char *dir = path_dirname(path);
	AUTO(mem_freep) char *here = realpath(*dir ? dir : ".", NULL);
	AUTO(mem_freep) char *there = realpath(path, NULL);
	return here && there && path_inside(here, there);
}

int file_mkdirs(const char *path, struct err *err)
{
	/* first the last component alone: usually the parents exist */
	if (!*path || mkdir(path, 0777) == 0)
		return 0;
	if (errno == EEXIST && file_is_dir(path))
		return 0;

	if (errno != ENOENT)
		return err_errno(err, "unable to create directory '%s'", path);

	int r = file_mkdirs_for(path, err);
	if (r < 0)
		return r;
	/* another process may have created it meanwhile */
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return err_errno(err, "unable to create directory '%s'", path);
	return 0;
}

int file_mkdirs_for(const char *path, struct err *err)
{
	AUTO(mem_freep) char *dir = path_dirname(path);
	return *dir && strcmp(dir, path) != 0 ? file_mkdirs(dir, err) : 0;
}

/* Returns -1 with errno. */
static int remove_at(int dirfd, const char *name)
{
	/* removed before, by us or another process */
	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM) /* EPERM: a directory, on some file systems */
		return -1;

	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	DIR *d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -1;
	}

	int r = 0;
	for (struct dirent *e; r == 0 && (e = readdir(d));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			/* readdir() on Linux stays valid while entries are removed */
			r = remove_at(fd, e->d_name);

	int saved = errno;
	closedir(d);
	errno = saved;
	return r < 0 ? r : unlinkat(dirfd, name, AT_REMOVEDIR);
}

int file_remove(const char *path, struct err *err)
{
	if (remove_at(AT_FDCWD, path) < 0)
		return err_errno(err, "unable to remove '%s'", path);
	return 0;
}

bool file_is_link(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

int file_check_below(const char *path, const char *root, struct err *err)
{
	AUTO(mem_freep) char *at = mem_strdup(path);
	for (size_t len = strlen(at); len > strlen(root); len--) {
		if (at[len] && at[len] != '/') /* only at the ends of components */
			continue;
		at[len] = '\0';
		if (file_is_link(at))
			return err_set(err, ERR_FAIL,
				"'%s' is a symbolic link, and nothing is removed through it", at);
	}
	return 0;
}

int file_rename(const char *from, const char *to, struct err *err)
{
	if (rename(from, to) < 0)
		return err_errno(err, "unable to rename '%s' to '%s'", from, to);
	return 0;
}

int file_list(const char *path, struct strlist *out_names, struct err *err)
{
	DIR *d = opendir(path);
	if (!d)
		return err_errno(err, "unable to list '%s'", path);
	for (struct dirent *e; (e = readdir(d));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			strlist_add(out_names, e->d_name);
	closedir(d);
	strlist_sort(out_names);
	return 0;
}

int64_t file_mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

int64_t file_ctime_ns(const struct stat *st)
{
	return (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
}

char *file_find_above(const char *start, const char *name, bool must_be_dir)
{
	AUTO(mem_freep) char *dir = mem_strdup(start);
	for (;;) {
		AUTO(mem_freep) char *path = path_join(dir, name);
		if (must_be_dir ? file_is_dir(path) : file_exists(path))
			return TAKE(dir);
		if (strcmp(dir, "/") == 0) /* the root was searched, too */
			return NULL;

		char *up = path_dirname(dir);
		free(dir);
		dir = up;
	}
}
