/* The budget as a moment: bytes that are taken move it into the future by the time they need. */
#include "base/rate.h"

#include <time.h>

#include "base/ctx.h"
#include "base/str.h"

enum { SECOND_NS = 1000000000, BURST_NS = SECOND_NS / 8, LOOK_NS = SECOND_NS / 10 };

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND_NS + t.tv_nsec;
}

static struct rate *rate_of(const struct ctx *ctx)
{
	return ctx && ctx->rate && ctx->rate->bytes_per_s ? ctx->rate : NULL;
}

void rate_take(const struct ctx *ctx, uint64_t bytes)
{
	struct rate *r = rate_of(ctx);
	if (!r)
		return;
	double need_ns = (double)bytes * SECOND_NS / (double)r->bytes_per_s;
	pthread_mutex_lock(&r->lock);
	int64_t now = now_ns();
	/* a pause earns no more than a moment */
	r->free_ns = MAX(r->free_ns, now - BURST_NS) + (int64_t)need_ns;
	int64_t until = r->free_ns;
	pthread_mutex_unlock(&r->lock);

	for (; now < until && !ctx_is_stopped(ctx); now = now_ns()) {
		const struct timespec nap = {.tv_nsec = (long)MIN(until - now, (int64_t)LOOK_NS)};
		(void)nanosleep(&nap, NULL);
	}
}

uint64_t rate_step(const struct ctx *ctx)
{
	enum { LEAST = 1024, PER_SECOND = 8 };
	const struct rate *r = rate_of(ctx);
	return r ? MAX(r->bytes_per_s / PER_SECOND, (uint64_t)LEAST) : UINT64_MAX;
}

int rate_connections(const struct ctx *ctx)
{
	enum { EACH = 64 * 1024 }; /* bytes per second: with less, connections time out */
	const struct rate *r = rate_of(ctx);
	return r ? (int)MAX(MIN(r->bytes_per_s / EACH, (uint64_t)1000), (uint64_t)1) : 0;
}

static int power_of(char unit)
{
	static const char units[] = "KMG";
	const char *hit = unit ? strchr(units, unit & ~('a' - 'A')) : NULL;
	return hit && *hit ? (int)(hit - units) + 1 : 0;
}

bool rate_parse(const char *text, uint64_t *out_bytes_per_s)
{
	enum { MOST_DIGITS = 12 };
	double number = 0, scale = 0;
	int digits = 0;
	if (str_eq(text, "off")) {
		*out_bytes_per_s = 0;
		return true;
	}
	for (; (*text >= '0' && *text <= '9') || (*text == '.' && scale == 0); text++) {
		if (*text == '.') {
			scale = 1;
			continue;
		}
		number = number * 10 + (*text - '0');
		scale *= 10;
		if (++digits > MOST_DIGITS)
			return false;
	}
	int power = power_of(*text);
	if (!digits || text[power != 0])
		return false;
	number /= scale > 0 ? scale : 1;
	while (power-- > 0)
		number *= 1024;
	if (number >= (double)INT64_MAX)
		return false;
	*out_bytes_per_s = (uint64_t)(number + 0.5);
	/* less than a byte per second is a mistake, not the word for no limit */
	return number == 0 || *out_bytes_per_s;
}
