/* The driver for a directory of this machine, or of a mounted NAS. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "fs/fs.h"

enum { BLOCK_BYTES = 256 * 1024 }; /* bytes per read(2) */

static int local_open(struct fs *fs, struct err *err)
{
	const char *path = str_starts(fs->url, "file://") ? fs->url + strlen("file://") : fs->url;

	/* a relative path of a configuration was made absolute by the caller, relative to the file
	 * that contains it */
	if (!path_is_absolute(path))
		return err_set(err, ERR_CONFIG, "remote path '%s' is not absolute", path);
	fs->local_root = path_normalize(path);
	return 0;
}

static void local_close(struct fs *fs)
{
	free(fs->local_root);
}

static int local_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err)
{
	AUTO(mem_freep) char *full = path_join(fs->local_root, path);
	struct stat st;
	(void)version;

	/* ENOTDIR: a part of the path is a file, so there is nothing below it */
	if (stat(full, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_errno(err, "unable to read '%s'", full);
	if (out)
		*out = (struct fs_stat){.size_bytes = (uint64_t)st.st_size,
			.mtime_s = st.st_mtim.tv_sec,
			.is_dir = S_ISDIR(st.st_mode)};
	return 1;
}

/* Add the entry `name` of an open directory, unless it is a dangling link or was removed meanwhile.
 */
static void add_entry(struct fs_page *page, DIR *dir, const char *prefix, const char *name)
{
	struct stat st;
	if (fstatat(dirfd(dir), name, &st, 0) < 0)
		return;
	*vec_push(&page->entries) = (struct fs_entry){
		.path = arena_printf(&page->arena, "%s%s%s", prefix, *prefix ? "/" : "", name),
		.size_bytes = (uint64_t)st.st_size,
		.mtime_s = st.st_mtim.tv_sec,
		.is_dir = S_ISDIR(st.st_mode),
	};
}

static int local_list(
	struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err)
{
	AUTO(mem_freep) char *full = path_join(fs->local_root, what->prefix);
	DIR *dir = opendir(full);
	if (!dir)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_errno(err, "unable to read '%s'", full);
	for (const struct dirent *d; (d = readdir(dir));) {
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			add_entry(out, dir, what->prefix, d->d_name);
	}
	closedir(dir);
	return 0;
}

/* Send at most `count` bytes of the open file, from `at` on, to the sink. */
static int send_range(struct fs *fs, int fd, const char *full, const struct fs_get *what,
	const struct byte_sink *to, struct err *err)
{
	AUTO(mem_freep) char *block = mem_alloc(BLOCK_BYTES);
	uint64_t done = 0;
	while (done < what->count) {
		size_t want = (size_t)MIN((uint64_t)BLOCK_BYTES, what->count - done);
		ssize_t n = pread(fd, block, want, (off_t)(what->offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "unable to read '%s'", full);
		if (n == 0)
			break;
		if (ctx_is_stopped(fs->ctx))
			return err_set(err, ERR_CANCELLED, "interrupted by the user");
		int r = to->write(to->arg, block, (size_t)n, err);
		if (r < 0)
			return r;
		done += (uint64_t)n;
	}
	return 0;
}

static int local_get(struct fs *fs, const struct fs_get *what, const struct byte_sink *to,
	struct fs_stat *out, struct err *err)
{
	AUTO(mem_freep) char *full = path_join(fs->local_root, what->path);
	struct stat st;
	AUTO(close_fd) int fd = file_open(AT_FDCWD, full, &st, err);
	if (fd < 0)
		return fd;
	if (out)
		*out = (struct fs_stat){
			.size_bytes = (uint64_t)st.st_size, .mtime_s = st.st_mtim.tv_sec};
	return send_range(fs, fd, full, what, to, err);
}

/* Write a source to an open file. */
static int write_source(
	struct fs *fs, int fd, const char *full, const struct byte_source *from, struct err *err)
{
	AUTO(mem_freep) char *block = mem_alloc(BLOCK_BYTES);
	for (uint64_t done = 0; done < from->size_bytes;) {
		ssize_t n = byte_source_read(from, done, block, BLOCK_BYTES, err);
		if (n < 0)
			return (int)n;
		if (n == 0)
			return err_set(err, ERR_IO,
				"a file became shorter while it was sent to '%s'", full);
		if (ctx_is_stopped(fs->ctx))
			return err_set(err, ERR_CANCELLED, "interrupted by the user");
		if (file_write_all(fd, block, (size_t)n) < 0)
			return err_errno(err, "unable to write '%s'", full);
		done += (uint64_t)n;
	}
	return 0;
}

static int local_put(struct fs *fs, const struct fs_put *what, struct fs_stat *out, struct err *err)
{
	AUTO(mem_freep) char *full = path_join(fs->local_root, what->path);
	/* the temporary file is in the directory of the file, so that rename() is atomic; a crash
	 * leaves it behind */
	AUTO(mem_freep) char *tmp = mem_printf("%s.%d.XXXXXX", full, (int)getpid());
	mode_t mode = what->mode ? what->mode : 0666 & ~file_umask();
	(void)out;

	int r = file_mkdirs_for(full, err);
	if (r < 0)
		return r;

	AUTO(close_fd) int fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "unable to write '%s'", full);

	r = write_source(fs, fd, full, &what->from, err);
	if (r == 0 && (fchmod(fd, mode) < 0 || rename(tmp, full) < 0))
		r = err_errno(err, "unable to write '%s'", full);
	if (r < 0)
		(void)unlink(tmp); /* best effort */
	return r;
}

static int local_remove(struct fs *fs, const char *const *paths, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		AUTO(mem_freep) char *full = path_join(fs->local_root, paths[i]);
		if (unlink(full) < 0 && errno != ENOENT)
			return err_errno(err, "unable to remove '%s'", full);
	}
	return 0;
}

static const char *const local_schemes[] = {"", "file", "local", NULL};

const struct fs_driver fs_local = {
	.name = "local",
	.schemes = local_schemes,
	.capabilities = FS_LOCAL_PATHS | FS_RANGES | FS_MODES,
	.open = local_open,
	.close = local_close,
	.stat = local_stat,
	.list = local_list,
	.get = local_get,
	.put = local_put,
	.remove = local_remove,
};
