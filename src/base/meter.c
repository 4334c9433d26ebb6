/* The counters of a context: relaxed atomics that threads raise, and the moment from which somebody
 * is told that the work takes long. */
#include "base/meter.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/ctx.h"

/* One cache line per kind, so that threads that count different things do not slow each
 * other down. */
struct meter {
	atomic_uint active;
	_Atomic(const char *) what;
	atomic_ullong files_done, files_total, bytes_done, bytes_total, mean_bytes;
	atomic_bool sized;
	char apart[64]; /* counters of two kinds do not share a cache line */
};

struct meter_item {
	bool is_used;
	char name[sizeof(((struct meter_file *)NULL)->name)];
	uint64_t size_bytes;
	atomic_llong bytes_done;
};

enum { MOST_ITEMS = 64 }; /* more are not told of */

struct meters {
	struct meter kinds[METER_KINDS];
	pthread_mutex_t lock; /* of `items`, but for their counts */
	struct meter_item items[MOST_ITEMS];
	struct meter_watcher watcher;
	atomic_bool waiting;   /* the watcher was not started yet */
	atomic_llong first_ms; /* of the present stretch of work */
	atomic_uint hidden;
};

enum { PATIENCE_MS = 200 }; /* shorter work is not displayed */

#define ADD(field, n) atomic_fetch_add_explicit(&(field), n, memory_order_relaxed)
#define GET(field)    atomic_load_explicit(&(field), memory_order_relaxed)

/* Costs a few nanoseconds; exact to a few milliseconds. */
static long long coarse_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Of several threads, only one starts the watcher. */
static struct meters *meters_of(const struct ctx *ctx)
{
	return ctx ? ctx->meters : NULL;
}

static void start(struct meters *all)
{
	if (atomic_exchange(&all->waiting, false))
		all->watcher.start(all->watcher.arg);
}

static void start_when_due(struct meters *all)
{
	if (GET(all->waiting) && coarse_ms() - GET(all->first_ms) >= PATIENCE_MS)
		start(all);
}

void meter_begin(const struct ctx *ctx, enum meter_kind kind, const char *what, uint64_t files,
	uint64_t bytes)
{
	enum { MUCH_BYTES = 64 << 20 };
	struct meters *all = meters_of(ctx);
	if (!all)
		return;
	struct meter *m = &all->kinds[kind];
	atomic_store(&m->what, what);
	if (bytes)
		atomic_store(&m->sized, true);

	meter_expect(ctx, kind, files, bytes);
	atomic_fetch_add(&m->active, 1);

	/* a single slow call may do all of it, without counting in between */
	if (bytes >= MUCH_BYTES)
		start(all);
	else
		start_when_due(all);
}

void meter_begin_guessed(const struct ctx *ctx, enum meter_kind kind, const char *what,
	uint64_t files, uint64_t mean_bytes)
{
	struct meters *all = meters_of(ctx);
	if (all)
		atomic_store(&all->kinds[kind].mean_bytes, mean_bytes);
	meter_begin(ctx, kind, what, files, files * mean_bytes);
}

void meter_end(const struct ctx *ctx, enum meter_kind kind)
{
	struct meters *all = meters_of(ctx);
	if (all)
		atomic_fetch_sub(&all->kinds[kind].active, 1);
}

void meter_expect(const struct ctx *ctx, enum meter_kind kind, uint64_t files, uint64_t bytes)
{
	struct meters *all = meters_of(ctx);
	if (!all)
		return;
	ADD(all->kinds[kind].files_total, files);
	ADD(all->kinds[kind].bytes_total, bytes);
}

void meter_size(const struct ctx *ctx, enum meter_kind kind, uint64_t size_bytes)
{
	struct meters *all = meters_of(ctx);
	if (!all)
		return;
	struct meter *m = &all->kinds[kind];
	/* modulo 2^64: the difference may be negative */
	ADD(m->bytes_total, size_bytes - GET(m->mean_bytes));
}

void meter_files(const struct ctx *ctx, enum meter_kind kind, uint64_t count)
{
	struct meters *all = meters_of(ctx);
	if (!all)
		return;
	ADD(all->kinds[kind].files_done, count);
	start_when_due(all);
}

void meter_bytes(const struct ctx *ctx, enum meter_kind kind, uint64_t count)
{
	struct meters *all = meters_of(ctx);
	if (!all)
		return;
	ADD(all->kinds[kind].bytes_done, count);
	start_when_due(all);
}

void meter_hide(const struct ctx *ctx)
{
	struct meters *all = meters_of(ctx);
	if (!all)
		return;
	atomic_fetch_add(&all->hidden, 1);
	all->watcher.clear(all->watcher.arg);
}

void meter_unhide(const struct ctx *ctx)
{
	struct meters *all = meters_of(ctx);
	if (!all)
		return;
	/* after a command of the user, wait again before drawing */
	atomic_store(&all->first_ms, coarse_ms());
	atomic_fetch_sub(&all->hidden, 1);
}

bool meter_is_watched(const struct ctx *ctx)
{
	return meters_of(ctx) != NULL;
}

/* The end of a path says more than its beginning. A character is not cut. */
static void keep_name(struct meter_item *item, const char *name)
{
	size_t len = strlen(name), most = sizeof(item->name) - 1;
	name += len > most ? len - most : 0;
	while (len > most && ((unsigned char)*name & 0xC0) == 0x80)
		name++;
	memcpy(item->name, name, strlen(name) + 1);
}

struct meter_item *meter_item_begin(const struct ctx *ctx, const char *name, uint64_t size_bytes)
{
	struct meters *all = meters_of(ctx);
	struct meter_item *item = NULL;
	if (!all)
		return NULL;
	pthread_mutex_lock(&all->lock);
	for (size_t i = 0; i < MOST_ITEMS && !item; i++)
		item = all->items[i].is_used ? NULL : &all->items[i];
	if (item) {
		item->is_used = true;
		item->size_bytes = size_bytes;
		atomic_store(&item->bytes_done, 0);
		keep_name(item, name);
	}
	pthread_mutex_unlock(&all->lock);
	return item;
}

void meter_item_bytes(struct meter_item *item, int64_t more)
{
	if (item)
		ADD(item->bytes_done, more);
}

void meter_item_end(const struct ctx *ctx, struct meter_item *item)
{
	struct meters *all = meters_of(ctx);
	if (!all || !item)
		return;
	pthread_mutex_lock(&all->lock);
	item->is_used = false;
	pthread_mutex_unlock(&all->lock);
}

/* Insert a file where its size belongs, if it is one of the biggest. */
static void view_item(struct meter_view *v, const struct meter_item *item)
{
	size_t at = v->files_shown;
	while (at > 0 && v->files[at - 1].size_bytes < item->size_bytes)
		at--;
	if (at == METER_FILES)
		return;
	v->files_shown = MIN(v->files_shown + 1, (size_t)METER_FILES);
	memmove(&v->files[at + 1], &v->files[at], (v->files_shown - at - 1) * sizeof(v->files[0]));
	struct meter_file *f = &v->files[at];
	memcpy(f->name, item->name, sizeof(f->name));
	f->size_bytes = item->size_bytes;
	f->bytes_done = MIN((uint64_t)MAX(GET(item->bytes_done), 0LL), f->size_bytes);
}

static void view_items(struct meters *all, struct meter_view *v)
{
	pthread_mutex_lock(&all->lock);
	for (size_t i = 0; i < MOST_ITEMS; i++) {
		if (all->items[i].is_used)
			view_item(v, &all->items[i]);
	}
	pthread_mutex_unlock(&all->lock);
}

static int shown_kind(struct meters *all)
{
	int kind = METER_KINDS - 1;
	while (kind > METER_NONE && !GET(all->kinds[kind].active))
		kind--;
	return kind;
}

bool meters_look(struct meters *all, struct meter_view *out)
{
	int kind = shown_kind(all);
	if (kind == METER_NONE || atomic_load(&all->hidden))
		return false;

	/* the counters are read one by one, so they may not fit together exactly; that does not
	 * show */
	struct meter *m = &all->kinds[kind];
	*out = (struct meter_view){.kind = (enum meter_kind)kind,
		.what = atomic_load(&m->what),
		.files_done = GET(m->files_done),
		.files_total = GET(m->files_total),
		.bytes_done = GET(m->bytes_done),
		.bytes_total = GET(m->bytes_total)};

	/* a single file has a known size even if nobody announced it */
	out->sized = GET(m->sized) || (out->files_total == 1 && out->bytes_total);
	if (kind == METER_TRANSFER)
		view_items(all, out);
	return true;
}

struct meters *meters_new(const struct meter_watcher *watcher)
{
	struct meters *all = NEW(struct meters);
	all->watcher = *watcher;
	pthread_mutex_init(&all->lock, NULL);
	atomic_store(&all->first_ms, coarse_ms());
	atomic_store(&all->waiting, true);
	return all;
}

void meters_free(struct meters *all)
{
	if (all)
		pthread_mutex_destroy(&all->lock);
	free(all);
}
