/*
 * What the process is doing and how far it has come: counters that any thread of the engine raises,
 * for a front end that looks at them now and then (ui/ticker.h draws them). Counting is a relaxed
 * atomic addition, so it may be done for each file and each chunk; without a watcher nobody looks.
 *
 * The process has one set of counters for each kind of work: the totals of several pieces of the
 * same kind add up, so that a command with a thousand targets shows one count. Counting work of a
 * kind that was not begun is harmless.
 */
#ifndef BASE_METER_H
#define BASE_METER_H

#include "base/base.h"

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
void meter_begin(enum meter_kind kind, const char *what, uint64_t files, uint64_t bytes);
void meter_end(enum meter_kind kind);
/* More work of the kind that is under way was found. */
void meter_expect(enum meter_kind kind, uint64_t files, uint64_t bytes);
/*
 * Where sizes are not known beforehand: each of the `files` counts as `mean_bytes` until
 * meter_size() tells its size, once for each file. 0: no estimate.
 */
void meter_begin_guessed(
	enum meter_kind kind, const char *what, uint64_t files, uint64_t mean_bytes);
void meter_size(enum meter_kind kind, uint64_t size_bytes);

void meter_files(enum meter_kind kind, uint64_t count);
void meter_bytes(enum meter_kind kind, uint64_t count);

/*
 * While a command of the user runs the terminal is its own: nothing is shown between the two calls,
 * which nest. What is drawn is gone when meter_hide() returns.
 */
void meter_hide(void);
void meter_unhide(void);

/* Fill `*out`; false when there is nothing to show. */
bool meter_look(struct meter_view *out);

struct meter_watcher {
	/* The work takes long enough to be shown; called once, from any thread. A short command
	 * never calls it and so never pays for a thread that draws. */
	void (*start)(void);
	void (*clear)(void); /* wipe what is drawn */
};
/* All counters back to zero; `watcher` (NULL: nobody) is told from now on. Called while there is
 * one thread. */
void meter_watch(const struct meter_watcher *watcher);
/* Does anybody look? Otherwise an estimate is not worth its system calls. */
bool meter_is_watched(void);

#endif
