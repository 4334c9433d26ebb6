/* Fetches files of a place, into the cache by their content or to files of the caller. */
#include "store/take.h"

#include <pthread.h>

#include "base/alloc.h"
#include "store/cache_int.h"
#include "transfer/transfer.h"

/* Files on their way, with the first failure, which ends the transfer. */
struct taking {
	struct take_file *files;
	const struct cache *to;
	pthread_mutex_t lock; /* around `code` and `err` */
	int code;
	struct err err;
};

static int note(struct taking *t, const char *path, int code, const struct err *why)
{
	if (code >= 0)
		return 0;
	pthread_mutex_lock(&t->lock);
	if (t->code == 0)
		t->code = err_set(&t->err, code, "unable to fetch '%s': %s", path, err_text(why));
	pthread_mutex_unlock(&t->lock);
	return code;
}

static int open_one(void *arg, size_t i, struct transfer_get *out, struct err *err)
{
	const struct taking *t = arg;
	const struct take_file *f = &t->files[i];
	out->path = f->path;
	out->version = f->version;
	out->size_bytes = f->size_bytes;
	out->hash = true;
	out->fd = -1;
	if (!t->to)
		return 0;
	struct incoming *in = NEW(struct incoming);
	out->user = in;
	int r = incoming_open(in, t->to, NULL, err);
	out->fd = in->fd_plus_one - 1;
	return r;
}

/* Name the object by its digest, unless the cache has it already. */
static int keep(const struct taking *t, struct take_file *f, struct incoming *in, struct err *err)
{
	int r = cache_has_sized(t->to, &f->oid, f->size_bytes, err);
	return r != 0 ? MIN(r, 0) : incoming_finish(in, t->to, &f->oid, err);
}

static int taken(void *arg, size_t i, struct transfer_get *g, int code, const struct err *why)
{
	struct taking *t = arg;
	struct take_file *f = &t->files[i];
	struct incoming *in = g->user;
	AUTO(err_release) struct err ours = ERR_INIT;
	if (code >= 0) {
		f->oid = (struct oid){.hash = HASH_MD5};
		memcpy(f->oid.digest, g->digest, MD5_BYTES);
		f->size_bytes = g->stat.size_bytes;
		if (in)
			code = keep(t, f, in, &ours);
		why = &ours;
	}
	if (in)
		incoming_release(in);
	free(in);
	return note(t, f->path, code, why);
}

static char *name_file(void *arg, size_t i)
{
	const struct taking *t = arg; /* also the beginning of a struct placing */
	return mem_strdup(t->files[i].path);
}

static int run(struct fs *fs, struct taking *t, size_t count, const struct transfer_gets *how,
	int jobs, struct err *err)
{
	const struct transfer_opts opts = {.jobs = jobs, .meter = METER_TRANSFER};
	uint64_t bytes = 0;
	for (size_t i = 0; i < count; i++)
		bytes += t->files[i].size_bytes == FS_UNKNOWN ? 0 : t->files[i].size_bytes;

	pthread_mutex_init(&t->lock, NULL);
	meter_begin(fs->ctx, METER_TRANSFER, "fetching", count, bytes);
	int r = transfer_get_all(fs, count, how, &opts, err);
	meter_end(fs->ctx, METER_TRANSFER);
	pthread_mutex_destroy(&t->lock);
	if (t->code < 0) {
		(void)err_move(err, &t->err);
		return t->code;
	}
	return r;
}

int take_all(struct fs *fs, struct take_file *files, size_t count, const struct cache *to, int jobs,
	struct err *err)
{
	struct taking t = {.files = files, .to = to};
	const struct transfer_gets how = {open_one, taken, &t, name_file};
	return run(fs, &t, count, &how, jobs, err);
}

/* ---- to files of the caller */

struct placing {
	struct taking base;
	const struct take_place *place;
};

static int open_place(void *arg, size_t i, struct transfer_get *out, struct err *err)
{
	const struct placing *p = arg;
	out->path = p->base.files[i].path;
	out->version = p->base.files[i].version;
	out->size_bytes = p->base.files[i].size_bytes;
	out->fd = -1;
	return p->place->open(p->place->arg, i, &out->fd, err);
}

static int placed(void *arg, size_t i, struct transfer_get *g, int code, const struct err *why)
{
	struct placing *p = arg;
	AUTO(err_release) struct err ours = ERR_INIT;
	int r = p->place->done(p->place->arg, i, g->fd, code, &ours);
	if (code >= 0 && r < 0)
		return note(&p->base, g->path, r, &ours);
	return note(&p->base, g->path, code, why);
}

int take_to(struct fs *fs, const struct take_file *files, size_t count,
	const struct take_place *place, int jobs, struct err *err)
{
	/* take_all() alone changes the files */
	struct placing p = {.base.files = (struct take_file *)(uintptr_t)files, .place = place};
	const struct transfer_gets how = {open_place, placed, &p, name_file};
	return run(fs, &p.base, count, &how, jobs, err);
}
