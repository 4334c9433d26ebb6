/*
 * Fetches files: small ones by one call, big ones in parts. The bytes are hashed in their order:
 * those of the first call as they arrive, those of parts when all before them are there, read back
 * from the file, which the system still has in memory.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/str.h"
#include "transfer/files.h"

enum { BLOCK_BYTES = 256 * 1024 }; /* read back at a time */

struct fetches {
	struct fs *fs;
	const struct transfer_gets *user;
	const struct transfer_opts *opts;
};

struct fetching {
	struct moving base; /* first: the steps get its address */
	struct fetches *all;
	struct transfer_get get;
	bool is_open;
	uint64_t part_bytes;
	struct meter_item *item; /* of a file in parts, or NULL */
	uint64_t received;       /* of the first call: bytes that are in the file and in `md5` */
	struct md5 md5;
	/* Parts that are there. The one who marks a part hashes what can be hashed, unless another
	 * does. */
	pthread_mutex_t lock;
	bool *there;
	unsigned hashed; /* parts that are in `md5` */
	bool is_hashing;
	bool was_wrong; /* all parts were fetched once, and their digest was wrong */
};

static struct moving *make(void *arg, size_t index)
{
	struct fetching *f = NEW(struct fetching);
	f->all = arg;
	f->base.index = index;
	f->get.fd = -1;
	f->get.size_bytes = FS_UNKNOWN;
	pthread_mutex_init(&f->lock, NULL);
	return &f->base;
}

static bool is_hashed(const struct fetching *f)
{
	return f->get.hash || f->get.md5;
}

/* Bytes that have arrived; a negative number of those that will be fetched again. */
static void count_bytes(const struct fetching *f, int64_t more)
{
	meter_bytes(f->all->fs->ctx, f->all->opts->meter, (uint64_t)more); /* modulo 2^64 */
	meter_item_bytes(f->item, more);
}

static void forget_received(struct fetching *f)
{
	count_bytes(f, -(int64_t)f->received);
	f->received = 0;
}

/* ---- where bytes go */

struct target {
	struct fetching *file;
	uint64_t at;   /* the next byte's place in the file */
	uint64_t end;  /* bytes from here on were not asked for; FS_REST: all were */
	bool in_order; /* the bytes are hashed as they come */
};

static int write_at(int fd, uint64_t at, const void *bytes, size_t count, struct err *err)
{
	for (size_t done = 0; done < count;) {
		ssize_t n = pwrite(
			fd, (const char *)bytes + done, count - done, (off_t)(at + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "unable to write what is fetched");
		done += (size_t)n;
	}
	return 0;
}

static int take_bytes(void *arg, const void *bytes, size_t count, struct err *err)
{
	struct target *t = arg;
	struct fetching *f = t->file;
	if (count > t->end - t->at) /* they would overwrite other parts */
		return err_set(
			err, ERR_BROKEN, "more of '%s' arrives than was asked for", f->get.path);
	int r = f->get.fd < 0 ? 0 : write_at(f->get.fd, t->at, bytes, count, err);
	if (r < 0)
		return r;
	t->at += count;
	if (t->in_order && is_hashed(f))
		md5_update(&f->md5, bytes, count);
	if (t->in_order)
		f->received += count;
	count_bytes(f, (int64_t)count);
	return 0;
}

/* ---- hashing of parts */

/* Hash a range of the file that has been written. */
static int hash_back(struct fetching *f, uint64_t at, uint64_t end, struct err *err)
{
	AUTO(mem_freep) char *block = mem_alloc(BLOCK_BYTES);
	while (at < end) {
		size_t want = (size_t)MIN((uint64_t)BLOCK_BYTES, end - at);
		ssize_t n = pread(f->get.fd, block, want, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_errno(err, "unable to read what was fetched");
		md5_update(&f->md5, block, (size_t)n);
		at += (uint64_t)n;
	}
	return 0;
}

/* Hash the parts that are there and whose predecessors are hashed. */
static int hash_parts(struct fetching *f, struct err *err)
{
	int r = 0;
	pthread_mutex_lock(&f->lock);
	while (r >= 0 && !f->is_hashing && f->hashed < f->base.parts && f->there[f->hashed]) {
		uint64_t at = f->hashed * f->part_bytes;
		f->is_hashing = true;
		pthread_mutex_unlock(&f->lock);
		r = hash_back(f, at, MIN(at + f->part_bytes, f->get.size_bytes), err);
		pthread_mutex_lock(&f->lock);
		f->is_hashing = false;
		f->hashed += r >= 0;
	}
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int mark_part(struct fetching *f, unsigned number, struct err *err)
{
	pthread_mutex_lock(&f->lock);
	f->there[number - 1] = true;
	pthread_mutex_unlock(&f->lock);
	return is_hashed(f) ? hash_parts(f, err) : 0;
}

/* ---- the steps */

/* May a file be fetched in parts? Where a call costs no round trip, one call is as fast. Bytes that
 * are only hashed come in order. */
static bool has_parts(const struct fetching *f)
{
	const struct fs *fs = f->all->fs;
	return f->get.fd >= 0 && fs_can(fs, FS_RANGES) && fs_can(fs, FS_NETWORK);
}

static int open_file(struct fetches *g, struct fetching *f, struct err *err)
{
	int r = g->user->open(g->user->arg, f->base.index, &f->get, err);
	if (r < 0)
		return r;
	f->is_open = true;
	md5_init(&f->md5);
	return 0;
}

/* Begin anew, or go on behind what has arrived: that is only safe when the content is checked,
 * because the file may have been replaced at the place meanwhile. A place that has sent more than
 * the first part does not know ranges. */
static int restart(struct fetches *g, struct fetching *f, struct err *err)
{
	bool goes_on = f->received && f->get.md5 && fs_can(g->fs, FS_RANGES);
	if (goes_on && (!has_parts(f) || f->received <= f->part_bytes))
		return 0;
	forget_received(f);
	md5_init(&f->md5);
	if (f->get.fd >= 0 && ftruncate(f->get.fd, 0) < 0)
		return err_errno(err, "unable to fetch again");
	return 0;
}

/* The digest of everything, compared with what is wanted. */
static int check(struct fetching *f, struct err *err)
{
	if (!is_hashed(f))
		return 0;
	struct md5 copy = f->md5; /* another attempt goes on with it */
	md5_final(&copy, f->get.digest);
	if (!f->get.md5 || memcmp(f->get.digest, f->get.md5, MD5_BYTES) == 0)
		return 0;
	forget_received(f); /* another attempt fetches all of it */
	return err_set(err, ERR_CORRUPT, "the remote's '%s' is corrupted", f->get.path);
}

/* The first part is there and the file is larger: fetch the rest in parts. */
static int go_on_in_parts(struct fetching *f, struct err *err)
{
	enum { MOST_PARTS = 1 << 22 }; /* 64 TiB; a place may claim any size */
	uint64_t parts = f->get.size_bytes / f->part_bytes +
			 (f->get.size_bytes % f->part_bytes != 0);
	if (parts > MOST_PARTS)
		return err_set(err, ERR_FAIL,
			"'%s' is too large: the place says that it has %llu bytes", f->get.path,
			(unsigned long long)f->get.size_bytes);
	f->base.parts = (unsigned)parts;
	f->base.parts_begun = 1;
	f->there = mem_zalloc(f->base.parts * sizeof(*f->there));
	f->there[0] = true;
	f->hashed = 1;
	f->item = transfer_show(f->all->fs, f->all->opts, f->all->user->name, f->all->user->arg,
		f->base.index, f->get.size_bytes);
	meter_item_bytes(f->item, (int64_t)f->received);
	return 0;
}

static int start(void *arg, struct moving *base, struct err *err)
{
	struct fetches *g = arg;
	struct fetching *f = (struct fetching *)base;
	int r = f->is_open ? restart(g, f, err) : open_file(g, f, err);
	if (r < 0)
		return r;

	/* the size is known afterwards, so only as much as one part is asked for at first */
	f->part_bytes = transfer_part_bytes(
		g->fs, g->opts, f->get.size_bytes == FS_UNKNOWN ? 0 : f->get.size_bytes);
	/* at offset 0 a place that does not know ranges sends everything */
	struct target to = {.file = f,
		.at = f->received,
		.end = f->received && has_parts(f) ? f->part_bytes : FS_REST,
		.in_order = true};
	const struct byte_sink sink = {take_bytes, &to};
	const struct fs_get what = {.path = f->get.path,
		.version = f->get.version,
		.offset = f->received,
		.count = has_parts(f) ? f->part_bytes - f->received : FS_REST};
	fs_stat_release(&f->get.stat);
	r = f->received == f->part_bytes && has_parts(f)
		    ? g->fs->driver->stat(g->fs, what.path, what.version, &f->get.stat, err)
		    : g->fs->driver->get(g->fs, &what, &sink, &f->get.stat, err);
	if (r < 0)
		return r;
	f->get.size_bytes = f->get.stat.size_bytes;
	meter_size(g->fs->ctx, g->opts->meter, f->get.size_bytes);
	if (has_parts(f) && f->received < f->get.size_bytes && f->received == f->part_bytes)
		return go_on_in_parts(f, err);
	if (f->received != f->get.size_bytes)
		return err_set(err, ERR_BROKEN, "'%s' ended early", f->get.path);
	return check(f, err);
}

/* A part of another content than the first one: the file was replaced at the place. */
static bool is_other(const struct fs_stat *a, const struct fs_stat *b)
{
	return a->size_bytes != b->size_bytes || (a->etag && b->etag && !str_eq(a->etag, b->etag));
}

/* Is the hash so many parts behind what is there that more of them would only take processor time
 * from it? It cannot be computed by more than one thread, so it is what ends last. */
static bool may_begin(void *arg, struct moving *base)
{
	enum { BEHIND = 16 };
	struct fetching *f = (struct fetching *)base;
	unsigned ready = 0;
	(void)arg;
	if (!is_hashed(f))
		return true;
	pthread_mutex_lock(&f->lock);
	while (ready < BEHIND && f->hashed + ready < base->parts && f->there[f->hashed + ready])
		ready++;
	pthread_mutex_unlock(&f->lock);
	return ready < BEHIND;
}

static int get_part(void *arg, struct moving *base, unsigned number, struct err *err)
{
	struct fetches *g = arg;
	struct fetching *f = (struct fetching *)base;
	AUTO(fs_stat_release) struct fs_stat now = {0};
	uint64_t at = (number - 1) * f->part_bytes;
	uint64_t count = MIN(f->part_bytes, f->get.size_bytes - at);
	struct target to = {.file = f, .at = at, .end = at + count};
	const struct byte_sink sink = {take_bytes, &to};
	const struct fs_get what = {
		.path = f->get.path, .version = f->get.version, .offset = at, .count = count};

	int r = g->fs->driver->get(g->fs, &what, &sink, &now, err);
	if (r >= 0 && to.at != at + count && !is_other(&f->get.stat, &now))
		r = err_set(err, ERR_BROKEN, "a part of '%s' ended early", f->get.path);
	if (r < 0) {
		count_bytes(f, -(int64_t)(to.at - at)); /* they come again */
		return r;
	}
	if (is_other(&f->get.stat, &now))
		return err_set(
			err, ERR_FAIL, "'%s' was replaced while it was fetched", f->get.path);
	return mark_part(f, number, err);
}

/* Wrong parts cannot be told from right ones, so all are fetched once more. */
static void begin_parts_again(struct fetching *f)
{
	f->was_wrong = f->base.again = true;
	memset(f->there, 0, f->base.parts * sizeof(*f->there));
	f->hashed = 0;
	md5_init(&f->md5);
}

static int end(void *arg, struct moving *base, struct err *err)
{
	struct fetching *f = (struct fetching *)base;
	(void)arg;
	int r = is_hashed(f) ? hash_parts(f, err) : 0;
	r = r < 0 ? r : check(f, err);
	if (r != ERR_CORRUPT || f->was_wrong)
		return r;
	err_release(err);
	begin_parts_again(f);
	return 0;
}

static void get_abort(void *arg, struct moving *base, int code)
{
	(void)arg, (void)base, (void)code; /* the file has no name, and done() closes it */
}

static int done(void *arg, struct moving *base, int code, struct err *why)
{
	const struct fetches *g = arg;
	struct fetching *f = (struct fetching *)base;
	int r = g->user->done(g->user->arg, base->index, &f->get, code, why);
	fs_stat_release(&f->get.stat);
	meter_item_end(g->fs->ctx, f->item);
	pthread_mutex_destroy(&f->lock);
	free(f->there);
	err_release(&base->why);
	free(f);
	return r;
}

int transfer_get_all(struct fs *fs, size_t count, const struct transfer_gets *files,
	const struct transfer_opts *opts, struct err *err)
{
	struct fetches g = {fs, files, opts};
	const struct file_steps steps = {
		make, start, may_begin, get_part, end, get_abort, done, &g};
	return files_move(fs, count, &steps, opts, err);
}
