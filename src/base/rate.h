/*
 * A budget of bytes per second that all connections of a context share, in both directions (a token
 * bucket): whoever moves bytes takes them from it, and sleeps while it is used up. What takes it is
 * what the network drivers send and receive; protocols add some percent.
 *
 * Threads: any. A NULL context, and one without a budget, cost one comparison.
 */
#ifndef BASE_RATE_H
#define BASE_RATE_H

#include <pthread.h>

#include "base/base.h"

struct ctx;

struct rate {
	uint64_t bytes_per_s; /* 0: no limit. Set before the first transfer */
	pthread_mutex_t lock;
	int64_t free_ns; /* on the monotonic clock: what was taken is used up by then */
};

#define RATE_INIT ((struct rate){.lock = PTHREAD_MUTEX_INITIALIZER})

/* Wait until the bytes are in the budget, or until the host asks to stop. */
void rate_take(const struct ctx *ctx, uint64_t bytes);
/* How many bytes one call should move at most, so that it does not wait for long. */
uint64_t rate_step(const struct ctx *ctx);
/* How many connections at a time can use the budget; 0: any number. */
int rate_connections(const struct ctx *ctx);

/* "500K", "1.5M", "2G", "1000": bytes per second, in powers of 1024; "0" and "off": no limit. False
 * for other text. */
bool rate_parse(const char *text, uint64_t *out_bytes_per_s);

#endif
