/*
 * Push and fetch. A remote that is a local directory is a cache in its own right and uses the same
 * code (clones, modes, trust). Any other remote is accessed through its driver, an object at a
 * time.
 */
#include "store/transfer.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/pool.h"
#include "store/cache_int.h"
#include "store/gc.h"
#include "store/tree.h"

void transfer_result_release(struct transfer_result *r)
{
	oid_list_release(&r->missing);
	strlist_release(&r->messages);
	*r = (struct transfer_result){0};
}

void transfer_sizes_add(struct transfer_sizes *s, const struct oid *o, uint64_t size_bytes)
{
	*vec_push(s) = (struct transfer_size){*o, size_bytes};
}

static int compare_sizes(const void *a, const void *b)
{
	const struct transfer_size *x = a, *y = b;
	return oid_compare(&x->oid, &y->oid);
}

/* Is a size other than `size_bytes` recorded? Then a trusted mode is not sufficient and the object
 * is hashed. */
static bool has_other_size(const struct transfer_sizes *s, const struct oid *o, uint64_t size_bytes)
{
	const struct transfer_size key = {.oid = *o};
	const struct transfer_size *known = s && s->count ? bsearch(&key, s->items, s->count,
								    sizeof(key), compare_sizes)
							  : NULL;
	return known && known->size_bytes != size_bytes;
}

/* One end of a transfer: exactly one of `cache` and `fs` is set. */
struct side {
	const struct cache *cache; /* objects as local files */
	struct cache as_cache;     /* for a remote in a local directory; `cache` points to it */
	struct fs *fs;             /* for any other remote */
};

static void side_release(struct side *s)
{
	cache_release(&s->as_cache);
}

static void side_of_remote(struct side *s, struct fs *fs)
{
	if (fs->local_root) {
		cache_init(&s->as_cache, fs->ctx, fs->local_root);
		cache_set_shared(&s->as_cache, fs->shared);
		s->cache = &s->as_cache;
	} else {
		s->fs = fs;
	}
}

/* The path of an object relative to a remote's root. Heap string. */
static char *object_rel(const struct oid *o)
{
	char text[OID_TEXT];
	oid_format(o, text);
	return mem_printf("%s%.2s/%s", o->hash == HASH_MD5 ? "files/md5/" : "", text, text + 2);
}

/* Our own cache is checked for soundness, a remote only for existence (see cache_absent()). A
 * driver is asked once for each object. */
static int side_missing(
	const struct side *s, const struct oid_list *wanted, struct oid_list *out, struct err *err)
{
	if (s->cache)
		return s->cache == &s->as_cache ? cache_absent(s->cache, wanted, out, err)
						: cache_missing(s->cache, wanted, out, err);

	for (size_t i = 0; i < wanted->count; i++) {
		AUTO(mem_freep) char *rel = object_rel(&wanted->items[i]);
		int r = s->fs->driver->stat(s->fs, rel, NULL, NULL, err);
		if (r < 0)
			return r;
		if (r == 0)
			oid_list_add(out, &wanted->items[i]);
	}
	return 0;
}

int transfer_missing(struct fs *remote, const struct oid_list *wanted, struct oid_list *out_missing,
	struct err *err)
{
	AUTO(side_release) struct side s = {0};
	side_of_remote(&s, remote);
	return side_missing(&s, wanted, out_missing, err);
}

static int add_to_buf(void *arg, const void *bytes, size_t count, struct err *err)
{
	struct buf *out = arg;
	(void)err;
	buf_add(out, bytes, count);
	return 0;
}

/* Read a small object through a driver. */
static int get_bytes(const struct side *s, const struct oid *o, struct buf *out, struct err *err)
{
	AUTO(mem_freep) char *rel = object_rel(o);
	const struct fs_get what = {.path = rel, .count = FS_REST};
	const struct fs_sink sink = {add_to_buf, out};
	return s->fs->driver->get(s->fs, &what, &sink, NULL, err);
}

/* Read an object from either kind of side into the empty `*out`, and check its hash. */
static int side_read(const struct side *s, const struct oid *o, struct buf *out, struct err *err)
{
	unsigned char digest[MD5_BYTES];
	char text[OID_TEXT];
	int r;

	if (s->cache && s->cache != &s->as_cache)
		return cache_read(s->cache, o, out, err);
	/* the mode of a remote's file proves nothing, so its bytes are hashed */
	if (s->cache) {
		AUTO(buf_release) struct buf path = BUF_INIT;
		cache_object_path(s->cache, o, &path);
		r = file_read_data(path.ptr, out, err);
	} else {
		r = get_bytes(s, o, out, err);
	}

	if (o->is_dir || o->hash == HASH_MD5)
		md5_of(buf_str(out), out->len, digest);
	else
		dos2unix_of(buf_str(out), out->len, digest);

	if (r >= 0 && memcmp(digest, o->digest, MD5_BYTES) != 0)
		return err_set(err, ERR_FAIL, "the remote's %s '%s' is corrupted",
			o->is_dir ? "directory listing" : "object", oid_format(o, text));
	return r;
}

static int parse_listing(
	const struct oid *o, const struct buf *bytes, struct tree *out, struct err *err)
{
	char text[OID_TEXT];
	AUTO(mem_freep) char *what = mem_printf("directory listing '%s'", oid_format(o, text));
	return tree_parse(out, buf_str(bytes), bytes->len, o->hash, what, err);
}

int transfer_read(struct fs *remote, const struct oid *o, struct buf *out, struct err *err)
{
	AUTO(side_release) struct side s = {0};
	side_of_remote(&s, remote);
	return side_read(&s, o, out, err);
}

int transfer_read_listing(struct fs *remote, const struct oid *o, struct tree *out, struct err *err)
{
	AUTO(side_release) struct side s = {0};
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	side_of_remote(&s, remote);
	int r = side_read(&s, o, &bytes, err);
	return r < 0 ? r : parse_listing(o, &bytes, out, err);
}

static int write_to_fd(void *arg, const void *bytes, size_t count, struct err *err)
{
	const int *fd = arg;
	return file_write_all(*fd, bytes, count) < 0 ? err_errno(err, "unable to write an object")
						     : 0;
}

static int get_file(struct fs *fs, const char *path, int fd, struct err *err)
{
	const struct fs_get what = {.path = path, .count = FS_REST};
	const struct fs_sink sink = {write_to_fd, &fd};
	return fs->driver->get(fs, &what, &sink, NULL, err);
}

static int put_file(
	struct fs *fs, int fd, uint64_t size_bytes, const char *path, mode_t mode, struct err *err)
{
	const struct fs_put what = {
		.path = path, .from = {.fd = fd, .size_bytes = size_bytes}, .mode = mode};
	return fs->driver->put(fs, &what, NULL, err);
}

/* Fetch an object through a driver into the cache. It is hashed before it gets its name. */
static int download(
	const struct side *from, const struct cache *to, const struct oid *o, struct err *err)
{
	AUTO(incoming_release) struct incoming in = {0};
	AUTO(mem_freep) char *rel = object_rel(o);
	unsigned char digest[MD5_BYTES];

	int r = incoming_open(&in, to, o, err);
	if (r == 0)
		r = get_file(from->fs, rel, in.fd_plus_one - 1, err);
	if (r < 0)
		return r;

	AUTO(close_fd) int fd = file_open(AT_FDCWD, in.tmp.ptr, NULL, err);
	if (fd < 0)
		return fd;

	r = hash_fd(to->ctx, METER_TRANSFER, fd, o->is_dir ? HASH_MD5 : o->hash, digest, rel, err);
	if (r == 0 && memcmp(digest, o->digest, MD5_BYTES) != 0)
		r = err_set(err, ERR_FAIL, "the remote's '%s' is corrupted", rel);
	return r < 0 ? r : incoming_finish(&in, to, o, err);
}

/*
 * Copy an object from one local directory to another. In a remote, to which others write, an
 * object without the trusted mode or of another size than recorded is hashed first. Our own cache
 * was checked by side_missing().
 */
static int copy_object(const struct side *from, const struct cache *to, const struct oid *o,
	const struct transfer_opts *opts, struct err *err)
{
	bool verify = opts->verify;
	AUTO(buf_release) struct buf path = BUF_INIT;
	unsigned char digest[MD5_BYTES];
	struct stat st;

	cache_object_path(from->cache, o, &path);
	AUTO(close_fd) int fd = file_open(AT_FDCWD, path.ptr, &st, err);
	if (fd < 0)
		return fd;

	meter_size(to->ctx, METER_TRANSFER, (uint64_t)st.st_size);
	if (from->cache == &from->as_cache)
		verify = verify || (st.st_mode & 07777) != CACHE_MODE ||
			 has_other_size(opts->sizes, o, (uint64_t)st.st_size);

	if (verify) {
		int r = hash_fd(to->ctx, METER_TRANSFER, fd, o->is_dir ? HASH_MD5 : o->hash, digest,
			path.ptr, err);
		if (r < 0)
			return r;
		if (memcmp(digest, o->digest, MD5_BYTES) != 0)
			return err_set(err, ERR_FAIL, "'%s' is corrupted", path.ptr);
		if (lseek(fd, 0, SEEK_SET) < 0)
			return err_errno(err, "unable to read '%s'", path.ptr);
	}
	/* the bytes of an object that is read twice are counted once, in the slower pass */
	return cache_put_fd(to, o, fd, (uint64_t)st.st_size, path.ptr, NULL,
		verify ? METER_NONE : METER_TRANSFER, err);
}

/* Send an object through a driver. Its bytes are counted at the end, because drivers do not report
 * progress. */
static int upload(
	const struct cache *from, const struct side *to, const struct oid *o, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	AUTO(mem_freep) char *rel = object_rel(o);
	struct stat st;

	cache_object_path(from, o, &path);
	AUTO(close_fd) int fd = file_open(AT_FDCWD, path.ptr, &st, err);
	if (fd < 0)
		return fd;

	meter_size(from->ctx, METER_TRANSFER, (uint64_t)st.st_size);
	int r = put_file(to->fs, fd, (uint64_t)st.st_size, rel, CACHE_MODE, err);
	meter_bytes(from->ctx, METER_TRANSFER, (uint64_t)st.st_size);
	return r;
}

/* One end is always local, so at most one side has a driver. */
static int send_object(const struct side *from, const struct side *to, const struct oid *o,
	const struct transfer_opts *opts, struct err *err)
{
	if (!from->cache)
		return download(from, to->cache, o, err);
	if (!to->cache)
		return upload(from->cache, to, o, err);
	return copy_object(from, to->cache, o, opts, err);
}

int transfer_fetch_one(struct fs *remote, const struct cache *to, const struct oid *o, bool verify,
	struct err *err)
{
	AUTO(side_release) struct side from = {0};
	struct side near = {.cache = to};
	int r = cache_has(to, o, err);
	if (r != 0)
		return MIN(r, 0); /* already in the cache */

	side_of_remote(&from, remote);
	r = send_object(&from, &near, o, &(struct transfer_opts){.verify = verify}, err);
	return r < 0 ? r : 1;
}

/* ---- what is to be sent */

struct listing {
	struct oid oid;
	struct tree tree;
};

struct plan {
	const struct ctx *ctx;
	struct side from, to;
	const struct transfer_opts *opts;
	struct transfer_result *out;
	struct listing *listings;
	size_t listing_count;
	struct oid_list wanted; /* everything asked for and the files of its listings; sorted */
	struct oid_list send;   /* what the target lacks and the source has; sorted */
	/* on neither side, or failed: a listing that needs one of these is not sent; sorted before
	 * it is searched */
	struct oid_list absent;
	pthread_mutex_t lock; /* protects out and absent while the pool runs */
};

static void plan_release(struct plan *p)
{
	side_release(&p->from);
	side_release(&p->to);
	for (size_t i = 0; i < p->listing_count; i++)
		tree_release(&p->listings[i].tree);
	free(p->listings);
	oid_list_release(&p->wanted);
	oid_list_release(&p->send);
	oid_list_release(&p->absent);
}

/* Read a listing: first from the side with local files (the target, if both have), then from the
 * other. */
static int load_listing(struct plan *p, const struct oid *o, struct err *err)
{
	struct listing *l = &p->listings[p->listing_count];
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	*l = (struct listing){.oid = *o};

	const struct side *near = p->to.cache ? &p->to : &p->from,
			  *far = p->to.cache ? &p->from : &p->to;
	int r = side_read(near, o, &bytes, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		r = side_read(far, o, &bytes, err);
	}

	if (r == ERR_NOT_FOUND) {
		err_release(err);
		return 0; /* missing on both sides: compare_sides() reports it */
	}

	if (r < 0)
		return r;

	r = parse_listing(o, &bytes, &l->tree, err);
	p->listing_count++;
	return r;
}

/* Fill p->listings, and p->wanted with the objects asked for and the files of the listings. */
static int collect(struct plan *p, const struct oid_list *wanted, struct err *err)
{
	size_t dirs = 0;
	int r = 0;

	for (size_t i = 0; i < wanted->count; i++)
		dirs += wanted->items[i].is_dir;
	p->listings = mem_zalloc((dirs + 1) * sizeof(*p->listings));

	for (size_t i = 0; i < wanted->count && r == 0; i++) {
		oid_list_add(&p->wanted, &wanted->items[i]);
		if (wanted->items[i].is_dir)
			r = load_listing(p, &wanted->items[i], err);
	}

	for (size_t i = 0; i < p->listing_count && r == 0; i++) {
		const struct tree *t = &p->listings[i].tree;
		for (size_t k = 0; k < t->count; k++) {
			struct oid o = tree_entry_oid(t, &t->entries[k]);
			oid_list_add(&p->wanted, &o);
		}
	}

	oid_list_sort(&p->wanted);
	return r;
}

/* Split what the target lacks into what the source has (send) and what neither side has (absent,
 * missing). */
static int compare_sides(struct plan *p, struct err *err)
{
	AUTO(oid_list_release) struct oid_list lacking = {0};

	int r = side_missing(&p->to, &p->wanted, &lacking, err);
	if (r == 0)
		r = side_missing(&p->from, &lacking, &p->absent, err);

	/* both lists are subsets of the sorted `wanted`, so `send` is sorted, too */
	for (size_t i = 0; i < lacking.count && r == 0; i++) {
		if (!oid_list_has(&p->absent, &lacking.items[i]))
			oid_list_add(&p->send, &lacking.items[i]);
	}
	for (size_t i = 0; i < p->absent.count && r == 0; i++)
		oid_list_add(&p->out->missing, &p->absent.items[i]);
	return r;
}

/* A failed object counts as absent, so that listings that need it are not sent. The caller holds
 * the lock. */
static void note_failure(struct plan *p, const struct oid *o, const struct err *why)
{
	char text[OID_TEXT];
	p->out->failed++;
	oid_list_add(&p->absent, o);
	strlist_addf(&p->out->messages, "failed to transfer '%s' - %s", oid_format(o, text),
		why->msg ? why->msg : "");
}

/* A pool task: send the files whose first byte is in [first, last). No two threads create objects
 * in the same fan-out directory. */
static int send_fans(void *ctx, size_t first, size_t last, struct err *err)
{
	struct plan *p = ctx;
	const struct oid edge = {.digest = {(unsigned char)first}};
	(void)err;
	for (size_t i = oid_list_lower(&p->send, &edge);
		i < p->send.count && p->send.items[i].digest[0] < last; i++) {
		const struct oid *o = &p->send.items[i];
		AUTO(err_release) struct err why = ERR_INIT;
		if (o->is_dir)
			continue; /* sent after its files */

		int r = send_object(&p->from, &p->to, o, p->opts, &why);
		meter_files(p->ctx, METER_TRANSFER, 1);

		pthread_mutex_lock(&p->lock);
		if (r < 0)
			note_failure(p, o, &why);
		else
			p->out->transferred++;
		pthread_mutex_unlock(&p->lock);
	}
	return 0;
}

static bool has_all_files(const struct plan *p, const struct listing *l)
{
	for (size_t k = 0; k < l->tree.count && p->absent.count; k++) {
		struct oid o = tree_entry_oid(&l->tree, &l->tree.entries[k]);
		if (oid_list_has(&p->absent, &o))
			return false;
	}
	return true;
}

/* Send the listings, after the pool has ended. With `only_whole` those whose files are all in the
 * target. */
static void send_listings(struct plan *p, bool only_whole)
{
	oid_list_sort(&p->absent);
	for (size_t i = 0; i < p->listing_count; i++) {
		const struct listing *l = &p->listings[i];
		AUTO(err_release) struct err why = ERR_INIT;
		if (!oid_list_has(&p->send, &l->oid) || (only_whole && !has_all_files(p, l)))
			continue;
		if (send_object(&p->from, &p->to, &l->oid, p->opts, &why) >= 0) {
			p->out->transferred++;
			continue;
		}
		note_failure(p, &l->oid, &why);
		oid_list_sort(&p->absent); /* the next listing is searched in it */
	}
}

/* The total size is unknown, so it is estimated from a sample of the objects. */
static void begin_meter(const struct plan *p)
{
	enum { EVERY = 32 }; /* one stat(2) in 32 objects is cheap compared to copying them all */
	AUTO(oid_list_release) struct oid_list sample = {0};
	size_t files = 0;
	for (size_t i = 0; i < p->send.count; i++) {
		files += !p->send.items[i].is_dir;
		if (i % EVERY == 0)
			oid_list_add(&sample, &p->send.items[i]);
	}

	meter_begin_guessed(p->ctx, METER_TRANSFER,
		p->from.cache == &p->from.as_cache || p->from.fs ? "fetching" : "pushing", files,
		p->from.cache ? cache_mean_size(p->from.cache, &sample) : 0);
}

static int run(struct plan *p, const struct oid_list *wanted, bool only_whole, struct err *err)
{
	/* senders search the sizes by name */
	if (p->opts->sizes)
		vec_sort(p->opts->sizes, compare_sizes);

	int r = collect(p, wanted, err);
	if (r == 0)
		r = compare_sides(p, err);
	if (r < 0)
		return r;

	pthread_mutex_init(&p->lock, NULL);
	begin_meter(p);
	/* one fan-out directory per item: two threads that create files in one directory wait for
	 * each other */
	r = pool_run(p->ctx, CACHE_FANS, 1, p->opts->jobs, send_fans, p, err);
	meter_end(p->ctx, METER_TRANSFER);
	pthread_mutex_destroy(&p->lock);

	if (r == 0)
		/* after all files, so that no listing is incomplete */
		send_listings(p, only_whole);
	return r;
}

int transfer_push(const struct cache *from, struct fs *remote, const struct oid_list *wanted,
	const struct transfer_opts *opts, struct transfer_result *out, struct err *err)
{
	AUTO(plan_release) struct plan p = {
		.ctx = from->ctx, .from.cache = from, .opts = opts, .out = out};
	side_of_remote(&p.to, remote);
	return run(&p, wanted, true, err);
}

int transfer_fetch(struct fs *remote, const struct cache *to, const struct oid_list *wanted,
	const struct transfer_opts *opts, struct transfer_result *out, struct err *err)
{
	AUTO(plan_release) struct plan p = {
		.ctx = to->ctx, .to.cache = to, .opts = opts, .out = out};
	side_of_remote(&p.from, remote);
	/* A listing whose files the remote has lost is fetched all the same: with it the missing
	 * files can be named. */
	return run(&p, wanted, false, err);
}

/* Call `fn` for every file below a directory. */
static int list_below(struct fs *fs, const char *dir,
	int (*fn)(void *arg, const struct fs_entry *entry, struct err *err), void *arg,
	struct err *err)
{
	AUTO(fs_page_release) struct fs_page page = {0};
	int r = fs->driver->list(fs, &(struct fs_list){.prefix = dir}, &page, err);
	for (size_t i = 0; i < page.entries.count && r >= 0; i++) {
		const struct fs_entry *e = &page.entries.items[i];
		r = e->is_dir ? list_below(fs, e->path, fn, arg, err) : fn(arg, e, err);
	}
	return r;
}

struct remote_sweep {
	struct fs *fs;
	enum hash_name hash;
	const struct oid_list *used;
	struct strlist paths; /* unused objects, relative to the remote's root */
	uint64_t bytes;
};

static void remote_sweep_release(struct remote_sweep *s)
{
	strlist_release(&s->paths);
}

/* Parse "files/md5/ab/cdef..." or, for objects of DVC 2.x, "ab/cdef...". */
static bool parse_object_path(const char *path, enum hash_name hash, struct oid *out)
{
	static const char new_root[] = "files/md5/";
	if (hash == HASH_MD5) {
		if (strncmp(path, new_root, strlen(new_root)) != 0)
			return false;
		path += strlen(new_root);
	}

	if (strlen(path) < 4 || path[2] != '/')
		return false;
	const char fan[3] = {path[0], path[1], '\0'};
	return cache_parse_name(fan, path + 3, hash, out);
}

static int find_unused(void *ctx, const struct fs_entry *entry, struct err *err)
{
	struct remote_sweep *s = ctx;
	struct oid o;
	(void)err;
	if (parse_object_path(entry->path, s->hash, &o) && !oid_list_has(s->used, &o)) {
		strlist_add(&s->paths, entry->path);
		s->bytes += entry->size_bytes;
	}
	return 0;
}

static int remove_some(void *ctx, size_t first, size_t last, struct err *err)
{
	const struct remote_sweep *s = ctx;
	int r = 0;
	for (size_t i = first; i < last && r >= 0; i++)
		r = s->fs->driver->remove(s->fs, (const char *const *)&s->paths.items[i], 1, err);
	return r;
}

/* gc on a remote that has a driver: list all files, then remove the unused ones. */
static int gc_remote(struct fs *fs, enum hash_name hash, const struct oid_list *used, bool dry,
	int jobs, struct gc_result *out, struct err *err)
{
	AUTO(remote_sweep_release) struct remote_sweep s = {.fs = fs, .hash = hash, .used = used};
	const char *prefix = hash == HASH_MD5 ? "files/md5" : "";
	int r;

	if (fs_can(fs, FS_NO_LIST) || fs_can(fs, FS_NO_REMOVE))
		return err_set(err, ERR_UNSUPPORTED,
			"unused objects of '%s' cannot be removed: it lists no files", fs->url);

	r = list_below(fs, prefix, find_unused, &s, err);
	if (r >= 0 && !dry)
		r = pool_run(fs->ctx, s.paths.count, 1, jobs, remove_some, &s, err);

	if (r < 0)
		return r;

	out->removed += s.paths.count;
	out->removed_bytes += s.bytes;
	for (size_t i = 0; out->paths && i < s.paths.count; i++)
		strlist_addf(out->paths, "%s/%s", fs->url, s.paths.items[i]);
	return 0;
}

int transfer_gc(struct fs *remote, enum hash_name hash, const struct oid_list *used, bool dry,
	int jobs, struct gc_result *out, struct err *err)
{
	AUTO(side_release) struct side s = {0};
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	side_of_remote(&s, remote);
	if (!s.cache)
		return gc_remote(remote, hash, used, dry, jobs, out, err);

	/* a local remote may be the cache of another repository, so its lock is taken as for our
	 * own cache */
	int r = dry || access(s.cache->dir, F_OK) < 0 ? 0
						      : cache_lock_take(&lock, s.cache, true, err);
	return r < 0 ? r : gc_cache(s.cache, hash, used, dry, out, err);
}

/* ---- the run-cache: small text files under runs/ */

struct runs {
	struct strlist paths;
};

/* Collects the paths of entries; temporaries are passed over. */
static int add_run(void *ctx, const struct fs_entry *entry, struct err *err)
{
	struct runs *r = ctx;
	(void)err;
	if (!strstr(entry->path, ".tmp"))
		strlist_add(&r->paths, entry->path);
	return 0;
}

/* Returns 1 if the entry was copied and 0 if the target has it. The name of an entry is a digest of
 * its content. */
static int copy_run(struct fs *from, struct fs *to, const char *path, struct err *err)
{
	AUTO(close_fd) int fd = memfd_create("run", MFD_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "unable to copy the run-cache");

	int r = to->driver->stat(to, path, NULL, NULL, err);
	if (r != 0)
		return MIN(r, 0);

	r = get_file(from, path, fd, err);
	if (r < 0)
		return r;

	off_t size = lseek(fd, 0, SEEK_END);
	if (size < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, "unable to copy the run-cache");

	r = put_file(to, fd, (uint64_t)size, path, 0666 & ~file_umask(), err);
	return r < 0 ? r : 1;
}

/* Copy the entries of the run-cache that the other side does not have. Returns the number of all
 * entries. */
static int copy_runs(struct fs *from, struct fs *to, struct err *err)
{
	struct runs runs = {0};
	int entries = 0, r = list_below(from, "runs", add_run, &runs, err);

	strlist_sort(&runs.paths);
	for (size_t i = 0; i < runs.paths.count && r >= 0; i++) {
		r = copy_run(from, to, runs.paths.items[i], err);
		entries += r >= 0;
	}

	strlist_release(&runs.paths);
	return r < 0 ? r : entries;
}

int transfer_push_runs(const struct cache *from, struct fs *remote, struct err *err)
{
	struct fs *local;
	int r = fs_open(&local, from->ctx, from->dir, NULL, err);
	if (r < 0)
		return r;
	r = copy_runs(local, remote, err);
	fs_close(local);
	return r;
}

int transfer_fetch_runs(struct fs *remote, const struct cache *to, struct err *err)
{
	struct fs *local;
	int r = fs_open(&local, to->ctx, to->dir, NULL, err);
	if (r < 0)
		return r;
	r = copy_runs(remote, local, err);
	fs_close(local);
	return r;
}
