#include "base/meter.h"

#include <stdatomic.h>
#include <time.h>

struct meter {
	_Alignas(64) atomic_uint active;
	_Atomic(const char *) what;
	atomic_ullong files_done, files_total, bytes_done, bytes_total, mean_bytes;
	atomic_bool sized;
};

static struct meter meters[METER_KINDS];
static const struct meter_watcher *watcher;
static atomic_bool waiting;   /* there is a watcher, and it was not started yet */
static atomic_llong first_ms; /* of the present stretch of work */
static atomic_uint hidden;

enum { PATIENCE_MS = 200 }; /* less is not worth showing */

#define ADD(field, n) atomic_fetch_add_explicit(&(field), n, memory_order_relaxed)
#define GET(field)    atomic_load_explicit(&(field), memory_order_relaxed)

/* A few nanoseconds; exact to a few milliseconds. */
static long long coarse_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void start(void)
{
	if (atomic_exchange(&waiting, false))
		watcher->start();
}

static void start_when_due(void)
{
	if (GET(waiting) && coarse_ms() - GET(first_ms) >= PATIENCE_MS)
		start();
}

void meter_begin(enum meter_kind kind, const char *what, uint64_t files, uint64_t bytes)
{
	enum { MUCH_BYTES = 64 << 20 };
	struct meter *m = &meters[kind];
	atomic_store(&m->what, what);
	if (bytes)
		atomic_store(&m->sized, true);
	meter_expect(kind, files, bytes);
	atomic_fetch_add(&m->active, 1);
	if (bytes >= MUCH_BYTES && watcher) /* one slow call may be all of it */
		start();
	else
		start_when_due();
}

void meter_begin_guessed(
	enum meter_kind kind, const char *what, uint64_t files, uint64_t mean_bytes)
{
	atomic_store(&meters[kind].mean_bytes, mean_bytes);
	meter_begin(kind, what, files, files * mean_bytes);
}

void meter_end(enum meter_kind kind)
{
	atomic_fetch_sub(&meters[kind].active, 1);
}

void meter_expect(enum meter_kind kind, uint64_t files, uint64_t bytes)
{
	ADD(meters[kind].files_total, files);
	ADD(meters[kind].bytes_total, bytes);
}

void meter_size(enum meter_kind kind, uint64_t size_bytes)
{
	struct meter *m = &meters[kind];
	ADD(m->bytes_total, size_bytes - GET(m->mean_bytes)); /* modulo 2^64: it may be less */
}

void meter_files(enum meter_kind kind, uint64_t count)
{
	ADD(meters[kind].files_done, count);
	start_when_due();
}

void meter_bytes(enum meter_kind kind, uint64_t count)
{
	ADD(meters[kind].bytes_done, count);
	start_when_due();
}

void meter_hide(void)
{
	atomic_fetch_add(&hidden, 1);
	if (watcher)
		watcher->clear();
}

void meter_unhide(void)
{
	atomic_store(&first_ms, coarse_ms());
	atomic_fetch_sub(&hidden, 1);
}

static int shown_kind(void)
{
	int kind = METER_KINDS - 1;
	while (kind > METER_NONE && !GET(meters[kind].active))
		kind--;
	return kind;
}

bool meter_look(struct meter_view *out)
{
	int kind = shown_kind();
	if (kind == METER_NONE || atomic_load(&hidden))
		return false;
	struct meter *m = &meters[kind];
	*out = (struct meter_view){.kind = (enum meter_kind)kind,
		.what = atomic_load(&m->what),
		.files_done = GET(m->files_done),
		.files_total = GET(m->files_total),
		.bytes_done = GET(m->bytes_done),
		.bytes_total = GET(m->bytes_total)};
	out->sized = GET(m->sized) || (out->files_total == 1 && out->bytes_total);
	return true;
}

static void reset(struct meter *m)
{
	atomic_store(&m->active, 0);
	atomic_store(&m->files_done, 0);
	atomic_store(&m->files_total, 0);
	atomic_store(&m->bytes_done, 0);
	atomic_store(&m->bytes_total, 0);
	atomic_store(&m->mean_bytes, 0);
	atomic_store(&m->sized, false);
}

void meter_watch(const struct meter_watcher *w)
{
	for (size_t i = 0; i < METER_KINDS; i++)
		reset(&meters[i]);
	watcher = w;
	atomic_store(&hidden, 0);
	atomic_store(&first_ms, coarse_ms());
	atomic_store(&waiting, w != NULL);
}

bool meter_is_watched(void)
{
	return watcher != NULL;
}
