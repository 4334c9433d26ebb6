#include "base/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sched.h>

#include "base/alloc.h"
#include "base/ctx.h"

struct pool {
	size_t count, grain;
	pool_fn fn;
	void *arg;
	const struct ctx *ctx;
	atomic_size_t next; /* first item of the next run */
	atomic_bool failed;
	pthread_mutex_t lock; /* guards err */
	struct err err;
};

static int run_one(struct pool *p, size_t first, struct err *err)
{
	if (ctx_is_stopped(p->ctx))
		return err_set(err, ERR_CANCELLED, "interrupted by the user");
	return p->fn(p->arg, first, MIN(first + p->grain, p->count), err);
}

static void *work(void *arg)
{
	struct pool *p = arg;
	while (!atomic_load(&p->failed)) {
		size_t first = atomic_fetch_add(&p->next, p->grain);
		if (first >= p->count)
			break;

		AUTO(err_release) struct err err = ERR_INIT;
		int r = run_one(p, first, &err);

		/* runs in progress continue, and may fail as well; only the first error is kept */
		if (r < 0) {
			pthread_mutex_lock(&p->lock);
			if (!atomic_exchange(&p->failed, true)) {
				p->err = TAKE(err);
				p->err.code = r;
			}
			pthread_mutex_unlock(&p->lock);
		}
	}
	return NULL;
}

int pool_processors(void)
{
	static atomic_int known; /* asked once; racing threads find the same */
	int n = atomic_load(&known);
	if (!n) {
		cpu_set_t set;
		/* may fail for more than 1024 processors */
		n = sched_getaffinity(0, sizeof(set), &set) == 0 ? MAX(CPU_COUNT(&set), 1) : 1;
		atomic_store(&known, n);
	}
	return n;
}

int pool_run(const struct ctx *ctx, size_t count, size_t grain, int threads, pool_fn fn, void *arg,
	struct err *err)
{
	enum { MOST_THREADS = 64 };
	if (count == 0)
		return 0;

	struct pool p = {
		.count = count, .grain = MAX(grain, (size_t)1), .fn = fn, .arg = arg, .ctx = ctx};
	pthread_mutex_init(&p.lock, NULL);

	if (threads <= 0)
		threads = pool_processors();

	size_t runs = (count + p.grain - 1) / p.grain;
	threads = (int)MIN((size_t)MIN(threads, MOST_THREADS), runs);

	pthread_t ids[MOST_THREADS];
	int started = 0;
	while (started < threads - 1 && pthread_create(&ids[started], NULL, work, &p) == 0)
		started++; /* with fewer threads it is only slower */
	work(&p);
	for (int i = 0; i < started; i++)
		pthread_join(ids[i], NULL);
	pthread_mutex_destroy(&p.lock);
	return atomic_load(&p.failed) ? err_move(err, &p.err) : 0;
}
