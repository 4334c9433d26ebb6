/* The driver for a directory of this machine, or of a mounted NAS. */
#include "fs/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"

static int local_open(struct fs *fs, const char *url, struct err *err)
{
	const char *path = str_starts(url, "file://") ? url + strlen("file://") : url;

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

static int local_stat(struct fs *fs, const char *path, uint64_t *out_size_bytes, struct err *err)
{
	AUTO(mem_freep) char *full = path_join(fs->local_root, path);

	struct stat st;

	/* ENOTDIR: a part of the path is a file, so there is nothing below it */
	if (stat(full, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_errno(err, "unable to read '%s'", full);
	if (out_size_bytes)
		*out_size_bytes = (uint64_t)st.st_size;
	return 1;
}

/* List the files below `full`. `rel` is its path relative to the root, with a slash at the end
 * unless empty. Links are followed. */
static int list_dir(const char *full, const char *rel, fs_list_fn fn, void *ctx, struct err *err)
{
	DIR *dir = opendir(full);
	int r = 0;

	if (!dir)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_errno(err, "unable to read '%s'", full);

	for (struct dirent *d; r >= 0 && (d = readdir(dir));) {
		struct stat st;
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;

		AUTO(mem_freep) char *path = mem_printf("%s%s", rel, d->d_name);
		/* file systems that do not report the type give DT_UNKNOWN */
		if (d->d_type != DT_DIR && fstatat(dirfd(dir), d->d_name, &st, 0) < 0)
			continue; /* removed meanwhile, or a dangling link */
		if (d->d_type == DT_DIR || S_ISDIR(st.st_mode)) {
			AUTO(mem_freep) char *below = path_join(full, d->d_name);
			AUTO(mem_freep) char *slashed = mem_printf("%s/", path);
			r = list_dir(below, slashed, fn, ctx, err);
		} else {
			struct fs_entry entry = {.path = path, .size_bytes = (uint64_t)st.st_size};
			r = fn(ctx, &entry, err);
		}
	}
	closedir(dir);
	return r;
}

static int local_list(struct fs *fs, const char *prefix, fs_list_fn fn, void *ctx, struct err *err)
{
	AUTO(mem_freep) char *full = path_join(fs->local_root, prefix);
	AUTO(mem_freep) char *rel = mem_printf("%s%s", prefix, *prefix ? "/" : "");
	return list_dir(full, rel, fn, ctx, err);
}

/* Copy all bytes from the position of `from`. `path` is for messages. */
static int copy(int from, int to, const char *path, struct err *err)
{
	char block[65536];
	for (;;) {
		ssize_t n = read(from, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "unable to read '%s'", path);
		if (n == 0)
			return 0;
		for (ssize_t done = 0; done < n;) {
			ssize_t w = write(to, block + done, (size_t)(n - done));
			if (w < 0 && errno != EINTR)
				return err_errno(err, "unable to write '%s'", path);
			done += MAX(w, (ssize_t)0);
		}
	}
}

static int local_get(struct fs *fs, const char *path, int to_fd, struct err *err)
{
	AUTO(mem_freep) char *full = path_join(fs->local_root, path);
	AUTO(close_fd) int fd = file_open(AT_FDCWD, full, NULL, err);
	return fd < 0 ? fd : copy(fd, to_fd, full, err);
}

static int local_put(struct fs *fs, int from_fd, uint64_t size_bytes, const char *path, mode_t mode,
	struct err *err)
{
	AUTO(mem_freep) char *full = path_join(fs->local_root, path);
	/* the temporary file is in the directory of the file, so that rename() is atomic; a crash
	 * leaves it behind */
	AUTO(mem_freep) char *tmp = mem_printf("%s.%d.XXXXXX", full, (int)getpid());
	(void)size_bytes; /* only of use to drivers for clouds */

	int r = file_mkdirs_for(full, err);
	if (r < 0)
		return r;

	AUTO(close_fd) int fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "unable to write '%s'", full);

	r = copy(from_fd, fd, full, err);
	if (r == 0 && (fchmod(fd, mode) < 0 || rename(tmp, full) < 0))
		r = err_errno(err, "unable to write '%s'", full);
	if (r < 0)
		(void)unlink(tmp); /* best effort */
	return r;
}

static int local_remove(struct fs *fs, const char *path, struct err *err)
{
	AUTO(mem_freep) char *full = path_join(fs->local_root, path);
	return unlink(full) == 0 || errno == ENOENT ? 0
						    : err_errno(err, "unable to remove '%s'", full);
}

static const char *const local_schemes[] = {"", "file", "local", NULL};

const struct fs_driver fs_local = {
	.name = "local",
	.schemes = local_schemes,
	.capabilities = FS_LOCAL_PATHS,
	.open = local_open,
	.close = local_close,
	.stat = local_stat,
	.list = local_list,
	.get = local_get,
	.put = local_put,
	.remove = local_remove,
};
