/* Objects that are in the cache already: where they lie, whether they are there and sound, reading
 * them, the directories around them, and the lock. cache_add.c stores new ones. */
#include "store/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/spread.h"
#include "store/cache_int.h"
#include "store/tree.h"

void cache_init(struct cache *c, const struct ctx *ctx, const char *dir)
{
	*c = (struct cache){.ctx = ctx,
		.dir = mem_strdup(dir),
		.links = {LINK_REFLINK, LINK_COPY},
		.link_count = 2};
	size_t len = strlen(c->dir);
	while (len > 1 && c->dir[len - 1] == '/')
		c->dir[--len] = '\0';
	cache_set_shared(c, false);
	c->fans = mem_zalloc(2 * CACHE_FANS); /* of the 3.x objects, then of the legacy ones */
}

void cache_release(struct cache *c)
{
	free(c->dir);
	free(c->fans);
	*c = CACHE_INIT;
}

void cache_set_shared(struct cache *c, bool shared)
{
	c->shared = shared;
	c->file_mode = shared ? 0664 : 0666 & ~file_umask();
	c->dir_mode = shared ? 02775 : 0777 & ~file_umask();
}

int cache_set_links(struct cache *c, const char *types, struct err *err)
{
	/* in the order of enum link_type */
	static const char *const names[LINK_TYPES] = {"reflink", "hardlink", "symlink", "copy"};
	AUTO(strlist_release) struct strlist list = STRLIST_INIT;
	size_t count = 0;
	unsigned seen = 0;
	strlist_split(&list, types, ',');

	for (size_t i = 0; i < list.count; i++) {
		const char *name = list.items[i] + strspn(list.items[i], " \t");
		size_t len = strcspn(name, " \t"), type = 0;
		while (type < LINK_TYPES &&
			!(strlen(names[type]) == len && memcmp(names[type], name, len) == 0))
			type++;
		if (type == LINK_TYPES)
			return err_set(err, ERR_CONFIG, "unsupported cache type '%s'", types);
		if (!(seen & 1u << type)) /* a type that is repeated would only be tried again */
			c->links[count++] = (enum link_type)type;
		seen |= 1u << type;
	}
	c->link_count = count;
	return 0;
}

void cache_object_path(const struct cache *c, const struct oid *o, struct buf *out)
{
	char text[OID_TEXT];
	oid_format(o, text);
	buf_adds(out, c->dir);

	/* legacy objects of DVC 2.x lie directly under the root */
	buf_adds(out, o->hash == HASH_MD5 ? "/files/md5/" : "/");
	buf_add(out, text, 2);
	buf_addc(out, '/');
	buf_adds(out, text + 2);
}

bool cache_exists(const struct cache *c, const struct oid *o)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	cache_object_path(c, o, &path);
	return faccessat(AT_FDCWD, path.ptr, F_OK, 0) == 0;
}

/* Hash an object that is not marked as trusted. A sound one becomes read-only, which marks it; a
 * corrupt one is removed. 1: sound; 0: absent or corrupt. */
static int check_untrusted(
	const struct cache *c, const struct oid *o, const char *path, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(close_fd) int fd = file_open(AT_FDCWD, path, NULL, &why);
	unsigned char digest[MD5_BYTES];
	if (fd < 0)
		return fd == ERR_NOT_FOUND ? 0 : err_move(err, &why);

	/* a listing is named by the plain MD5 of its bytes, among the legacy objects too */
	int r = hash_fd(c->ctx, METER_NONE, fd, o->is_dir ? HASH_MD5 : o->hash, digest, path, err);
	if (r < 0)
		return r;
	if (memcmp(digest, o->digest, MD5_BYTES) == 0) {
		(void)fchmod(fd, CACHE_MODE); /* on failure it is only hashed again next time */
		return 1;
	}
	log_debug(c->ctx, "corrupted cache file '%s'.", path);
	/* fails on a read-only cache; the object counts as missing all the same */
	(void)unlink(path);
	return 0;
}

/* cache_has(); leaves the object's path in `*path`, also when the result is 0. */
static int check_at(const struct cache *c, const struct oid *o, struct buf *path, struct err *err)
{
	struct stat st;
	buf_clear(path);
	cache_object_path(c, o, path);
	if (fstatat(AT_FDCWD, path->ptr, &st, 0) < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_errno(err, "unable to read '%s'", path->ptr);

	if (!S_ISREG(st.st_mode))
		return 0;
	return (st.st_mode & 07777) == CACHE_MODE ? 1 : check_untrusted(c, o, path->ptr, err);
}

int cache_has(const struct cache *c, const struct oid *o, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	return check_at(c, o, &path, err);
}

int cache_has_sized(
	const struct cache *c, const struct oid *o, uint64_t size_bytes, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	struct stat st;
	int r = check_at(c, o, &path, err);
	return r > 0 && stat(path.ptr, &st) == 0 ? (uint64_t)st.st_size == size_bytes : r;
}

struct missing_work {
	const struct cache *c;
	const struct oid_list *wanted;
	unsigned char *missing; /* one flag for each of wanted */
	bool check;             /* false: ask for existence alone */
};

/* The part of one thread. Each index is written by one thread only, so no lock is needed. */
static int find_missing(void *ctx, size_t first, size_t last, struct err *err)
{
	struct missing_work *w = ctx;
	AUTO(buf_release) struct buf path = BUF_INIT;
	for (size_t i = first; i < last; i++) {
		const struct oid *o = &w->wanted->items[i];
		int r = w->check ? check_at(w->c, o, &path, err) : cache_exists(w->c, o);
		if (r < 0)
			return r;
		w->missing[i] = r == 0;
	}
	return 0;
}

/* The directory that holds the fan-out directories of one hash; negative with errno. */
static int open_root(const struct cache *c, enum hash_name hash)
{
	AUTO(mem_freep) char *root = mem_printf(
		"%s%s", c->dir, hash == HASH_MD5 ? "/files/md5" : "");
	return open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The two hexadecimal digits of a fan-out directory. */
static void fan_name(size_t i, char out[3])
{
	static const char digits[] = "0123456789abcdef";
	out[0] = digits[i >> 4 & 15];
	out[1] = digits[i & 15];
	out[2] = '\0';
}

/* Call `fn` for each name in one fan-out directory. A directory that is a symbolic link is passed
 * over: objects are never written through one (see check_fan()). */
static int each_in_fan(int root_fd, const char *fan, cache_each_fn fn, void *ctx, struct err *err)
{
	int fd = openat(root_fd, fan, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int r = 0;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_errno(err, "unable to read cache directory '%s'", fan);
	}
	for (struct dirent *d; r >= 0 && (d = readdir(dir));) {
		if (d->d_name[0] != '.')
			r = fn(ctx, fd, fan, d->d_name, err);
	}
	closedir(dir);
	return r;
}

struct list_work {
	enum hash_name hash;
	struct oid_list *out;
};

static int list_one(void *ctx, int dir_fd, const char *fan, const char *name, struct err *err)
{
	struct list_work *w = ctx;
	struct oid o;
	(void)dir_fd;
	(void)err;
	if (cache_parse_name(fan, name, w->hash, &o))
		oid_list_add(w->out, &o);
	return 0;
}

/*
 * State of find_missing_in_fans(). For many objects the fan-out directories are read instead: 256
 * directory reads cost less than a stat(2) for each object. Names do not show whether an object
 * was changed in place; link_object() checks the mode before it brings an object to the workspace.
 */
struct fan_work {
	int root_fd;
	const struct oid_list *wanted; /* sorted */
	unsigned char *missing;        /* one flag for each of wanted */
};

/* The unit of work is a fan-out directory: `first` and `last` are its number, the first byte of the
 * digests in it. */
static int find_missing_in_fans(void *ctx, size_t first, size_t last, struct err *err)
{
	struct fan_work *w = ctx;
	int r = 0;
	for (size_t i = first; i < last && r == 0; i++) {
		AUTO(oid_list_release) struct oid_list there = {0};
		struct list_work list = {.hash = HASH_MD5, .out = &there};
		struct oid edge = {.digest = {(unsigned char)i}};
		char fan[3];
		size_t at = 0, k = oid_list_lower(w->wanted, &edge);
		if (k == w->wanted->count || w->wanted->items[k].digest[0] != i)
			continue;

		fan_name(i, fan);
		r = each_in_fan(w->root_fd, fan, list_one, &list, err);

		/* both lists are sorted: one pass over them */
		oid_list_sort(&there);
		for (; k < w->wanted->count && w->wanted->items[k].digest[0] == i; k++) {
			const struct oid *o = &w->wanted->items[k];
			while (at < there.count && oid_compare(&there.items[at], o) < 0)
				at++;
			w->missing[k] = at == there.count || oid_compare(&there.items[at], o) != 0;
		}
	}
	return r;
}

static int missing_by_listing(const struct cache *c, const struct oid_list *wanted,
	unsigned char *missing, struct err *err)
{
	AUTO(close_fd) int fd = open_root(c, HASH_MD5);
	if (fd < 0 && errno == ENOENT) { /* nothing was ever stored */
		memset(missing, 1, wanted->count);
		return 0;
	}
	if (fd < 0)
		return err_errno(err, "unable to open '%s/files/md5'", c->dir);
	struct fan_work w = {.root_fd = fd, .wanted = wanted, .missing = missing};
	return pool_run(c->ctx, CACHE_FANS, 4, 0, find_missing_in_fans, &w, err);
}

static int count_one(void *ctx, int dir_fd, const char *fan, const char *name, struct err *err)
{
	size_t *count = ctx;
	(void)dir_fd, (void)fan, (void)name, (void)err;
	(*count)++;
	return 0;
}

/* Is reading the whole cache cheaper than one stat(2) for each of `wanted`? Digests are distributed
 * evenly, so one of the 256 fan-out directories shows how many names there are. */
static bool listing_pays(const struct cache *c, size_t wanted)
{
	/* reading eight names costs about as much as one stat(2) */
	enum { MANY = 2000, NAMES_PER_STAT = 8 };
	size_t count = 0;
	if (wanted < MANY)
		return false;
	AUTO(close_fd) int fd = open_root(c, HASH_MD5);
	if (fd < 0)
		return errno == ENOENT;
	return each_in_fan(fd, "7f", count_one, &count, NULL) == 0 &&
	       count * CACHE_FANS < wanted * NAMES_PER_STAT;
}

static bool is_plain_md5(const struct oid_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].hash != HASH_MD5)
			return false;
	}
	return true;
}

/* Record the mtimes of all fan-out directories. A later equal seal means that no object was added
 * or removed. */
void cache_seal_take(const struct cache *c, int64_t now_ns, struct cache_seal *out)
{
	AUTO(close_fd) int fd = open_root(c, HASH_MD5);
	*out = (struct cache_seal){.taken_ns = now_ns};
	for (size_t i = 0; fd >= 0 && i < CACHE_FANS; i++) {
		struct stat st;
		char fan[3];
		fan_name(i, fan);
		if (fstatat(fd, fan, &st, 0) == 0)
			out->mtime_ns[i] = file_mtime_ns(&st);
	}
}

bool cache_seal_holds(const struct cache *c, const struct cache_seal *seal)
{
	struct cache_seal now;
	cache_seal_take(c, 0, &now);
	for (size_t i = 0; i < CACHE_FANS; i++) {
		if (now.mtime_ns[i] != seal->mtime_ns[i] || now.mtime_ns[i] >= seal->taken_ns)
			return false;
	}
	return true;
}

static int list_missing(const struct cache *c, const struct oid_list *wanted, bool check,
	struct oid_list *out_missing, struct err *err)
{
	enum { GRAIN = 256 };
	struct missing_work w = {.c = c, .wanted = wanted, .check = check};
	/* one flag for each object, as several threads write the results in no order */
	AUTO(mem_freep) unsigned char *missing = mem_zalloc(wanted->count + 1);
	w.missing = missing;

	int r = listing_pays(c, wanted->count) && is_plain_md5(wanted)
			? missing_by_listing(c, wanted, missing, err)
			: pool_run(c->ctx, wanted->count, GRAIN, 0, find_missing, &w, err);

	for (size_t i = 0; r == 0 && i < wanted->count; i++) {
		if (missing[i])
			oid_list_add(out_missing, &wanted->items[i]);
	}
	return r;
}

int cache_missing(const struct cache *c, const struct oid_list *wanted,
	struct oid_list *out_missing, struct err *err)
{
	return list_missing(c, wanted, true, out_missing, err);
}

int cache_absent(const struct cache *c, const struct oid_list *wanted, struct oid_list *out_absent,
	struct err *err)
{
	return list_missing(c, wanted, false, out_absent, err);
}

bool cache_parse_name(const char *fan, const char *name, enum hash_name hash, struct oid *out)
{
	char text[OID_TEXT];
	size_t len = strlen(name);
	if (strlen(fan) != 2 || (len != MD5_HEX - 2 && len != MD5_HEX + 2))
		return false;
	memcpy(text, fan, 2);
	memcpy(text + 2, name, len + 1);
	return oid_parse(out, text, hash);
}

int cache_each(
	const struct cache *c, enum hash_name hash, cache_each_fn fn, void *ctx, struct err *err)
{
	AUTO(close_fd) int root_fd = open_root(c, hash);
	int r = 0;
	if (root_fd < 0)
		return errno == ENOENT ? 0 /* a cache without objects */
				       : err_errno(err, "unable to open '%s%s'", c->dir,
						 hash == HASH_MD5 ? "/files/md5" : "");
	for (size_t i = 0; i < CACHE_FANS && r >= 0; i++) {
		char fan[3];
		fan_name(i, fan);
		r = each_in_fan(root_fd, fan, fn, ctx, err);
	}
	return r;
}

int cache_list(const struct cache *c, enum hash_name hash, struct oid_list *out, struct err *err)
{
	struct list_work w = {.hash = hash, .out = out};
	int r = cache_each(c, hash, list_one, &w, err);
	oid_list_sort(out);
	return r;
}

int cache_open(const struct cache *c, const struct oid *o, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	struct stat st;
	cache_object_path(c, o, &path);
	AUTO(close_fd) int fd = file_open(AT_FDCWD, path.ptr, &st, err);
	if (fd < 0)
		return fd;
	/* (a hard link to an executable in the workspace puts the executable bit on the object,
	 * too) */
	if ((st.st_mode & 07777 & ~S_IXUSR) != CACHE_MODE) {
		int r = check_untrusted(c, o, path.ptr, err);
		if (r <= 0)
			return r < 0 ? r
				     : err_set(err, ERR_NOT_FOUND, "object '%s' was corrupt",
					       path.ptr);
	}
	return TAKE_FD(fd);
}

int cache_read(const struct cache *c, const struct oid *o, struct buf *out, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	int r = check_at(c, o, &path, err);
	if (r < 0)
		return r;
	if (r == 0)
		return err_set(err, ERR_NOT_FOUND, "object '%s' is not in the cache", path.ptr);
	return file_read_data(path.ptr, out, err);
}

int cache_read_tree(const struct cache *c, const struct oid *o, struct tree *out, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	int r = check_at(c, o, &path, err);
	if (r < 0)
		return r;
	/* check_at() may also have removed it as corrupt */
	if (r == 0)
		return err_set(err, ERR_NOT_FOUND, "object '%s' is not in the cache", path.ptr);
	AUTO(close_fd) int fd = file_open(AT_FDCWD, path.ptr, NULL, err);
	if (fd < 0)
		return fd;
	AUTO(mem_freep) char *what = mem_printf("directory listing '%s'", path.ptr);
	r = tree_parse_fd(out, fd, o->hash, what, err);
	if (r < 0)
		err_hint(err, "The file is damaged: remove it, and fetch it from a remote again.");
	return r;
}

/* No check for other uses: gc and the repair commands decide what may go. */
int cache_remove(const struct cache *c, const struct oid *o, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	cache_object_path(c, o, &path);
	return unlink(path.ptr) == 0 || errno == ENOENT
		       ? 0
		       : err_errno(err, "unable to remove '%s'", path.ptr);
}

/* Is this "<cache>/files/md5", whose subdirectories are the fan-out directories? */
static bool is_fan_root(const struct cache *c, const char *dir)
{
	size_t len = strlen(c->dir);
	return strncmp(dir, c->dir, len) == 0 && strcmp(dir + len, "/files/md5") == 0;
}

int cache_make_dirs(const struct cache *c, const char *path, struct err *err)
{
	AUTO(mem_freep) char *dir = mem_strdup(path);
	size_t len = strlen(dir);
	size_t at = len;
	/* go up to the longest part of the path that exists (at = its length), then make the rest
	 * one by one */
	while (at && mkdir(dir, c->dir_mode) < 0 && errno != EEXIST) {
		if (errno != ENOENT)
			return err_errno(err, "unable to create directory '%s'", path);
		while (at && dir[at] != '/')
			at--;
		dir[at] = '\0';
	}
	for (;;) {
		/* mkdir(2) applies the umask; for a directory of somebody else chmod fails, and it
		 * stays */
		if (c->shared && at)
			(void)chmod(dir, c->dir_mode);

		/* objects of one fan-out directory have nothing in common, so let the file system
		 * spread them */
		if (at < len && is_fan_root(c, dir) && spread_pays(dir))
			spread_below(dir);
		if (at == len)
			return 0;

		dir[at] = '/';
		at += strlen(dir + at);
		if (mkdir(dir, c->dir_mode) < 0 && errno != EEXIST)
			return err_errno(err, "unable to create directory '%s'", path);
	}
}

int cache_lock_take(struct cache_lock *lock, const struct cache *c, bool alone, struct err *err)
{
	/* the lock is on the directory itself, so no lock file is left behind */
	int fd = open(c->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && cache_make_dirs(c, c->dir, NULL) == 0)
		fd = open(c->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		log_debug(c->ctx, "cache '%s' cannot be locked", c->dir);
		return 0;
	}
	while (flock(fd, alone ? LOCK_EX : LOCK_SH) < 0) {
		if (errno == EINTR)
			continue;
		close(fd); /* the file system has no locks */
		return 0;
	}

	(void)err;
	lock->fd_plus_one = fd + 1;
	return 0;
}

void cache_lock_release(struct cache_lock *lock)
{
	if (lock->fd_plus_one)
		close(lock->fd_plus_one - 1);
	lock->fd_plus_one = 0;
}

uint64_t cache_mean_size(const struct cache *c, const struct oid_list *sample)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	uint64_t bytes = 0, found = 0;

	/* a stat(2) per object is wasted when no progress is shown */
	for (size_t i = 0; i < sample->count && meter_is_watched(c->ctx); i++) {
		struct stat st;
		buf_clear(&path);
		cache_object_path(c, &sample->items[i], &path);
		if (stat(path.ptr, &st) < 0)
			continue;
		bytes += (uint64_t)st.st_size;
		found++;
	}
	return found ? bytes / found : 0;
}
