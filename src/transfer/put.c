/* Sends files: small ones by one call, big ones in parts. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "transfer/files.h"

struct sends {
	struct fs *fs;
	const struct transfer_puts *user;
	const struct transfer_opts *opts;
};

struct sending {
	struct moving base; /* first: the steps get its address */
	struct transfer_put put;
	bool is_open;
	char *id; /* of the upload in parts */
	uint64_t part_bytes;
	struct fs_part *done; /* one for each part */
	bool may_have_ended;  /* the answer to the end was lost */
};

static struct moving *make(void *arg, size_t index)
{
	struct sending *s = NEW(struct sending);
	(void)arg;
	s->base.index = index;
	s->put.what.from.fd = -1;
	return &s->base;
}

static void count_bytes(const struct sends *p, uint64_t bytes)
{
	meter_bytes(p->fs->ctx, p->opts->meter, bytes);
}

static int start_parts(struct sends *p, struct sending *s, struct err *err)
{
	const struct fs_put *what = &s->put.what;
	int r = p->fs->driver->put_begin(p->fs, what, &s->id, err);
	if (r < 0)
		return r;
	s->base.parts = (unsigned)((what->from.size_bytes + s->part_bytes - 1) / s->part_bytes);
	s->done = mem_zalloc(s->base.parts * sizeof(*s->done));
	return 0;
}

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
	if (fs_can(p->fs, FS_PARTS) && size > s->part_bytes)
		return start_parts(p, s, err);

	fs_stat_release(&s->put.stat);
	int r = p->fs->driver->put(p->fs, &s->put.what, &s->put.stat, err);
	if (r >= 0)
		count_bytes(p, size);
	return r;
}

static int put_part(void *arg, struct moving *f, unsigned number, struct err *err)
{
	struct sends *p = arg;
	struct sending *s = (struct sending *)f;
	struct byte_source from = s->put.what.from;
	uint64_t at = (number - 1) * s->part_bytes;
	struct fs_part *part = &s->done[number - 1];

	from.offset += at;
	from.size_bytes = MIN(s->part_bytes, from.size_bytes - at);
	int r = p->fs->driver->put_part(p->fs, &s->put.what, s->id, number, &from, part, err);
	if (r < 0)
		return r;
	part->size_bytes = from.size_bytes;
	count_bytes(p, from.size_bytes);
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
		return 0;
	}
	s->may_have_ended = s->may_have_ended || r == ERR_BROKEN;
	return r;
}

static void put_abort(void *arg, struct moving *f)
{
	const struct sends *p = arg;
	const struct sending *s = (const struct sending *)f;
	(void)p->fs->driver->put_abort(p->fs, s->put.what.path, s->id, NULL); /* best effort */
}

static int done(void *arg, struct moving *f, int code, struct err *why)
{
	const struct sends *p = arg;
	struct sending *s = (struct sending *)f;
	int r = p->user->done(p->user->arg, f->index, &s->put, code, why);
	for (unsigned i = 0; s->done && i < f->parts; i++)
		free(s->done[i].tag);
	free(s->done);
	free(s->id);
	fs_stat_release(&s->put.stat);
	err_release(&f->why);
	free(s);
	return r;
}

int transfer_put_all(struct fs *fs, size_t count, const struct transfer_puts *files,
	const struct transfer_opts *opts, struct err *err)
{
	struct sends p = {fs, files, opts};
	const struct file_steps steps = {make, start, NULL, put_part, end, put_abort, done, &p};
	return files_move(fs, count, &steps, opts, err);
}
