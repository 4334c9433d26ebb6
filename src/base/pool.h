/*
 * Work over an index range by several threads. The caller's thread works too, so one thread costs
 * no thread.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/err.h"

/* Handle items [first, last). `ctx` is shared: the callback touches only what belongs to its items.
 */
typedef int (*pool_fn)(void *ctx, size_t first, size_t last, struct err *err);

/*
 * Call `fn` over [0, count) in runs of `grain` items on up to `threads` threads (0: one a
 * processor). After a failure no new run starts; the first failure is returned. Runs are taken in
 * order.
 */
int pool_run(size_t count, size_t grain, int threads, pool_fn fn, void *ctx, struct err *err);
int pool_processors(void);

#endif
