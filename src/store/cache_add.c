/* Storing objects: temporaries that become objects by rename, and the ways in which content gets
 * into them. */
#include "store/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/meter.h"
#include "base/path.h"
#include "store/cache_int.h"
#include "store/link.h"
#include "store/state.h"
#include "store/tree.h"

/* ---- objects on their way in */

/* A cache may be shared by machines and containers, where processes have the same ids. A random
 * number, drawn once a process, keeps the names of their temporaries apart. */
static void add_tmp_name(struct buf *path)
{
	static atomic_uint counter;
	static atomic_ullong chance;
	unsigned long long drawn = atomic_load(&chance);
	if (!drawn) {
		if (getrandom(&drawn, sizeof(drawn), 0) != sizeof(drawn))
			drawn = (unsigned long long)state_now_ns();
		atomic_store(&chance, drawn);
	}
	buf_addf(path, ".%llx-%d-%u.tmp", drawn, (int)getpid(), atomic_fetch_add(&counter, 1));
}

/* The file is read-only from the start, which saves a chmod(2): the mode is checked when others
 * open the file and does not restrict this descriptor. Not open(): that of musl sets O_CLOEXEC a
 * second time, by fcntl(2). */
static int open_new(const char *path)
{
	return openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, CACHE_MODE);
}

/*
 * Refuse to write through a symbolic link that somebody has put in place of a fan-out directory;
 * it could lead anywhere. `path` is the object's path. Each fan-out directory is checked once a
 * process. Two threads may both check the same one, which does no harm.
 */
static int check_fan(const struct cache *c, const struct oid *o, const char *path, struct err *err)
{
	unsigned char *known = &c->fans[o->digest[0] + (o->hash == HASH_MD5 ? 0 : CACHE_FANS)];
	struct stat st;
	if (__atomic_load_n(known, __ATOMIC_RELAXED))
		return 0;

	AUTO(mem_freep) char *dir = path_dirname(path);
	if (lstat(dir, &st) == 0 && S_ISLNK(st.st_mode)) {
		int r = err_set(err, ERR_FAIL,
			"'%s' is a symbolic link, and nothing is written through it", dir);
		err_hint(err, "Remove it, or put a directory in its place.");
		return r;
	}
	__atomic_store_n(known, 1, __ATOMIC_RELAXED);
	return 0;
}

int incoming_open(struct incoming *in, const struct cache *c, const struct oid *o, struct err *err)
{
	buf_clear(&in->tmp);

	if (o) {
		cache_object_path(c, o, &in->tmp);
		int r = check_fan(c, o, in->tmp.ptr, err);
		if (r < 0) {
			buf_clear(&in->tmp);
			return r;
		}
	} else {
		/* the fan-out directory is not known yet; gc's sweep_root() removes what a killed
		 * process leaves here */
		buf_addf(&in->tmp, "%s/files/md5/", c->dir);
	}

	add_tmp_name(&in->tmp);
	int fd = open_new(in->tmp.ptr);

	/* the directory is missing as a rule only for the first object in it, so it is made on
	 * demand */
	if (fd < 0 && errno == ENOENT) {
		char *slash = strrchr(in->tmp.ptr, '/');
		*slash = '\0';
		int r = cache_make_dirs(c, in->tmp.ptr, err);
		*slash = '/';
		if (r < 0)
			return r;
		fd = open_new(in->tmp.ptr);
	}

	if (fd < 0)
		return err_errno(err, "unable to write to the cache at '%s'", in->tmp.ptr);
	in->fd_plus_one = fd + 1;
	return 0;
}

int incoming_finish(
	struct incoming *in, const struct cache *c, const struct oid *o, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	cache_object_path(c, o, &path);
	int r = check_fan(c, o, path.ptr, err);
	if (r < 0)
		return r;

	/* open_new() asked for 0444; a umask may have taken bits. If the mode cannot be set (Samba
	 * and other file systems without modes), the object is hashed on first use. */
	if (file_umask() & CACHE_MODE)
		(void)fchmod(in->fd_plus_one - 1, CACHE_MODE);
	int closed = close(in->fd_plus_one - 1);
	in->fd_plus_one = 0;
	if (closed < 0)
		return err_errno(err, "unable to write '%s'", path.ptr);

	r = rename(in->tmp.ptr, path.ptr);
	/* the temporary was in files/md5/: the object's own directory may be missing */
	if (r < 0 && errno == ENOENT) {
		char *slash = strrchr(path.ptr, '/');
		*slash = '\0';
		r = cache_make_dirs(c, path.ptr, err);
		*slash = '/';
		if (r < 0)
			return r;
		r = rename(in->tmp.ptr, path.ptr);
	}
	if (r < 0)
		return err_errno(err, "unable to write '%s'", path.ptr);
	buf_clear(&in->tmp);
	return 0;
}

void incoming_release(struct incoming *in)
{
	if (in->fd_plus_one)
		close(in->fd_plus_one - 1);
	if (in->tmp.len)
		(void)unlink(in->tmp.ptr); /* best effort: gc removes leftovers after a day */
	buf_release(&in->tmp);
	in->fd_plus_one = 0;
}

/* A crash before the rename leaves only a temporary: an object never appears incomplete. */
int cache_add_bytes(
	const struct cache *c, const struct oid *o, const void *p, size_t len, struct err *err)
{
	AUTO(incoming_release) struct incoming in = {0};
	int r = cache_has_sized(c, o, len, err);
	if (r != 0)
		return MIN(r, 0);
	r = incoming_open(&in, c, o, err);
	if (r < 0)
		return r;
	if (file_write_all(in.fd_plus_one - 1, p, len) < 0)
		return err_errno(err, "unable to write '%s'", in.tmp.ptr);
	return incoming_finish(&in, c, o, err);
}

/* The sink of tree_write_json(). */
static int to_incoming(void *ctx, const char *p, size_t len, struct err *err)
{
	const struct incoming *in = ctx;
	return file_write_all(in->fd_plus_one - 1, p, len) == 0
		       ? 0
		       : err_errno(err, "unable to write '%s'", in->tmp.ptr);
}

int cache_add_tree(
	const struct cache *c, const struct tree *t, struct oid *out_oid, struct err *err)
{
	AUTO(incoming_release) struct incoming in = {0};
	struct oid o = tree_oid(t);
	/* a listing that exists is not written again */
	int r = cache_has(c, &o, err);
	if (r == 0) {
		r = incoming_open(&in, c, &o, err);
		if (r >= 0)
			r = tree_write_json(t, to_incoming, &in, err);
		if (r >= 0)
			r = incoming_finish(&in, c, &o, err);
	}
	*out_oid = o;
	return MIN(r, 0);
}

int cache_add_file(const struct cache *c, const struct oid *o, int dir_fd, const char *path,
	bool hardlink, const struct tree_entry *seen, struct err *err)
{
	int r = seen ? cache_has_sized(c, o, seen->size_bytes, err) : cache_has(c, o, err);
	return r != 0 ? MIN(r, 0) : cache_put_file(c, o, dir_fd, path, hardlink, seen, err);
}

/* Is the open file still the one for which the name was determined? The check follows the copy, so
 * a file that was written to in between is not stored under a name that is not its own. */
static int check_seen(int fd, const struct tree_entry *seen, const char *path, struct err *err)
{
	struct stat st;
	if (!seen)
		return 0;
	if (fstat(fd, &st) == 0 && (uint64_t)st.st_size == seen->size_bytes &&
		file_mtime_ns(&st) == seen->mtime_ns && st.st_ino == seen->inode)
		return 0;
	return err_set(err, ERR_FAIL, "'%s' was changed while it was read", path);
}

int cache_put_fd(const struct cache *c, const struct oid *o, int fd, uint64_t size_bytes,
	const char *path, const struct tree_entry *seen, enum meter_kind meter, struct err *err)
{
	/* the object gets its name only at the end, after the checks */
	AUTO(incoming_release) struct incoming in = {0};
	bool cloned;
	int r = incoming_open(&in, c, o, err);
	if (r < 0)
		return r;
	r = copy_bytes(c->ctx, meter, fd, in.fd_plus_one - 1, size_bytes, &cloned, err);
	if (r < 0)
		return err_wrap(err, r, "unable to store '%s' in the cache", path);
	/* the file must not have changed since it was hashed */
	r = check_seen(fd, seen, path, err);
	return r < 0 ? r : incoming_finish(&in, c, o, err);
}

/* Make the workspace file itself the object, by hard link. 1: done; 0: this file system cannot. */
static int put_link(const struct cache *c, const struct oid *o, int fd, int dir_fd,
	const char *path, const struct tree_entry *seen, struct err *err)
{
	AUTO(incoming_release) struct incoming in = {0};
	int r = incoming_open(&in, c, o, err);
	if (r < 0)
		return r;
	/* incoming_open() made an empty file to reserve the name; link(2) needs the name free */
	if (unlink(in.tmp.ptr) < 0 ||
		linkat(dir_fd, path, AT_FDCWD, in.tmp.ptr, AT_SYMLINK_FOLLOW) < 0)
		return 0;

	r = check_seen(fd, seen, path, err);
	if (r < 0)
		return r;
	/* mode of the inode: the workspace file becomes read-only, too */
	(void)fchmod(fd, CACHE_MODE);
	r = incoming_finish(&in, c, o, err);
	return r < 0 ? r : 1;
}

int cache_put_file(const struct cache *c, const struct oid *o, int dir_fd, const char *path,
	bool hardlink, const struct tree_entry *seen, struct err *err)
{
	struct stat st;
	AUTO(close_fd) int fd = file_open(dir_fd, path, &st, err);
	if (fd < 0)
		return fd;

	/* an empty file is never hard-linked, see link_object() */
	int r = hardlink && st.st_size > 0 ? put_link(c, o, fd, dir_fd, path, seen, err) : 0;
	if (r != 0)
		return MIN(r, 0);
	return cache_put_fd(c, o, fd, (uint64_t)st.st_size, path, seen, METER_HASH, err);
}

/* ---- hashing while copying */

/* The copying half of cache_add_fd(). It is a thread of its own, so that the speed of MD5 is the
 * only limit. */
struct copier {
	const struct ctx *ctx;
	int from, to; /* file descriptors */
	uint64_t size_bytes;
	int result;
	struct err err;
};

static void *copy_thread(void *arg)
{
	struct copier *job = arg;
	bool cloned;
	job->result = copy_bytes(
		job->ctx, METER_NONE, job->from, job->to, job->size_bytes, &cloned, &job->err);
	return NULL;
}

/* Hash `fd` in this thread while another copies it to `to`. */
static int hash_beside_copy(const struct ctx *ctx, int fd, enum hash_name hash, int to,
	uint64_t size, unsigned char digest[MD5_BYTES], struct err *err)
{
	struct copier job = {.ctx = ctx, .from = fd, .to = to, .size_bytes = size};
	char name[64];
	pthread_t id;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	/* The two halves read at their own pace, so each needs its own file position and open file.
	 * Each finds in the page cache what the other has read. */
	AUTO(close_fd) int again = open(name, O_RDONLY | O_CLOEXEC);
	if (again < 0)
		return err_errno(err, "unable to open '%s' again", name);

	bool threaded = pthread_create(&id, NULL, copy_thread, &job) == 0;
	if (!threaded)
		copy_thread(&job);

	int r = hash_fd(ctx, METER_HASH, again, hash, digest, "the file", err);
	if (threaded)
		pthread_join(id, NULL);
	if (r == 0 && job.result < 0)
		return err_move(err, &job.err);
	err_release(&job.err);
	return r;
}

static bool same_facts(const struct stat *a, const struct stat *b)
{
	/* ctime is left out: another process may hard-link the file meanwhile, which changes no
	 * content */
	return a->st_size == b->st_size && file_mtime_ns(a) == file_mtime_ns(b) &&
	       a->st_ino == b->st_ino;
}

int cache_add_fd(
	const struct cache *c, int fd, enum hash_name hash, struct oid *out_oid, struct err *err)
{
	AUTO(incoming_release) struct incoming in = {0};
	struct oid o = {.hash = (uint8_t)hash};
	struct stat before, after;
	int r = 0;
	if (fstat(fd, &before) < 0)
		return err_errno(err, "unable to read the file");

	r = incoming_open(&in, c, NULL, err);
	if (r == 0)
		r = hash_beside_copy(c->ctx, fd, hash, in.fd_plus_one - 1, (uint64_t)before.st_size,
			o.digest, err);
	if (r < 0)
		return r;

	/* the hash and the copy may have seen different content */
	if (fstat(fd, &after) < 0 || !same_facts(&before, &after))
		return err_set(err, ERR_FAIL, "the file was changed while it was read");

	r = cache_has_sized(c, &o, (uint64_t)before.st_size, err);
	if (r < 0)
		return r;
	*out_oid = o;
	return r ? 0 : incoming_finish(&in, c, &o, err);
}
