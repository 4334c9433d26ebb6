/*
 * Threads that do units of work at a place: each unit is tried again when its error says that this
 * may help, and the number of units at the same time adapts to what the place can take.
 *
 * It starts with a few threads and adds one after each success, up to the limit. When the place
 * says that it is busy, or calls time out, the number is halved, and from then on one is added
 * after each round of successes (slow start, then additive increase and multiplicative decrease, as
 * TCP does). The thread waits: as long as the place asks for, else exponentially longer each time
 * with a random part, so that many clients do not come back at once.
 *
 * A unit is given up after CREW_ATTEMPTS; when the place says that it is busy, after a minute; when
 * bytes are wrong, after the second attempt.
 */
#ifndef TRANSFER_CREW_H
#define TRANSFER_CREW_H

#include "base/err.h"

struct ctx;

/* The work. take() and finish() are called by one thread at a time; work() by many. */
struct crew_task {
	/* Returns the next unit of work, or NULL: none at present. More may come while others run
	 * (a file is split into parts when its size is known). */
	void *(*take)(void *arg);
	/* Do it. After a failure that may be tried again (crew_may_retry()) it is called again with
	 * the same unit. */
	int (*work)(void *arg, void *unit, struct err *err);
	/* The unit is done: `code` and `why` are the result of the last attempt. A negative result
	 * ends everything once the running units have ended; `*err` is its message then, which may
	 * be moved from `why`. */
	int (*finish)(void *arg, void *unit, int code, struct err *why, struct err *err);
	void *arg;
};

struct crew_opts {
	const struct ctx *ctx;  /* may be NULL */
	int most;               /* threads at most; 0: CREW_MOST */
	unsigned first_wait_ms; /* before the second attempt; doubled each time; 0: 200 */
	int attempts;           /* of one unit; 0: CREW_ATTEMPTS */
};

enum {
	CREW_MOST = 48,    /* threads at most, unless the user asks for more */
	CREW_START = 8,    /* threads at the beginning */
	CREW_ATTEMPTS = 6, /* of one unit; with 200 ms at first all waits take 6 s together */
};

/*
 * Run until take() returns NULL and nothing runs. The calling thread works too. Fails: what
 * finish() returned first; ERR_CANCELLED once the host of `ctx` has asked to stop.
 *
 * When units fail one after another without a success between them, the place is taken for gone:
 * after CREW_MOST_FAILED units with ERR_BROKEN or ERR_BUSY the last error is returned.
 */
int crew_run(const struct crew_opts *opts, const struct crew_task *task, struct err *err);

enum { CREW_MOST_FAILED = 8 };

bool crew_may_retry(int code); /* ERR_BUSY, ERR_BROKEN and ERR_CORRUPT */

#endif
