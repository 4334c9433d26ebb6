/* Questions about many files, and their removal: one call of the driver is one unit of work. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "transfer/crew.h"
#include "transfer/transfer_int.h"

/* ---- a fixed number of units */

struct each {
	size_t count, next;
	int (*fn)(void *arg, size_t i, struct err *err);
	void *arg;
};

static void *take_index(void *arg)
{
	struct each *e = arg;
	return e->next < e->count ? (void *)(uintptr_t)(++e->next) : NULL; /* from 1: not NULL */
}

static int work_index(void *arg, void *unit, struct err *err)
{
	struct each *e = arg;
	return e->fn(e->arg, (size_t)(uintptr_t)unit - 1, err);
}

static int finish_index(void *arg, void *unit, int code, struct err *why, struct err *err)
{
	(void)arg, (void)unit;
	return code < 0 ? err_move(err, why) : 0;
}

struct crew_opts transfer_crew(const struct fs *fs, const struct transfer_opts *opts)
{
	int worth = fs->driver->connections;
	int most = opts->jobs > 0 ? opts->jobs : CREW_MOST;
	/* a directory of this machine gains nothing from waiting threads */
	if (!fs_can(fs, FS_NETWORK) && opts->jobs <= 0)
		most = 4;
	if (worth > 0)
		most = MIN(most, worth);
	return (struct crew_opts){
		.ctx = fs->ctx, .most = most, .first_wait_ms = opts->first_wait_ms};
}

int transfer_each(struct fs *fs, size_t count, const struct transfer_opts *opts,
	int (*fn)(void *arg, size_t i, struct err *err), void *arg, struct err *err)
{
	struct each e = {count, 0, fn, arg};
	const struct crew_opts crew = transfer_crew(fs, opts);
	const struct crew_task task = {take_index, work_index, finish_index, &e};
	return count ? crew_run(&crew, &task, err) : 0;
}

/* ---- which files exist */

struct stats {
	struct fs *fs;
	const char *const *paths;
	bool *there;
	struct fs_stat *stats;
};

static int stat_one(void *arg, size_t i, struct err *err)
{
	struct stats *s = arg;
	int r = s->fs->driver->stat(s->fs, s->paths[i], NULL, s->stats ? &s->stats[i] : NULL, err);
	s->there[i] = r > 0;
	return MIN(r, 0);
}

int transfer_stat_all(struct fs *fs, const char *const *paths, size_t count,
	const struct transfer_opts *opts, bool *out_there, struct fs_stat *out_stats,
	struct err *err)
{
	struct stats s = {fs, paths, out_there, out_stats};
	return transfer_each(fs, count, opts, stat_one, &s, err);
}

/* ---- removing */

struct removal {
	struct fs *fs;
	const char *const *paths;
	size_t count, batch;
};

static int remove_batch(void *arg, size_t i, struct err *err)
{
	const struct removal *r = arg;
	size_t first = i * r->batch;
	return r->fs->driver->remove(r->fs, r->paths + first, MIN(r->batch, r->count - first), err);
}

int transfer_remove_all(struct fs *fs, const char *const *paths, size_t count,
	const struct transfer_opts *opts, struct err *err)
{
	struct removal r = {fs, paths, count, MAX(fs->driver->remove_max, (size_t)1)};
	return transfer_each(fs, (count + r.batch - 1) / r.batch, opts, remove_batch, &r, err);
}

/* ---- reading one file into memory */

struct reading {
	struct fs *fs;
	struct fs_get what;
	uint64_t most_bytes;
	struct buf *out;
};

static int add_bytes(void *arg, const void *bytes, size_t count, struct err *err)
{
	struct reading *r = arg;
	if (count > r->most_bytes - r->out->len)
		return err_set(err, ERR_FAIL, "'%s' is larger than expected", r->what.path);
	buf_add(r->out, bytes, count);
	return 0;
}

static int read_one(void *arg, size_t i, struct err *err)
{
	struct reading *r = arg;
	const struct fs_sink sink = {add_bytes, r};
	(void)i;
	buf_clear(r->out);
	return r->fs->driver->get(r->fs, &r->what, &sink, NULL, err);
}

int transfer_read(struct fs *fs, const char *path, const char *version, uint64_t most_bytes,
	struct buf *out, struct err *err)
{
	struct reading r = {
		fs, {.path = path, .version = version, .count = FS_REST}, most_bytes, out};
	return transfer_each(fs, 1, &(struct transfer_opts){0}, read_one, &r, err);
}
