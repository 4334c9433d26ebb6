/* Sends files: small ones by one call, big ones in parts. */
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/str.h"
#include "transfer/digests.h"
#include "transfer/files.h"
#include "transfer/uploads.h"

struct sends {
	struct fs *fs;
	const struct transfer_puts *user;
	const struct transfer_opts *opts;
	atomic_bool has_kept; /* an upload that was broken off can go on in the next run */
};

struct sending {
	struct moving base; /* first: the steps get its address */
	struct sends *all;
	struct transfer_put put;
	bool is_open;
	char *id; /* of the upload in parts */
	uint64_t part_bytes;
	struct fs_part *done;    /* one for each part */
	bool *had;               /* the parts that an earlier run has sent; or NULL */
	struct digests *md5s;    /* of the parts; NULL: the driver hashes them */
	struct meter_item *item; /* of a large file, or NULL */
	bool may_have_ended;     /* the answer to the end was lost */
};

static struct moving *make(void *arg, size_t index)
{
	struct sending *s = NEW(struct sending);
	s->all = arg;
	s->base.index = index;
	s->put.what.from.fd = -1;
	return &s->base;
}

/* Bytes on their way. Those of an attempt that fails do not count. */
struct attempt {
	const struct sending *file;
	atomic_llong counted;
};

/* modulo 2^64 where it is negative */
static void count_moved(void *arg, int64_t more)
{
	struct attempt *a = arg;
	const struct sends *p = a->file->all;
	atomic_fetch_add(&a->counted, more);
	meter_bytes(p->fs->ctx, p->opts->meter, (uint64_t)more);
	meter_item_bytes(a->file->item, more);
}

/* All bytes count after a success, however many the driver has told of, none after a failure. */
static void end_attempt(struct attempt *a, int code, uint64_t size_bytes)
{
	int64_t moved = code < 0 ? 0 : (int64_t)size_bytes;
	count_moved(a, moved - atomic_load(&a->counted));
}

/* ---- uploads that outlive the process */

/* Is the upload remembered? Only what the same content would make again. */
static const char *memory_of(const struct sends *p, const struct sending *s)
{
	return uploads_are_kept(p->fs) && s->put.what.md5 ? p->opts->uploads_dir : NULL;
}

static void remember(const struct sends *p, const struct sending *s, const char *id)
{
	struct upload u = {.path = (char *)(uintptr_t)s->put.what.path,
		.id = (char *)(uintptr_t)id,
		.begun_s = time(NULL),
		.size_bytes = s->put.what.from.size_bytes,
		.part_bytes = s->part_bytes};
	md5_to_hex(s->put.what.md5, u.md5);
	upload_save(memory_of(p, s), &u);
}

static bool fits(const struct sends *p, const struct sending *s, const struct upload *u)
{
	const struct fs_put *what = &s->put.what;
	const struct fs_driver *d = p->fs->driver;
	uint64_t parts = (u->size_bytes + u->part_bytes - 1) / u->part_bytes;
	char md5[MD5_HEX + 1];
	md5_to_hex(what->md5, md5);
	return str_eq(md5, u->md5) && u->size_bytes == what->from.size_bytes &&
	       u->part_bytes >= d->part_min_bytes && parts <= (d->parts_max ? d->parts_max : 10000);
}

/* Does a failure of an upload leave it worth going on with? Else its parts are taken back. */
static bool may_go_on(int code)
{
	return code == ERR_CANCELLED || code == ERR_BROKEN || code == ERR_BUSY ||
	       code == ERR_AUTH || code == ERR_NO_PLACE;
}

static void give_up(const struct sends *p, const struct sending *s, const char *id)
{
	(void)p->fs->driver->put_abort(p->fs, s->put.what.path, id, NULL); /* best effort */
	if (memory_of(p, s))
		upload_forget(memory_of(p, s), s->put.what.path);
}

static void allocate_parts(struct sending *s, uint64_t part_bytes)
{
	s->part_bytes = part_bytes;
	s->base.parts = (unsigned)((s->put.what.from.size_bytes + part_bytes - 1) / part_bytes);
	s->done = mem_zalloc(s->base.parts * sizeof(*s->done));
}

static void free_parts(struct sending *s)
{
	for (unsigned i = 0; s->done && i < s->base.parts; i++)
		free(s->done[i].tag);
	free(s->done);
	free(s->had);
	digests_free(s->md5s);
	s->done = NULL;
	s->had = NULL;
	s->md5s = NULL;
	s->base.parts = 0;
}

/* Keep those parts that the place has as they were sent. Returns their bytes. */
static uint64_t keep_known(struct sending *s, const struct upload *u)
{
	uint64_t bytes = 0;
	s->had = mem_zalloc(s->base.parts * sizeof(*s->had));
	for (unsigned i = 0; i < s->base.parts; i++) {
		struct fs_part *part = &s->done[i];
		uint64_t left = s->put.what.from.size_bytes - i * s->part_bytes;
		s->had[i] = part->tag && part->size_bytes == MIN(left, s->part_bytes) &&
			    upload_has_part(u, i + 1, part->tag);
		if (s->had[i]) {
			bytes += part->size_bytes;
			continue;
		}
		free(part->tag);
		*part = (struct fs_part){0};
	}
	s->base.parts_had = s->had;
	return bytes;
}

/* Go on with an upload of an earlier run. Returns 1, or 0 when there is none: also when the place
 * does not know it any more, or does not tell. */
static int resume(struct sends *p, struct sending *s, uint64_t *out_had, struct err *err)
{
	AUTO(upload_release) struct upload known = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	const char *dir = memory_of(p, s);
	if (!dir || !upload_load(dir, s->put.what.path, &known))
		return 0;
	if (!fits(p, s, &known)) {
		give_up(p, s, known.id);
		return 0;
	}

	allocate_parts(s, known.part_bytes);
	int r = p->fs->driver->put_parts(
		p->fs, &s->put.what, known.id, s->done, s->base.parts, &why);
	if (r >= 0) {
		*out_had = keep_known(s, &known);
		s->id = TAKE(known.id);
		return 1;
	}
	free_parts(s);
	if (may_go_on(r))
		return err_move(err, &why);
	give_up(p, s, known.id);
	return 0;
}

static int start_parts(struct sends *p, struct sending *s, struct err *err)
{
	uint64_t had = 0;
	int r = resume(p, s, &had, err);
	if (r < 0)
		return r;
	if (r == 0) {
		r = p->fs->driver->put_begin(p->fs, &s->put.what, &s->id, err);
		if (r < 0)
			return r;
		if (memory_of(p, s))
			remember(p, s, s->id);
		allocate_parts(s, s->part_bytes);
	}
	if (fs_can(p->fs, FS_PART_MD5))
		s->md5s = digests_new(p->fs->ctx, &s->put.what.from, s->part_bytes, s->base.parts);
	meter_expect(p->fs->ctx, p->opts->meter, 0, -had); /* modulo 2^64: they are not sent */
	meter_item_bytes(s->item, (int64_t)had);
	return 0;
}

static void session_begun(void *arg, const char *id)
{
	const struct sending *s = arg;
	remember(s->all, s, id);
}

/* Send the file by one call, which may have a session that outlives it. */
static int put_whole(struct sends *p, struct sending *s, struct err *err)
{
	AUTO(upload_release) struct upload known = {0};
	/* a small file is sent anew as fast */
	bool is_large = s->put.what.from.size_bytes > s->part_bytes;
	const char *dir = is_large && fs_can(p->fs, FS_SESSIONS) ? memory_of(p, s) : NULL;
	struct fs_put what = s->put.what;
	const char *id = dir && upload_load(dir, what.path, &known) && fits(p, s, &known) ? known.id
											  : NULL;
	const struct fs_session session = {id, session_begun, s};
	struct attempt attempt = {.file = s};
	const struct byte_watch watch = {count_moved, &attempt};
	what.session = dir ? &session : NULL;
	what.from.watch = &watch;

	fs_stat_release(&s->put.stat);
	int r = p->fs->driver->put(p->fs, &what, &s->put.stat, err);
	end_attempt(&attempt, r, what.from.size_bytes);
	if (dir && (r >= 0 || !may_go_on(r)))
		upload_forget(dir, what.path);
	if (dir && r == ERR_CANCELLED)
		atomic_store(&p->has_kept, true);
	return r;
}

/* ---- the steps */

static int start(void *arg, struct moving *f, struct err *err)
{
	struct sends *p = arg;
	struct sending *s = (struct sending *)f;
	if (!s->is_open) {
		int r = p->user->open(p->user->arg, f->index, &s->put, err);
		if (r < 0)
			return r;
		s->is_open = true;
		meter_size(p->fs->ctx, p->opts->meter, s->put.what.from.size_bytes);
	}

	uint64_t size = s->put.what.from.size_bytes;
	s->part_bytes = transfer_part_bytes(p->fs, p->opts, size);
	if (size > s->part_bytes && !s->item)
		s->item = transfer_show(
			p->fs, p->opts, p->user->name, p->user->arg, f->index, size);
	if (fs_can(p->fs, FS_PARTS) && size > s->part_bytes && size >= p->fs->parts_from_bytes)
		return start_parts(p, s, err);

	return put_whole(p, s, err);
}

static int put_part(void *arg, struct moving *f, unsigned number, struct err *err)
{
	struct sends *p = arg;
	struct sending *s = (struct sending *)f;
	struct byte_source from = s->put.what.from;
	uint64_t at = (number - 1) * s->part_bytes;
	struct fs_part *part = &s->done[number - 1];

	struct attempt attempt = {.file = s};
	const struct byte_watch watch = {count_moved, &attempt};
	from.offset += at;
	from.size_bytes = MIN(s->part_bytes, from.size_bytes - at);
	from.watch = &watch;
	from.md5 = NULL;
	int r = s->md5s ? digests_get(s->md5s, number, &from.md5, err) : 0;
	if (r < 0)
		return r;
	r = p->fs->driver->put_part(p->fs, &s->put.what, s->id, number, &from, part, err);
	end_attempt(&attempt, r, from.size_bytes);
	if (r < 0)
		return r;
	part->size_bytes = from.size_bytes;
	if (memory_of(p, s))
		upload_add_part(memory_of(p, s), s->put.what.path, number, part->tag);
	return 0;
}

/* Is the file there, whole? */
static bool has_arrived(const struct sends *p, struct sending *s)
{
	fs_stat_release(&s->put.stat);
	return p->fs->driver->stat(p->fs, s->put.what.path, NULL, &s->put.stat, NULL) > 0 &&
	       s->put.stat.size_bytes == s->put.what.from.size_bytes;
}

/* When the answer to the first attempt is lost, the place may have ended the upload, and does not
 * know it any more at the second. */
static int end(void *arg, struct moving *f, struct err *err)
{
	struct sends *p = arg;
	struct sending *s = (struct sending *)f;
	fs_stat_release(&s->put.stat);
	int r = p->fs->driver->put_end(
		p->fs, &s->put.what, s->id, s->done, f->parts, &s->put.stat, err);
	if (r == ERR_NOT_FOUND && s->may_have_ended && has_arrived(p, s)) {
		err_release(err);
		r = 0;
	}
	if (r >= 0 && memory_of(p, s))
		upload_forget(memory_of(p, s), s->put.what.path);
	s->may_have_ended = s->may_have_ended || r == ERR_BROKEN;
	return r;
}

static void put_abort(void *arg, struct moving *f, int code)
{
	struct sends *p = arg;
	const struct sending *s = (const struct sending *)f;
	if (memory_of(p, s) && may_go_on(code))
		atomic_store(&p->has_kept, true);
	else
		give_up(p, s, s->id);
}

static int done(void *arg, struct moving *f, int code, struct err *why)
{
	const struct sends *p = arg;
	struct sending *s = (struct sending *)f;
	int r = p->user->done(p->user->arg, f->index, &s->put, code, why);
	meter_item_end(p->fs->ctx, s->item);
	free_parts(s);
	free(s->id);
	fs_stat_release(&s->put.stat);
	err_release(&f->why);
	free(s);
	return r;
}

int transfer_put_all(struct fs *fs, size_t count, const struct transfer_puts *files,
	const struct transfer_opts *opts, struct err *err)
{
	struct sends p = {.fs = fs, .user = files, .opts = opts};
	const struct file_steps steps = {make, start, NULL, put_part, end, put_abort, done, &p};
	int r = files_move(fs, count, &steps, opts, err);
	if (r == ERR_CANCELLED && atomic_load(&p.has_kept))
		(void)err_plain(err, r,
			"interrupted by the user; the next push goes on with what was sent");
	return r;
}
