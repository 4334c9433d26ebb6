/*
 * What the engine is doing and how far it has come: counters that any of its threads raises, for a
 * host that looks at them now and then (ui/ticker.h draws them). Counting is a relaxed atomic
 * addition, so it may be done for each file and each chunk. A context without counters, and a NULL
 * context, cost one comparison.
 *
 * A set has one counter for each kind of work: the totals of several pieces of the same kind add
 * up, so that a command with a thousand targets shows one count. Counting work of a kind that was
 * not begun is harmless.
 */
#ifndef BASE_METER_H
#define BASE_METER_H

#include "base/base.h"

struct ctx;
struct meters; /* one counter for each kind; in struct ctx */

/* Of several kinds that are under way the last one here is shown. */
enum meter_kind {
	METER_NONE, /* not shown */
	METER_WALK,
	METER_HASH,
	METER_COPY,
	METER_CHECKOUT,
	METER_SWEEP,
	METER_TRANSFER,
	METER_VERIFY,
	METER_KINDS
};

struct meter_view {
	enum meter_kind kind;
	const char *what;                 /* "hashing" */
	uint64_t files_done, files_total; /* total 0: unknown */
	uint64_t bytes_done, bytes_total;
	bool sized; /* bytes_total is known, or estimated well enough to tell how much is left */
};

/*
 * Begin and end a piece of work; each end follows its begin on every path. `what` is a literal.
 * `files` and `bytes` are added to the totals.
 */
void meter_begin(const struct ctx *ctx, enum meter_kind kind, const char *what, uint64_t files,
	uint64_t bytes);
void meter_end(const struct ctx *ctx, enum meter_kind kind);
/* More work of the kind that is under way was found. */
void meter_expect(const struct ctx *ctx, enum meter_kind kind, uint64_t files, uint64_t bytes);
/*
 * Where sizes are not known beforehand: each of the `files` counts as `mean_bytes` until
 * meter_size() tells its size, once for each file. 0: no estimate.
 */
void meter_begin_guessed(const struct ctx *ctx, enum meter_kind kind, const char *what,
	uint64_t files, uint64_t mean_bytes);
void meter_size(const struct ctx *ctx, enum meter_kind kind, uint64_t size_bytes);

void meter_files(const struct ctx *ctx, enum meter_kind kind, uint64_t count);
void meter_bytes(const struct ctx *ctx, enum meter_kind kind, uint64_t count);

/*
 * While a command of the user runs the terminal is its own: nothing is shown between the two calls,
 * which nest. What is drawn is gone when meter_hide() returns.
 */
void meter_hide(const struct ctx *ctx);
void meter_unhide(const struct ctx *ctx);
/* Does anybody look? Otherwise an estimate is not worth its system calls. */
bool meter_is_watched(const struct ctx *ctx);

/* ---- for the host ---- */

struct meter_watcher {
	/* The work takes long enough to be shown; called once, from any thread. A short command
	 * never calls it and so never pays for a thread that draws. */
	void (*start)(void *arg);
	void (*clear)(void *arg); /* wipe what is drawn */
	void *arg;
};
/* A set whose counters are zero; the host frees it when no call of the engine uses it any more.
 * `watcher` is copied. */
struct meters *meters_new(const struct meter_watcher *watcher);
void meters_free(struct meters *m); /* NULL is fine */
/* Fill `*out`; false when there is nothing to show. From any thread. */
bool meters_look(struct meters *m, struct meter_view *out);

#endif
