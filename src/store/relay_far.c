/*
 * Sends files of another place to a remote. Small ones are read into memory, named, and put. A big
 * one has no name before its last byte is read, so it is put in parts under a temporary name, and
 * renamed or copied by the remote. Where the remote can do neither, it is read twice: hashed first,
 * then sent.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/str.h"
#include "store/cache_int.h"
#include "store/relay.h"
#include "store/remote_int.h"
#include "transfer/crew.h"

enum {
	SMALL = 16 << 20,   /* files up to this size are put from memory */
	PART = 16 << 20,    /* of a bigger one; at least */
	WINDOW = 8 << 20,   /* of one that is read while a driver asks for its bytes */
	MOST_PARTS = 10000, /* of a place that names no limit */
};

/* A part is in memory as a whole, and the size is what a server claims. */
static const uint64_t part_most_bytes = (uint64_t)1 << 30;

struct relay {
	struct fs *from;
	struct remote *to;
	struct take_file *files;
	const size_t *chosen; /* of the files, those that go together */
	int jobs;
	pthread_mutex_t lock; /* around the rest */
	pthread_cond_t changed;
	uint64_t free_bytes; /* of RELAY_BYTES */
	struct oid_list arrived;
};

static int fail_changed(const struct take_file *f, struct err *err)
{
	return err_set(err, ERR_FAIL, "'%s' changed while it was read", f->path);
}

/* ---- reading into memory */

struct filling {
	struct buf *out; /* has room for `most` bytes */
	uint64_t most;
	bool over;
};

static int fill(void *arg, const void *bytes, size_t count, struct err *err)
{
	struct filling *f = arg;
	if (count > f->most - f->out->len) {
		f->over = true;
		return err_set(err, ERR_FAIL, "more bytes than expected");
	}
	buf_add(f->out, bytes, count);
	return 0;
}

/* Read `count` bytes from `offset` on into the empty `*out`; of a file without a known size all, up
 * to `count`. It goes on after a break by itself, so that a failure is final. */
static int read_range(struct fs *from, const struct take_file *f, uint64_t offset, uint64_t count,
	struct buf *out, struct err *err)
{
	bool whole = offset == 0 && (f->size_bytes == FS_UNKNOWN || f->size_bytes == count);
	struct filling filling = {.out = out, .most = count};
	const struct byte_sink sink = {fill, &filling};
	const struct fs_get what = {.path = f->path,
		.version = f->version,
		.offset = offset,
		.count = whole ? FS_REST : count};
	buf_reserve(out, count);
	int r = transfer_pass(from, &what, &sink, err);
	if (filling.over && f->size_bytes == FS_UNKNOWN)
		return err_set(err, ERR_UNSUPPORTED, "the size of '%s' is not known", f->path);
	if (filling.over || (r >= 0 && f->size_bytes != FS_UNKNOWN && out->len != count))
		return fail_changed(f, err);
	return r < 0 ? err_wrap(err, r, "unable to fetch '%s'", f->path) : 0;
}

/* ---- the remote */

static struct oid name_of(const unsigned char digest[MD5_BYTES])
{
	struct oid o = {.hash = HASH_MD5};
	memcpy(o.digest, digest, MD5_BYTES);
	return o;
}

static void note_arrived(struct relay *r, const struct oid *o)
{
	pthread_mutex_lock(&r->lock);
	oid_list_add(&r->arrived, o);
	pthread_mutex_unlock(&r->lock);
}

static int fail_send(const struct take_file *f, int code, struct err *err)
{
	return err_wrap(err, code, "unable to send '%s'", f->path);
}

/* ---- small files */

/* Wait for memory. That of the others comes back, whatever happens to them. */
static void reserve(struct relay *r, uint64_t bytes)
{
	pthread_mutex_lock(&r->lock);
	while (r->free_bytes < bytes)
		pthread_cond_wait(&r->changed, &r->lock);
	r->free_bytes -= bytes;
	pthread_mutex_unlock(&r->lock);
}

static void give_back(struct relay *r, uint64_t bytes)
{
	pthread_mutex_lock(&r->lock);
	r->free_bytes += bytes;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

static int put_bytes(struct relay *r, const struct oid *o, const struct buf *bytes, struct err *err)
{
	struct fs *to = r->to->fs;
	AUTO(mem_freep) char *path = remote_object_path(o);
	const struct fs_put what = {.path = path,
		.from = {.fd = -1, .bytes = buf_str(bytes), .size_bytes = bytes->len},
		.md5 = o->digest,
		.mode = CACHE_MODE};
	int there = to->driver->stat(to, path, NULL, NULL, err);
	return there != 0 ? MIN(there, 0) : to->driver->put(to, &what, NULL, err);
}

static int read_and_put(struct relay *r, struct take_file *f, uint64_t most, struct err *err)
{
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	unsigned char digest[MD5_BYTES];
	int code = read_range(r->from, f, 0, most, &bytes, err);
	if (code < 0) /* it was tried again there */
		return crew_may_retry(code) ? err_recode(err, ERR_FAIL) : code;
	md5_of(buf_str(&bytes), bytes.len, digest);
	f->oid = name_of(digest);
	code = put_bytes(r, &f->oid, &bytes, err);
	if (code < 0)
		return fail_send(f, code, err);
	f->size_bytes = bytes.len;
	note_arrived(r, &f->oid);
	meter_files(r->to->ctx, METER_TRANSFER, 1);
	meter_bytes(r->to->ctx, METER_TRANSFER, bytes.len);
	return 0;
}

static int relay_small(void *arg, size_t i, struct err *err)
{
	struct relay *r = arg;
	struct take_file *f = &r->files[r->chosen[i]];
	uint64_t most = f->size_bytes == FS_UNKNOWN ? SMALL : f->size_bytes;
	reserve(r, most);
	int code = read_and_put(r, f, most, err);
	give_back(r, most);
	return code;
}

/* ---- a big file in parts */

/* A part that is in memory until the remote has it. */
struct held {
	struct buf bytes;
	uint64_t offset; /* in the file */
	bool is_read;
};

struct big {
	struct relay *all;
	struct take_file *file;
	struct fs_put what; /* where the parts go */
	char *id;
	uint64_t part_bytes;
	unsigned count;
	struct fs_part *parts;
	struct held *held;
	pthread_mutex_t lock; /* around the rest */
	pthread_cond_t changed;
	unsigned turn; /* the part that is hashed next */
	bool has_failed;
	int code; /* the first failure, with `why` */
	struct err why;
	struct md5 md5;
	bool may_have_ended; /* the answer to the end was lost */
};

static void big_release(struct big *b)
{
	for (unsigned i = 0; i < b->count; i++) {
		free(b->parts[i].tag);
		buf_release(&b->held[i].bytes);
	}
	free(b->parts);
	free(b->held);
	free(b->id);
	err_release(&b->why);
	pthread_mutex_destroy(&b->lock);
	pthread_cond_destroy(&b->changed);
}

static uint64_t part_bytes_of(const struct relay *r, uint64_t size)
{
	const struct fs_driver *d = r->to->fs->driver;
	uint64_t most = d->parts_max ? d->parts_max : MOST_PARTS;
	uint64_t bytes = MAX((uint64_t)PART, d->part_min_bytes);
	while (bytes <= part_most_bytes && (size - 1) / bytes + 1 > most)
		bytes *= 2;
	return bytes;
}

static void divide(struct big *b)
{
	uint64_t size = b->file->size_bytes;
	b->part_bytes = part_bytes_of(b->all, size);
	b->count = (unsigned)((size + b->part_bytes - 1) / b->part_bytes);
	b->parts = mem_zalloc(b->count * sizeof(*b->parts));
	b->held = mem_zalloc(b->count * sizeof(*b->held));
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->changed, NULL);
	md5_init(&b->md5);
}

/* Parts arrive side by side and are hashed in their order. Those before this one are on their way:
 * the crew begins units in order, and a part that cannot be read ends all. */
static bool await_turn(struct big *b, unsigned i)
{
	pthread_mutex_lock(&b->lock);
	while (b->turn != i && !b->has_failed)
		pthread_cond_wait(&b->changed, &b->lock);
	bool ok = !b->has_failed;
	pthread_mutex_unlock(&b->lock);
	return ok;
}

static void pass_turn(struct big *b, int code, const struct err *why)
{
	pthread_mutex_lock(&b->lock);
	if (code >= 0) {
		b->turn++;
	} else if (!b->has_failed) {
		b->has_failed = true;
		b->code = err_set(&b->why, code, "%s", err_text(why));
	}
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
}

static int read_part(struct big *b, unsigned i, struct err *err)
{
	struct held *h = &b->held[i];
	uint64_t at = i * b->part_bytes;
	uint64_t count = MIN(b->part_bytes, b->file->size_bytes - at);
	int r = read_range(b->all->from, b->file, at, count, &h->bytes, err);
	if (r < 0) {
		pass_turn(b, r, err);
		/* it was tried again there, and others wait for their turn */
		return crew_may_retry(r) ? err_recode(err, ERR_FAIL) : r;
	}
	if (!await_turn(b, i))
		return err_set(err, ERR_FAIL, "another part has failed");
	md5_update(&b->md5, h->bytes.ptr, h->bytes.len);
	pass_turn(b, 0, NULL);
	h->is_read = true;
	return 0;
}

/* `count` does not go beyond the part. */
static ssize_t read_held(void *arg, uint64_t at, void *out, size_t count, struct err *err)
{
	const struct held *h = arg;
	(void)err;
	memcpy(out, h->bytes.ptr + (at - h->offset), count);
	return (ssize_t)count;
}

static int relay_part(void *arg, size_t i, struct err *err)
{
	struct big *b = arg;
	struct held *h = &b->held[i];
	struct fs *to = b->all->to->fs;
	int r = h->is_read ? 0 : read_part(b, (unsigned)i, err);
	if (r < 0)
		return r;
	/* the offset is the place of the part in the whole */
	h->offset = i * b->part_bytes;
	const struct byte_reader reader = {read_held, h};
	const struct byte_source from = {
		.fd = -1, .reader = &reader, .offset = h->offset, .size_bytes = h->bytes.len};
	r = to->driver->put_part(to, &b->what, b->id, (unsigned)i + 1, &from, &b->parts[i], err);
	if (r < 0)
		return fail_send(b->file, r, err);
	b->parts[i].size_bytes = h->bytes.len;
	meter_bytes(to->ctx, METER_TRANSFER, h->bytes.len);
	buf_release(&h->bytes);
	return 0;
}

static int begin_parts(void *arg, size_t i, struct err *err)
{
	struct big *b = arg;
	struct fs *to = b->all->to->fs;
	(void)i;
	return to->driver->put_begin(to, &b->what, &b->id, err);
}

/* When the answer is lost, the remote may have ended the upload, and does not know it any more at
 * the second attempt. */
static int end_parts(void *arg, size_t i, struct err *err)
{
	struct big *b = arg;
	struct fs *to = b->all->to->fs;
	AUTO(fs_stat_release) struct fs_stat st = {0};
	(void)i;
	int r = to->driver->put_end(to, &b->what, b->id, b->parts, b->count, NULL, err);
	if (r == ERR_NOT_FOUND && b->may_have_ended &&
		to->driver->stat(to, b->what.path, NULL, &st, NULL) > 0 &&
		st.size_bytes == b->file->size_bytes) {
		err_release(err);
		return 0;
	}
	b->may_have_ended = b->may_have_ended || r == ERR_BROKEN;
	return r;
}

/* One call, tried again as those of all transfers. */
static int once(struct big *b, int (*fn)(void *arg, size_t i, struct err *err), struct err *err)
{
	const struct transfer_opts opts = {.jobs = 1};
	return transfer_each(b->all->to->fs, 1, &opts, fn, b, err);
}

/* Read all parts and put them. `*out` is the name of the content. */
static int pass_parts(struct big *b, struct oid *out, struct err *err)
{
	unsigned char digest[MD5_BYTES];
	int room = (int)MAX((uint64_t)RELAY_BYTES / b->part_bytes, (uint64_t)1);
	const struct transfer_opts opts = {
		.jobs = b->all->jobs > 0 ? MIN(b->all->jobs, room) : room};
	int r = transfer_each(b->all->to->fs, b->count, &opts, relay_part, b, err);
	if (b->has_failed) {
		err_release(err);
		return err_move(err, &b->why);
	}
	md5_final(&b->md5, digest);
	*out = name_of(digest);
	return r;
}

/* ---- giving a big file its name */

struct copy {
	struct fs *to;
	const char *from, *path;
};

static int copy_once(void *arg, size_t i, struct err *err)
{
	const struct copy *c = arg;
	(void)i;
	return c->to->driver->copy(c->to, c->from, c->path, err);
}

/* The upload is whole under a temporary name. */
static int copy_to_name(struct big *b, const char *tmp, const char *path, struct err *err)
{
	struct fs *to = b->all->to->fs;
	struct copy copy = {to, tmp, path};
	const struct transfer_opts opts = {.jobs = 1};
	int r = transfer_each(to, 1, &opts, copy_once, &copy, err);
	int removed = to->driver->remove(to, &tmp, 1, NULL);
	if (removed == ERR_BUSY || removed == ERR_BROKEN)
		(void)to->driver->remove(to, &tmp, 1, NULL); /* `gc -c` finds what is left */
	return r;
}

static int has_object(struct big *b, const char *path, struct err *err)
{
	return transfer_stat(b->all->to->fs, path, NULL, NULL, err);
}

static void take_back(struct big *b)
{
	struct fs *to = b->all->to->fs;
	(void)to->driver->put_abort(to, b->what.path, b->id, NULL); /* best effort */
}

/* End the upload under the final name. */
static int finish(struct big *b, const char *path, struct err *err)
{
	const char *tmp = b->what.path;
	bool late = fs_can(b->all->to->fs, FS_NAME_LATE);
	int r = has_object(b, path, err);
	if (r > 0)
		take_back(b);
	if (r > 0)
		return 0;
	if (r == 0 && late)
		b->what.path = path;
	if (r == 0)
		r = once(b, end_parts, err);
	if (r < 0) {
		take_back(b);
		/* the answer to the end may be what was lost */
		if (b->may_have_ended && !late)
			(void)b->all->to->fs->driver->remove(b->all->to->fs, &tmp, 1, NULL);
		return r;
	}
	return b->what.path == path ? 0 : copy_to_name(b, tmp, path, err);
}

/* Did the source stay what it was? Parts of different contents would make a third one. */
static int check_source(const struct big *b, const struct fs_stat *before, struct err *err)
{
	AUTO(fs_stat_release) struct fs_stat now = {0};
	const struct take_file *f = b->file;
	int r = transfer_stat(b->all->from, f->path, f->version, &now, err);
	if (r < 0)
		return r;
	return r > 0 && now.size_bytes == before->size_bytes && now.mtime_s == before->mtime_s &&
			       str_eq(now.etag, before->etag)
		       ? 0
		       : fail_changed(f, err);
}

/* Send a file in parts. With `known` set it was hashed before and is put under its final name. */
static int relay_parts(struct relay *r, struct take_file *f, const struct oid *known,
	const struct fs_stat *before, struct err *err)
{
	AUTO(mem_freep) char *place = known ? remote_object_path(known) : NULL;
	AUTO(mem_freep) char *tmp = fs_temporary("files/md5/object");
	struct big b = {.all = r, .file = f};
	struct oid now;
	divide(&b);
	b.what = (struct fs_put){.path = known ? place : tmp,
		.from = {.fd = -1, .size_bytes = f->size_bytes},
		.mode = CACHE_MODE};
	int code = once(&b, begin_parts, err);
	if (code < 0) {
		big_release(&b);
		return fail_send(f, code, err);
	}
	code = pass_parts(&b, &now, err);
	if (code >= 0)
		code = known && !oid_equal(known, &now) ? fail_changed(f, err)
							: check_source(&b, before, err);
	if (code < 0) {
		take_back(&b);
	} else {
		AUTO(mem_freep) char *path = remote_object_path(&now);
		f->oid = now;
		code = known ? once(&b, end_parts, err) : finish(&b, path, err);
		if (code < 0 && known)
			take_back(&b);
		if (code < 0)
			code = fail_send(f, code, err);
	}
	big_release(&b);
	return code;
}

/* ---- a big file that a driver reads while it sends */

/* The bytes of the file that was read last, which the driver asks for in order, or anew. */
struct window {
	struct fs *from;
	const struct take_file *file;
	struct buf bytes;
	uint64_t start;
	struct md5 md5; /* of the bytes up to `hashed` */
	uint64_t hashed;
};

/* The content was hashed before; that it is still the same shows before the last bytes are sent. */
static int move_window(struct window *w, uint64_t at, struct err *err)
{
	unsigned char digest[MD5_BYTES];
	uint64_t size = w->file->size_bytes;
	w->start = at;
	buf_clear(&w->bytes);
	int r = read_range(w->from, w->file, at, MIN((uint64_t)WINDOW, size - at), &w->bytes, err);
	if (r < 0)
		return r;
	if (at == 0) {
		md5_init(&w->md5);
		w->hashed = 0;
	}
	if (at != w->hashed)
		return 0;
	md5_update(&w->md5, w->bytes.ptr, w->bytes.len);
	w->hashed += w->bytes.len;
	if (w->hashed < size)
		return 0;
	md5_final(&w->md5, digest);
	w->hashed = FS_UNKNOWN;
	return memcmp(digest, w->file->oid.digest, MD5_BYTES) == 0 ? 0 : fail_changed(w->file, err);
}

static ssize_t read_window(void *arg, uint64_t at, void *out, size_t count, struct err *err)
{
	struct window *w = arg;
	size_t done = 0;
	while (done < count && at + done < w->file->size_bytes) {
		uint64_t skip = at + done - w->start;
		if (at + done < w->start || skip >= w->bytes.len) {
			int r = move_window(w, at + done, err);
			if (r < 0)
				return r;
			skip = 0;
		}
		size_t some = MIN(count - done, w->bytes.len - (size_t)skip);
		memcpy((char *)out + done, w->bytes.ptr + skip, some);
		done += some;
	}
	return (ssize_t)done;
}

struct reading_put {
	struct relay *all;
	struct fs_put what;
};

static int put_once(void *arg, size_t i, struct err *err)
{
	const struct reading_put *p = arg;
	struct fs *to = p->all->to->fs;
	(void)i;
	return to->driver->put(to, &p->what, NULL, err);
}

static int relay_reading(struct relay *r, const struct take_file *f, struct err *err)
{
	AUTO(mem_freep) char *path = remote_object_path(&f->oid);
	struct window w = {.from = r->from, .file = f};
	const struct byte_reader reader = {read_window, &w};
	struct reading_put put = {
		r, {.path = path,
			   .from = {.fd = -1, .size_bytes = f->size_bytes, .reader = &reader},
			   .md5 = f->oid.digest,
			   .mode = CACHE_MODE}};
	const struct transfer_opts opts = {.jobs = 1};
	int code = transfer_each(r->to->fs, 1, &opts, put_once, &put, err);
	buf_release(&w.bytes);
	if (code >= 0)
		meter_bytes(r->to->ctx, METER_TRANSFER, f->size_bytes);
	return code < 0 ? fail_send(f, code, err) : 0;
}

/* ---- all files */

/* Can the remote give a file its name after its bytes? */
static bool names_late(const struct relay *r, const struct take_file *f)
{
	const struct fs *to = r->to->fs;
	uint64_t most = to->driver->copy_max_bytes ? to->driver->copy_max_bytes : UINT64_MAX;
	return fs_can(to, FS_PARTS) &&
	       (fs_can(to, FS_NAME_LATE) || (to->driver->copy && f->size_bytes <= most));
}

static int relay_known(
	struct relay *r, struct take_file *f, const struct fs_stat *before, struct err *err)
{
	uint64_t size_bytes = f->size_bytes;
	int code = take_all(r->from, f, 1, NULL, r->jobs, err);
	if (code < 0)
		return code;
	if (f->size_bytes != size_bytes)
		return fail_changed(f, err);
	AUTO(mem_freep) char *path = remote_object_path(&f->oid);
	int there = transfer_stat(r->to->fs, path, NULL, NULL, err);
	if (there != 0)
		return MIN(there, 0);
	return fs_can(r->to->fs, FS_PARTS) ? relay_parts(r, f, &f->oid, before, err)
					   : relay_reading(r, f, err);
}

static int relay_big(struct relay *r, struct take_file *f, struct err *err)
{
	AUTO(fs_stat_release) struct fs_stat before = {0};
	if (!fs_can(r->from, FS_RANGES))
		return err_set(err, ERR_UNSUPPORTED, "'%s' cannot be read in parts", f->path);
	if (fs_can(r->to->fs, FS_PARTS) && part_bytes_of(r, f->size_bytes) > part_most_bytes)
		return err_set(err, ERR_UNSUPPORTED, "'%s' is too large for parts", f->path);
	int code = transfer_stat(r->from, f->path, f->version, &before, err);
	if (code < 0)
		return code;
	if (code == 0 || before.size_bytes != f->size_bytes)
		return fail_changed(f, err);
	code = names_late(r, f) ? relay_parts(r, f, NULL, &before, err)
				: relay_known(r, f, &before, err);
	if (code >= 0) {
		note_arrived(r, &f->oid);
		meter_files(r->to->ctx, METER_TRANSFER, 1);
	}
	return code;
}

static bool is_big(const struct take_file *f)
{
	return f->size_bytes != FS_UNKNOWN && f->size_bytes > SMALL;
}

static int relay_all(struct relay *r, size_t count, struct err *err)
{
	AUTO(mem_freep) size_t *small = mem_array(NULL, count + 1, sizeof(*small));
	const struct transfer_opts opts = remote_transfer_opts(r->to, r->jobs);
	size_t small_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (!is_big(&r->files[i]))
			small[small_count++] = i;
	}
	r->chosen = small;
	int code = transfer_each(r->to->fs, small_count, &opts, relay_small, r, err);
	for (size_t i = 0; i < count && code >= 0; i++) {
		if (is_big(&r->files[i]))
			code = relay_big(r, &r->files[i], err);
	}
	return code;
}

int relay_files(struct fs *from, struct take_file *files, size_t count, struct remote *to, int jobs,
	struct err *err)
{
	struct relay r = {.from = from, .to = to, .files = files, .jobs = jobs};
	uint64_t bytes = 0;
	for (size_t i = 0; i < count; i++)
		bytes += files[i].size_bytes == FS_UNKNOWN ? 0 : files[i].size_bytes;
	r.free_bytes = RELAY_BYTES;
	pthread_mutex_init(&r.lock, NULL);
	pthread_cond_init(&r.changed, NULL);
	/* an interrupt between two steps must not end the process: a temporary is taken back */
	cancel_transfer(to->ctx, true);
	meter_begin(to->ctx, METER_TRANSFER, "sending", count, bytes);
	int code = relay_all(&r, count, err);
	meter_end(to->ctx, METER_TRANSFER);
	cancel_transfer(to->ctx, false);
	pthread_mutex_destroy(&r.lock);
	pthread_cond_destroy(&r.changed);
	remote_known_add(to, &r.arrived); /* also after a failure: it is true */
	oid_list_release(&r.arrived);
	return code;
}
