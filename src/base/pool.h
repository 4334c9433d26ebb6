/*
 * Work over an index range by several threads. The caller's thread works too, so one thread costs
 * no thread.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/err.h"

struct ctx;

/* Handle items [first, last). `arg` is shared: the callback touches only what belongs to its items.
 */
typedef int (*pool_fn)(void *arg, size_t first, size_t last, struct err *err);

/*
 * Call `fn` over [0, count) in runs of `grain` items on up to `threads` threads (0: one a
 * processor). After a failure no new run starts; the first failure is returned. Runs are taken in
 * order. Fails: as `fn`; ERR_CANCELLED once the host of `ctx` (may be NULL) has asked to stop.
 */
int pool_run(const struct ctx *ctx, size_t count, size_t grain, int threads, pool_fn fn, void *arg,
	struct err *err);
int pool_processors(void);

#endif
