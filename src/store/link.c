#include "store/link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/md5.h"
#include "base/path.h"
#include "store/cache_int.h"

/* The result of trying one link type. */
enum attempt { DONE, IMPOSSIBLE, FAILED };

static enum attempt attempt_link(
	enum link_type type, const char *object, const char *path, struct err *err)
{
	int r = type == LINK_HARDLINK ? link(object, path) : symlink(object, path);
	if (r == 0)
		return DONE;
	/* the errors by which file systems say "not here", as opposed to a failure. */
	if (errno == EXDEV || errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK ||
		errno == ENOSYS)
		return IMPOSSIBLE;
	err_errno(err, "unable to create '%s'", path);
	return FAILED;
}

/* Create `path` by clone or copy. */
static enum attempt attempt_bytes(const struct ctx *ctx, bool reflink, int from_fd, uint64_t size,
	const char *path, struct stat *out_st, struct err *err)
{
	/* an empty file is complete at once and needs no mark */
	bool cloned, marked = size > 0;
	AUTO(close_fd) int to_fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		0666 | (marked ? LINK_UNFINISHED : 0));
	if (to_fd < 0) {
		err_errno(err, "unable to create '%s'", path);
		return FAILED;
	}

	enum attempt how = FAILED;
	if (reflink)
		how = ioctl(to_fd, FICLONE, from_fd) == 0 ? DONE : IMPOSSIBLE;
	else if (copy_bytes(ctx, METER_CHECKOUT, from_fd, to_fd, size, &cloned, err) == 0)
		how = DONE;
	else
		err_wrap(err, ERR_IO, "unable to create '%s'", path);

	if (how == DONE && marked)
		/* fails on a file system without modes, which has not kept the mark either */
		(void)fchmod(to_fd, 0666 & ~file_umask());

	if (how == DONE && fstat(to_fd, out_st) < 0) {
		err_errno(err, "unable to create '%s'", path);
		how = FAILED;
	} else if (how == DONE && out_st->st_mode & LINK_UNFINISHED) {
		err_set(err, ERR_IO, "unable to create '%s': its mode cannot be set", path);
		how = FAILED;
	}

	if (how != DONE)
		(void)unlink(path); /* an incomplete file must not be taken for data */
	return how;
}

/* The object that is brought to the workspace. It is opened only when its bytes are needed. */
struct source {
	const char *path;
	int fd; /* -1: not open */
	uint64_t size_bytes;
};

static enum attempt attempt(struct linker *l, enum link_type type, struct source *from,
	const char *path, struct stat *out_st, struct err *err)
{
	bool by_name = type == LINK_HARDLINK || type == LINK_SYMLINK;

	if (__atomic_load_n(&l->broken, __ATOMIC_RELAXED) & 1u << type)
		return IMPOSSIBLE;

	if (!by_name && from->fd < 0 && (from->fd = file_open(AT_FDCWD, from->path, NULL, err)) < 0)
		return FAILED;

	enum attempt how = by_name ? attempt_link(type, from->path, path, err)
				   : attempt_bytes(l->cache->ctx, type == LINK_REFLINK, from->fd,
					     from->size_bytes, path, out_st, err);

	if (how == IMPOSSIBLE)
		__atomic_fetch_or(&l->broken, 1u << type, __ATOMIC_RELAXED);

	if (how == DONE && type != LINK_COPY)
		/* no bytes were copied, but they count as done */
		meter_bytes(l->cache->ctx, METER_CHECKOUT, from->size_bytes);

	if (how == DONE && by_name && stat(path, out_st) < 0) {
		err_errno(err, "unable to read '%s'", path);
		return FAILED;
	}
	return how;
}

/* An object that is not read-only may have been changed: hash it before it is brought to the
 * workspace. */
static int prove(const struct linker *l, const struct oid *o, const struct stat *st,
	const char *object, struct err *err)
{
	if ((st->st_mode & 07777) == CACHE_MODE || (st->st_mode & 07777) == (CACHE_MODE | S_IXUSR))
		return 0; /* (the executable bit comes from a hard link to an executable) */

	int r = cache_has(l->cache, o, err);
	return r != 0 ? MIN(r, 0) : err_set(err, ERR_NOT_FOUND, "object '%s' was corrupt", object);
}

/* Try the link types in order. */
static int bring(struct linker *l, struct source *from, const char *path, struct stat *out_st,
	struct err *err)
{
	size_t count = l->cache->link_count;
	for (size_t i = 0; i < count + l->copy_at_last; i++) {
		AUTO(err_release) struct err why = ERR_INIT;
		enum link_type type = i < count ? l->cache->links[i] : LINK_COPY;
		if (from->size_bytes == 0 && type == LINK_HARDLINK)
			/* as in DVC: a file system limits the hard links of the one empty object */
			type = LINK_COPY;

		enum attempt how = attempt(l, type, from, path, out_st, &why);
		if (how == DONE)
			return 0;
		if (how == FAILED)
			return err_move(err, &why);
	}
	return err_set(err, ERR_UNSUPPORTED,
		"No possible cache link types for '%s'. Let the cache copy:\n    dvc config cache.type reflink,copy",
		path);
}

int link_object(struct linker *l, const struct oid *o, const char *path, struct stat *out_st,
	struct err *err)
{
	AUTO(buf_release) struct buf object = BUF_INIT;
	struct stat st;

	cache_object_path(l->cache, o, &object);
	if (stat(object.ptr, &st) < 0)
		return err_errno(err, "unable to open '%s'", object.ptr);

	/* the check uses the fresh stat: the mode may have changed since the listing of the
	 * cache */
	int r = prove(l, o, &st, object.ptr, err);
	if (r < 0)
		return r;

	struct source from = {.path = object.ptr, .fd = -1, .size_bytes = (uint64_t)st.st_size};
	meter_size(l->cache->ctx, METER_CHECKOUT, from.size_bytes);
	r = bring(l, &from, path, out_st, err);
	close_fd(&from.fd);
	return r;
}

/* Is a plain file what the i-th link type creates? A clone cannot be distinguished from a copy, so
 * a reflink that falls back to a link is undecided; only trying shows what it becomes. */
static bool copy_will_do(const struct cache *c, size_t i)
{
	/* the fallback of a reflink decides */
	if (c->links[i] == LINK_REFLINK && i + 1 < c->link_count)
		i++;
	return c->links[i] == LINK_COPY || c->links[i] == LINK_REFLINK;
}

bool link_prefers_copy(const struct cache *c)
{
	return c->link_count == 0 || copy_will_do(c, 0);
}

/* Does the file at `path` (with lstat() result `st`) look like the i-th link type? */
static bool has_form(const struct cache *c, size_t i, const char *object, const char *path,
	const struct stat *st)
{
	struct stat object_st;
	char target[4096];
	ssize_t n;
	switch (c->links[i]) {
	case LINK_HARDLINK:
		if (i == 0 && S_ISREG(st->st_mode) && st->st_size == 0)
			return true; /* for an empty object a copy is made instead */
		return !S_ISLNK(st->st_mode) && stat(object, &object_st) == 0 &&
		       st->st_ino == object_st.st_ino && st->st_dev == object_st.st_dev;
	case LINK_SYMLINK:
		n = S_ISLNK(st->st_mode) ? readlink(path, target, sizeof(target)) : -1;
		return n == (ssize_t)strlen(object) && memcmp(target, object, (size_t)n) == 0;
	case LINK_REFLINK:
	case LINK_COPY:
		break;
	}
	return !S_ISLNK(st->st_mode) && st->st_nlink == 1;
}

bool link_is_current(const struct linker *l, const struct oid *o, const char *path, bool any)
{
	AUTO(buf_release) struct buf object = BUF_INIT;
	struct stat st;
	if (lstat(path, &st) < 0)
		return false;

	cache_object_path(l->cache, o, &object);

	for (size_t i = 0; i < l->cache->link_count; i++) {
		/* undecided: a reflink in front of a real link type */
		bool unsure = l->cache->links[i] == LINK_REFLINK && !copy_will_do(l->cache, i);
		if (__atomic_load_n(&l->broken, __ATOMIC_RELAXED) & 1u << l->cache->links[i])
			continue;
		if (has_form(l->cache, i, buf_str(&object), path, &st) && (any || !unsure))
			return true;
		if (!any)
			return false;
	}
	return false;
}

static bool makes_links(const struct cache *c)
{
	for (size_t i = 0; i < c->link_count; i++)
		if (c->links[i] == LINK_HARDLINK || c->links[i] == LINK_SYMLINK)
			return true;
	return false;
}

bool link_may_be_left_over(const struct cache *c, mode_t mode)
{
	return !(mode & 0222) && !makes_links(c);
}

/* Compares inodes with links followed, so it holds for hard and symbolic links alike. */
bool link_is_to_object(const struct cache *c, const struct oid *o, const char *path)
{
	AUTO(buf_release) struct buf object = BUF_INIT;
	struct stat st, object_st;

	cache_object_path(c, o, &object);
	return stat(path, &st) == 0 && stat(object.ptr, &object_st) == 0 &&
	       st.st_ino == object_st.st_ino && st.st_dev == object_st.st_dev;
}

/* A hash of the name: long names stay possible, and two files of a directory have different
 * temporaries. */
char *link_tmp_beside(const char *path)
{
	unsigned char digest[MD5_BYTES];
	char hex[MD5_HEX + 1];
	const char *base = path_basename(path);
	md5_of(base, strlen(base), digest);
	md5_to_hex(digest, hex);
	return mem_printf("%.*s.%.12s.cairn-tmp", (int)(base - path), path, hex);
}

int link_unprotect(const struct cache *c, const char *path, struct err *err)
{
	struct stat st, real;
	if (lstat(path, &st) < 0 || stat(path, &real) < 0)
		return err_errno(err, "unable to read '%s'", path);

	/* a plain file only needs write permission */
	if (!S_ISLNK(st.st_mode) && st.st_nlink == 1)
		return chmod(path, c->file_mode) == 0
			       ? 0
			       : err_errno(err, "unable to change the mode of '%s'", path);

	AUTO(mem_freep) char *tmp = link_tmp_beside(path);
	(void)unlink(tmp); /* left by a killed process */
	AUTO(close_fd) int from = file_open(AT_FDCWD, path, NULL, err);
	if (from < 0)
		return from;
	AUTO(close_fd) int to = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool cloned;
	if (to < 0)
		return err_errno(err, "unable to unprotect '%s'", path);
	int r = copy_bytes(c->ctx, METER_NONE, from, to, (uint64_t)real.st_size, &cloned, err);
	if (r == 0 && (fchmod(to, c->file_mode) < 0 || rename(tmp, path) < 0))
		r = err_errno(err, "unable to unprotect '%s'", path);
	if (r < 0)
		(void)unlink(tmp);
	return r;
}
