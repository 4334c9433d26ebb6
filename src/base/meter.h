/*
 * What the engine is doing and how far it has come: counters that any of its threads raises, and
 * that the host reads from time to time (ui/ticker.h displays them). Counting is a relaxed atomic
 * addition, cheap enough for each file and each chunk. A NULL context, and one without counters,
 * cost one comparison.
 *
 * A context has one counter per kind of work. The totals of several pieces of the same
 * kind add up, so that a command with a thousand targets shows one count. Counting work of a kind
 * that was not begun is harmless.
 */
#ifndef BASE_METER_H
#define BASE_METER_H

#include "base/base.h"

struct ctx;
struct meters; /* the counters of a context */

/* When several kinds are in progress, the last one of this list is shown. */
enum meter_kind {
	METER_NONE,        /* not shown */
	METER_EXPERIMENTS, /* counted as files; `what` names the one that runs */
	METER_REVISIONS,   /* counted as files */
	METER_READ,        /* into memory, as a whole */
	METER_WALK,
	METER_HASH,
	METER_COPY,
	METER_CHECKOUT,
	METER_SWEEP,
	METER_TRANSFER,
	METER_VERIFY,
	METER_KINDS
};

/* A big file on its way. */
struct meter_file {
	char name[256]; /* its path, or the end of a long one */
	uint64_t bytes_done, size_bytes;
};

enum { METER_FILES = 3 }; /* of which a host is told */

struct meter_view {
	enum meter_kind kind;
	const char *what;                 /* "hashing" */
	uint64_t files_done, files_total; /* total 0: unknown */
	uint64_t bytes_done, bytes_total;
	bool sized; /* bytes_total is known, or estimated well enough to tell how much is left */
	struct meter_file files[METER_FILES]; /* the biggest ones on their way, biggest first */
	size_t files_shown;
};

/* Begin and end a piece of work; every path after a begin must reach its end. `what` is a literal,
 * or is kept until meter_hide() has returned after the end. `files` and `bytes` are added to the
 * totals. */
void meter_begin(const struct ctx *ctx, enum meter_kind kind, const char *what, uint64_t files,
	uint64_t bytes);
void meter_end(const struct ctx *ctx, enum meter_kind kind);
/* Add to the totals: more work of a kind in progress was found. */
void meter_expect(const struct ctx *ctx, enum meter_kind kind, uint64_t files, uint64_t bytes);
/* For unknown sizes: each of the `files` counts as `mean_bytes` until meter_size() reports its
 * size, once per file. 0: no estimate. */
void meter_begin_guessed(const struct ctx *ctx, enum meter_kind kind, const char *what,
	uint64_t files, uint64_t mean_bytes);
void meter_size(const struct ctx *ctx, enum meter_kind kind, uint64_t size_bytes);

void meter_files(const struct ctx *ctx, enum meter_kind kind, uint64_t count);
void meter_bytes(const struct ctx *ctx, enum meter_kind kind, uint64_t count);

/* Nothing is displayed between the two calls, because a command of the user is using the terminal.
 * They nest. When meter_hide() returns, the display has been wiped. */
void meter_hide(const struct ctx *ctx);
void meter_unhide(const struct ctx *ctx);

/* A big file is on its way, from the begin to the end; its bytes are counted by meter_bytes() as
 * well. The result may be NULL, which the other calls take. The count may be lowered: bytes of an
 * attempt that failed are sent again. */
struct meter_item;
struct meter_item *meter_item_begin(const struct ctx *ctx, const char *name, uint64_t size_bytes);
void meter_item_bytes(struct meter_item *item, int64_t more);
void meter_item_end(const struct ctx *ctx, struct meter_item *item);

/* Does the context have counters? Otherwise an estimate is not worth its system calls. */
bool meter_is_watched(const struct ctx *ctx);

/* ---- for the host ---- */

struct meter_watcher {
	/* The work takes long enough to be displayed. Called at most once, from any thread: a short
	 * command never calls it, and so never starts a thread that draws. */
	void (*start)(void *arg);
	void (*clear)(void *arg); /* wipe the display */
	void *arg;
};
/* Counters at zero. `watcher` is copied. The caller frees the result once no call of the engine
 * uses it any more. */
struct meters *meters_new(const struct meter_watcher *watcher);
void meters_free(struct meters *m); /* NULL is fine */
/* Fill `*out`; false when there is nothing to display. From any thread. */
bool meters_look(struct meters *m, struct meter_view *out);

#endif
