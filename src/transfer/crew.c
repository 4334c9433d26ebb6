/* Runs units of work by several threads: another try, and how many at a time. */
#include "transfer/crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/ctx.h"

enum {
	LONGEST_WAIT_MS = 60000, /* also when the place asks for more */
	BUSY_MS = 60000,         /* no attempt begins later than this after the first "busy" */
	LOOK_MS = 200,           /* how often a thread that waits looks for a request to stop */
};

struct crew {
	const struct crew_opts *opts;
	const struct crew_task *task;
	pthread_mutex_t lock; /* guards everything below, and take() and finish() */
	pthread_cond_t changed;
	pthread_t *threads;
	int started;       /* entries of `threads`; the caller is one more */
	int most;          /* threads at most */
	int allowed;       /* units at the same time; between 1 and `most` */
	int running;       /* units at this moment, those that wait for another attempt included */
	int active;        /* attempts at this moment */
	int successes;     /* since `allowed` was changed */
	int failed_in_row; /* units that the place failed, without a success between them */
	int64_t halved_ms; /* when `allowed` was halved last */
	bool ended;        /* no new unit is taken */
	int code;          /* the failure that ended it, with `err` */
	struct err err;
};

bool crew_may_retry(int code)
{
	return code == ERR_BUSY || code == ERR_BROKEN || code == ERR_CORRUPT;
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Wait for a change, or LOOK_MS. The lock is held. */
static void wait_a_while(struct crew *c, int64_t ms)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	int64_t ns = until.tv_nsec + MIN(ms, (int64_t)LOOK_MS) * 1000000;
	until.tv_sec += ns / 1000000000;
	until.tv_nsec = ns % 1000000000;
	pthread_cond_timedwait(&c->changed, &c->lock, &until);
}

/* End everything with the failure in `why`, unless another ended it before. The lock is held. */
static void end_with(struct crew *c, int code, struct err *why)
{
	c->ended = true;
	if (c->code == 0) {
		c->code = code;
		(void)err_move(&c->err, why);
	}
	pthread_cond_broadcast(&c->changed);
}

/* Has the crew ended, or does the host ask it to? The lock is held. */
static bool has_ended(struct crew *c)
{
	if (!c->ended && ctx_is_stopped(c->opts->ctx)) {
		AUTO(err_release) struct err why = ERR_INIT;
		int r = err_set(&why, ERR_CANCELLED, "interrupted by the user");
		end_with(c, r, &why);
	}
	return c->ended;
}

/* ---- adaptation */

/* The place has more than it can do. Answers to attempts that began before the last change say
 * nothing about it. The lock is held. */
static void slow_down(struct crew *c, int64_t began_ms)
{
	if (began_ms < c->halved_ms)
		return;
	c->halved_ms = now_ms() + 1;
	c->allowed = MAX(c->allowed / 2, 1);
	c->successes = 0;
}

/* One more after each success until the place has been too slow once: that doubles their number in
 * each round. Then one more after each round. */
static void speed_up(struct crew *c)
{
	int wanted = c->halved_ms ? c->allowed : 1;
	if (++c->successes < wanted || c->allowed >= c->most)
		return;
	c->allowed++;
	c->successes = 0;
}

/* The wait after so many attempts: between one half and all of an exponentially growing time. */
static int64_t wait_before(const struct crew *c, int attempts, const struct err *why)
{
	int64_t asked = err_wait_ms(why);
	int64_t first = c->opts->first_wait_ms ? c->opts->first_wait_ms : 200;
	int64_t ms = first << MIN(attempts - 1, (int)CREW_ATTEMPTS - 1);
	unsigned random = (unsigned)now_ms() * 2654435761u ^ (unsigned)(uintptr_t)&ms;
	ms = ms / 2 + (int64_t)(random % (unsigned)(ms / 2 + 1));
	return MIN(MAX(ms, asked), (int64_t)LONGEST_WAIT_MS);
}

/* Sleep while holding the place of a unit: that is the pressure back on the caller. Returns false
 * when everything ends meanwhile. The lock is held. */
static bool pause_unit(struct crew *c, int64_t ms)
{
	for (int64_t end = now_ms() + ms, left = ms; left > 0; left = end - now_ms()) {
		if (has_ended(c))
			return false;
		wait_a_while(c, left);
	}
	return !has_ended(c);
}

/* ---- working */

/* Call work() once, when there is room for another attempt. The lock is held before and after. */
static int attempt(struct crew *c, void *unit, struct err *why)
{
	while (c->active >= c->allowed && !has_ended(c))
		wait_a_while(c, LOOK_MS);
	int64_t began = now_ms();
	c->active++;
	pthread_mutex_unlock(&c->lock);
	int r = c->task->work(c->task->arg, unit, why);
	pthread_mutex_lock(&c->lock);
	c->active--;
	pthread_cond_broadcast(&c->changed);
	if (r == ERR_BUSY || r == ERR_BROKEN)
		slow_down(c, began);
	return r;
}

static int most_attempts(const struct crew *c, int code)
{
	int usual = c->opts->attempts > 0 ? c->opts->attempts : CREW_ATTEMPTS;

	return code == ERR_CORRUPT
		       ? 2 /* bytes that are wrong twice are wrong where they are stored */
	       : code == ERR_BUSY ? 3 * usual /* the place lives, and says so */
				  : usual;
}

/* Do one unit, again while that may help. The lock is held before and after. */
static int do_unit(struct crew *c, void *unit, struct err *why)
{
	int64_t failed_ms = 0; /* when the first attempt had failed */
	for (int i = 1;; i++) {
		int r = attempt(c, unit, why);
		if (r >= 0 || !crew_may_retry(r) || i >= most_attempts(c, r))
			return r;
		int64_t wait_ms = wait_before(c, i, why);
		failed_ms = failed_ms ? failed_ms : now_ms();
		/* only here: an attempt that breaks may have taken minutes by itself */
		if (r == ERR_BUSY && now_ms() + wait_ms - failed_ms > BUSY_MS)
			return err_wrap(why, r, "given up after %d s", BUSY_MS / 1000);
		if (!pause_unit(c, wait_ms))
			return r;
		err_release(why);
	}
}

static void conclude(struct crew *c, void *unit, int code, struct err *why)
{
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(mem_freep) char *text = NULL;
	bool gone = code == ERR_BUSY || code == ERR_BROKEN;
	if (code >= 0)
		speed_up(c);
	c->failed_in_row = code >= 0 ? 0 : c->failed_in_row + gone;
	if (gone && c->failed_in_row >= CREW_MOST_FAILED)
		text = mem_strdup(err_text(why)); /* finish() may move it */

	int r = c->task->finish(c->task->arg, unit, code, why, &err);
	if (r >= 0 && text)
		r = err_set(&err, code, "%s", text);
	if (r < 0)
		end_with(c, r, &err);
}

static void *member(void *arg);

/* Start another thread when the work is more than the threads can do. With fewer threads than
 * allowed it is only slower. The lock is held. */
static void recruit(struct crew *c)
{
	if (c->started + 1 >= c->allowed || c->running < c->started + 1)
		return;
	if (pthread_create(&c->threads[c->started], NULL, member, c) == 0)
		c->started++;
}

static void *member(void *arg)
{
	struct crew *c = arg;
	pthread_mutex_lock(&c->lock);
	while (!has_ended(c)) {
		void *unit = c->running < c->allowed ? c->task->take(c->task->arg) : NULL;
		if (!unit && c->running == 0)
			break; /* nobody is left who could find more */
		if (!unit) {
			wait_a_while(c, LOOK_MS);
			continue;
		}
		AUTO(err_release) struct err why = ERR_INIT;
		c->running++;
		recruit(c);
		int r = do_unit(c, unit, &why);
		c->running--;
		conclude(c, unit, r, &why);
		pthread_cond_broadcast(&c->changed);
	}
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* Threads may start others while they end, so the number is read again after each. */
static void join_all(struct crew *c)
{
	for (int i = 0;; i++) {
		pthread_mutex_lock(&c->lock);
		bool more = i < c->started;
		pthread_mutex_unlock(&c->lock);
		if (!more)
			return;
		pthread_join(c->threads[i], NULL);
	}
}

int crew_run(const struct crew_opts *opts, const struct crew_task *task, struct err *err)
{
	int most = opts->most > 0 ? opts->most : CREW_MOST;
	struct crew c = {
		.opts = opts, .task = task, .most = most, .allowed = MIN(most, (int)CREW_START)};
	pthread_condattr_t clock;

	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_mutex_init(&c.lock, NULL);
	pthread_cond_init(&c.changed, &clock);
	pthread_condattr_destroy(&clock);
	c.threads = mem_zalloc((size_t)most * sizeof(*c.threads));

	cancel_transfer(opts->ctx, true);
	member(&c);
	join_all(&c);
	cancel_transfer(opts->ctx, false);

	free(c.threads);
	pthread_cond_destroy(&c.changed);
	pthread_mutex_destroy(&c.lock);
	if (c.code < 0)
		(void)err_move(err, &c.err);
	return c.code;
}
