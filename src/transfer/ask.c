/* Questions about many files, and their removal: one call of the driver is one unit of work. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/rate.h"
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
	if (fs->connections > 0 && opts->jobs <= 0)
		most = MIN(most, fs->connections);
	if (rate_connections(fs->ctx))
		most = MIN(most, rate_connections(fs->ctx));
	return (struct crew_opts){.ctx = fs->ctx,
		.most = most,
		.first_wait_ms = opts->first_wait_ms,
		.attempts = fs->attempts};
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
	const char *const *paths, *const *versions;
	bool *there;
	struct fs_stat *stats;
};

static int stat_one(void *arg, size_t i, struct err *err)
{
	struct stats *s = arg;
	const char *version = s->versions ? s->versions[i] : NULL;
	struct fs_stat *out = s->stats ? &s->stats[i] : NULL;
	int r = s->fs->driver->stat(s->fs, s->paths[i], version, out, err);
	s->there[i] = r > 0;
	return MIN(r, 0);
}

int transfer_stat_all(struct fs *fs, const char *const *paths, const char *const *versions,
	size_t count, const struct transfer_opts *opts, bool *out_there, struct fs_stat *out_stats,
	struct err *err)
{
	struct stats s = {fs, paths, versions, out_there, out_stats};
	return transfer_each(fs, count, opts, stat_one, &s, err);
}

int transfer_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err)
{
	bool there = false;
	int r = transfer_stat_all(
		fs, &path, &version, 1, &(struct transfer_opts){0}, &there, out, err);
	return r < 0 ? r : there;
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

/* ---- reading into memory */

struct reading {
	struct fs *fs;
	const char *const *paths;
	const char *version;
	uint64_t most_bytes;
	size_t count, next;
	transfer_bytes_fn fn;
	void *arg;
};

struct read_unit {
	size_t index;
	const char *path;
	uint64_t most_bytes;
	struct buf bytes;
};

static void *take_reading(void *arg)
{
	struct reading *r = arg;
	if (r->next == r->count)
		return NULL;
	struct read_unit *u = NEW(struct read_unit);
	u->index = r->next++;
	u->path = r->paths[u->index];
	u->most_bytes = r->most_bytes;
	return u;
}

static int add_bytes(void *arg, const void *bytes, size_t count, struct err *err)
{
	struct read_unit *u = arg;
	if (count > u->most_bytes - u->bytes.len)
		return err_set(err, ERR_FAIL, "'%s' is larger than expected", u->path);
	buf_add(&u->bytes, bytes, count);
	return 0;
}

static int read_unit(void *arg, void *unit, struct err *err)
{
	struct reading *r = arg;
	struct read_unit *u = unit;
	const struct fs_get what = {.path = u->path, .version = r->version, .count = FS_REST};
	const struct byte_sink sink = {add_bytes, u};
	buf_clear(&u->bytes);
	return r->fs->driver->get(r->fs, &what, &sink, NULL, err);
}

static int finish_reading(void *arg, void *unit, int code, struct err *why, struct err *err)
{
	struct reading *r = arg;
	struct read_unit *u = unit;
	int result = r->fn(r->arg, u->index, &u->bytes, MIN(code, 0), why, err);
	buf_release(&u->bytes);
	free(u);
	return result;
}

static int run_reading(struct reading *r, const struct transfer_opts *opts, struct err *err)
{
	const struct crew_opts crew = transfer_crew(r->fs, opts);
	const struct crew_task task = {take_reading, read_unit, finish_reading, r};
	return crew_run(&crew, &task, err);
}

int transfer_read_all(struct fs *fs, const char *const *paths, size_t count, uint64_t most_bytes,
	const struct transfer_opts *opts, transfer_bytes_fn fn, void *arg, struct err *err)
{
	struct reading r = {.fs = fs,
		.paths = paths,
		.most_bytes = most_bytes,
		.count = count,
		.fn = fn,
		.arg = arg};
	return run_reading(&r, opts, err);
}

static int take_bytes(
	void *arg, size_t i, struct buf *bytes, int code, struct err *why, struct err *err)
{
	struct buf *out = arg;
	(void)i;
	*out = TAKE(*bytes);
	return code < 0 ? err_move(err, why) : 0;
}

int transfer_read(struct fs *fs, const char *path, const char *version, uint64_t most_bytes,
	struct buf *out, struct err *err)
{
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	struct reading r = {.fs = fs,
		.paths = &path,
		.version = version,
		.most_bytes = most_bytes,
		.count = 1,
		.fn = take_bytes,
		.arg = &bytes};
	int code = run_reading(&r, &(struct transfer_opts){0}, err);
	buf_clear(out);
	if (code >= 0)
		buf_addbuf(out, &bytes);
	return code;
}

/* ---- passing on */

struct passing {
	struct fs *fs;
	struct fs_get what;
	const struct byte_sink *to;
	uint64_t passed;
};

/* A place that does not know ranges sends the whole file, so the end is cut off here. */
static int pass_some(void *arg, const void *bytes, size_t count, struct err *err)
{
	struct passing *p = arg;
	size_t some = (size_t)MIN((uint64_t)count, p->what.count - p->passed);
	p->passed += some;
	return some ? p->to->write(p->to->arg, bytes, some, err) : 0;
}

static int pass_rest(void *arg, size_t i, struct err *err)
{
	struct passing *p = arg;
	const struct byte_sink sink = {pass_some, p};
	struct fs_get rest = p->what;
	(void)i;
	rest.offset += p->passed;
	rest.count -= rest.count == FS_REST ? 0 : p->passed;
	return rest.count ? p->fs->driver->get(p->fs, &rest, &sink, NULL, err) : 0;
}

int transfer_pass(
	struct fs *fs, const struct fs_get *what, const struct byte_sink *to, struct err *err)
{
	struct passing p = {.fs = fs, .what = *what, .to = to};
	return transfer_each(fs, 1, &(struct transfer_opts){0}, pass_rest, &p, err);
}
