/* Which task a worker takes next: by priority and age, if it is not held back and the machine has
 * what its stages need. What running tasks use is the sum over the tasks whose lock is held, so
 * that a worker that dies gives everything back without a repair. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/sort.h"
#include "base/str.h"
#include "exp/broker.h"
#include "exp/queue.h"
#include "exp/steer.h"
#include "exec/resources.h"
#include "scm/ref.h"

struct candidate {
	const struct scm_id *id;
	int priority;
	size_t age; /* 0: the oldest */
};

/* What a running task uses. */
struct in_use {
	struct resource_needs needs;
	char *gpus; /* NULL: it was given none */
};

struct claiming {
	struct exp *x;
	const struct queue_claim_opts *opts;
	const struct map *known; /* left out; may be NULL */
	struct scm_stash queued;
	VEC(struct in_use) in_use; /* by all running tasks that need something */
	bool looked;               /* `in_use` is known */
	struct sent sent;          /* to executors elsewhere */
	bool waits; /* a task was passed over for now: it needs what others use, or DVC starts it */
};

static void claiming_release(struct claiming *c)
{
	VEC_EACH (&c->in_use, u) {
		resource_needs_release(&u->needs);
		free(u->gpus);
	}
	vec_release(&c->in_use);
	sent_release(&c->sent);
	scm_stash_release(&c->queued);
}

static int by_turn(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority > y->priority ? -1 : 1;
	return x->age < y->age ? -1 : x->age > y->age;
}

/* ---- resources ---- */

static void note_in_use(struct claiming *c, const struct scm_id *id, const struct journal *j)
{
	AUTO(exp_task_release) struct exp_task task = {0};
	AUTO(buf_release) struct buf gpus = BUF_INIT;

	if (exp_task_load(c->x, id, &task, NULL) < 0 || task.needs.count == 0)
		return;
	(void)file_read(j->gpus, &gpus, NULL); /* missing: it was given none */
	buf_rtrim(&gpus);
	struct in_use *u = vec_push(&c->in_use);

	*u = (struct in_use){.gpus = gpus.len ? mem_strdup(buf_str(&gpus)) : NULL};
	resource_needs_parse(&task.needs, &u->needs);
}

/* Once for all candidates: a worker that waits behind a long queue asks for each of them, ten times
 * a second. The lock of the queue is held, so no other task starts meanwhile. */
static void look_what_is_in_use(struct claiming *c)
{
	if (c->looked)
		return;
	VEC_EACH (&c->queued, e) {
		AUTO(journal_release) struct journal j;

		journal_init(&j, c->x, EXP_IN_QUEUE, e->id.hex);
		/* a worker waits for what runs on another machine */
		if (journal_is_held(&j) && !sent_find(&c->sent, &e->id))
			note_in_use(c, &e->id, &j);
	}
	c->looked = true;
}

static void count_in_use(const struct claiming *c, struct resources *r)
{
	VEC_EACH (&c->in_use, u) {
		AUTO(claim_release) struct claim claim = {0};

		claim_fill(r, &u->needs, &claim, NULL);
		claim_take_elsewhere(r, &claim, u->gpus);
	}
}

/* Are the task's needs met beside what runs now? If so, sets its devices. */
static int has_resources(struct claiming *c, struct exp_task *t, struct err *err)
{
	AUTO(strlist_release) struct strlist given = STRLIST_INIT;
	AUTO(resource_needs_release) struct resource_needs needs = {0};
	AUTO(claim_release) struct claim claim = {0};
	struct resources *r = NULL;

	if (t->needs.count == 0 || c->opts->in_job || c->opts->at)
		return 1;
	for (size_t i = 0; c->opts->resources && i < c->opts->resources->count; i++)
		strlist_add(&given, c->opts->resources->items[i]);
	for (size_t i = 0; i < t->resources.count; i++)
		strlist_add(&given, t->resources.items[i]);
	int result = resources_open(&given, &r, err);

	if (result < 0)
		return result;
	look_what_is_in_use(c);
	count_in_use(c, r);
	resource_needs_parse(&t->needs, &needs);
	claim_fill(r, &needs, &claim, NULL);
	result = claim_take(r, &claim);
	if (result && claim.gpus.count)
		t->gpus = strlist_join(&claim.gpus, ",");
	resources_free(r);
	return result;
}

/* The devices are noted before anybody else looks: the lock of the queue is held. */
static int note_gpus(const struct journal *j, const struct exp_task *t, struct err *err)
{
	if (t->gpus)
		return file_write(j->gpus, t->gpus, strlen(t->gpus), 0, err);
	(void)unlink(j->gpus); /* of an earlier attempt; usually there is none */
	return 0;
}

/* ---- one task ---- */

/* Its worker has died after the task had ended: move it out of the queue, as the worker would have
 * done next. It may have begun to. */
static int finish_for_dead(struct exp *x, const struct exp_task *t, bool failed, struct err *err)
{
	AUTO(scm_stash_release) struct scm_stash moved = {0};
	AUTO(scm_stash_release) struct scm_stash one = {0};
	int r = failed ? scm_stash_load(x->scm, EXPREF_FAILED, &moved, err) : 0;

	VEC_EACH (&moved, e)
		failed = failed && !scm_id_equal(&e->id, &t->stash);
	if (r == 0 && failed) {
		queue_collect(&one, t);
		r = scm_stash_push_all(x->scm, EXPREF_FAILED, &one, err);
	}
	broker_finish(x, &t->stash);
	return r < 0 ? r : scm_stash_drop(x->scm, EXPREF_QUEUE, &t->stash, err);
}

/* Take one task. Returns 1; 0: not this one. */
static int try_one(struct claiming *c, const struct scm_id *id, struct exp_task *out,
	struct holdfile *held, struct err *err)
{
	AUTO(journal_release) struct journal j;
	AUTO(exp_task_release) struct exp_task t = {0};

	journal_init(&j, c->x, EXP_IN_QUEUE, id->hex);
	const struct left_job *job = c->opts->in_job ? NULL : sent_find(&c->sent, id);
	if (job && sent_is_open(job) && !str_eq(job->executor, c->opts->at))
		return 0; /* an executor has it */
	if (journal_is_held(&j) || exp_task_load(c->x, id, &t, NULL) < 0)
		return 0; /* what is not a task stays in the stash */
	bool lost = journal_is_lost(&j), ended = lost || journal_is_done(&j);
	int fits = ended ? 1 : has_resources(c, &t, err);

	c->waits = c->waits || fits == 0;
	if (fits <= 0)
		return fits;
	bool again = file_exists(j.held);
	int r = file_mkdirs(j.dir, err);

	if (r == 0)
		r = holdfile_take(held, j.held, err);
	if (r == ERR_LOCKED) {
		err_release(err);
		return 0;
	}
	if (r == 0 && ended) {
		r = finish_for_dead(c->x, &t, lost, err);
		holdfile_release(held);
		return r;
	}
	if (r == 0 && !broker_take(c->x, id, again)) {
		holdfile_release(held);
		(void)unlink(j.held); /* DVC has it, and no worker of cairn had it before */
		/* until it leaves the stash: a worker that ended would be asked to look again */
		c->waits = c->waits || !c->opts->only;
		return 0;
	}
	if (r == 0)
		r = note_gpus(&j, &t, err);
	if (r < 0)
		return r;
	if (t.of_dvc)
		broker_fill(c->x, &t);
	*out = TAKE(t);
	return 1;
}

VEC_TYPE(candidates, struct candidate);

/* The tasks that may be taken, in the order in which they are. The caller holds the queue's lock.
 */
static int find_candidates(struct claiming *c, struct candidates *out, struct err *err)
{
	AUTO(steering_release) struct steering steering = {0};
	int r = scm_stash_load(c->x->scm, EXPREF_QUEUE, &c->queued, err);

	if (r < 0)
		return r;
	steering_load(c->x, &steering);
	/* a stash has the newest entry first */
	for (size_t i = c->queued.count; i > 0; i--) {
		const struct scm_id *id = &c->queued.items[i - 1].id;
		struct steer s = steering_get(&steering, id);
		bool wanted = c->opts->only ? scm_id_equal(c->opts->only, id) : !s.held;

		wanted = wanted && !(c->known && map_has(c->known, id->hex));
		if (wanted)
			*vec_push(out) = (struct candidate){id, s.priority, c->queued.count - i};
	}
	if (out->count && !c->opts->in_job)
		sent_load(c->x, &c->sent);
	if (steering.items.count && out->count > 1)
		sort_array(out->items, out->count, sizeof(*out->items), by_turn);
	return 0;
}

int queue_claim(struct exp *x, const struct queue_claim_opts *opts, struct exp_task *out,
	struct holdfile *held, struct err *err)
{
	static const struct queue_claim_opts any = {0};
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	struct candidates candidates = {0};
	struct claiming c = {.x = x, .opts = opts ? opts : &any};
	int r = exp_lock(x, &lock, err);

	if (r == 0)
		r = find_candidates(&c, &candidates, err);
	for (size_t i = 0; i < candidates.count && r == 0; i++)
		r = try_one(&c, candidates.items[i].id, out, held, err);
	vec_release(&candidates);
	bool waits = c.waits;

	claiming_release(&c);
	return r == 0 && waits ? QUEUE_WAITS : r;
}

int queue_waiting(struct exp *x, const struct map *known, struct exp_tasks *out, struct err *err)
{
	static const struct queue_claim_opts any = {0};
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	struct candidates candidates = {0};
	struct claiming c = {.x = x, .opts = &any, .known = known};
	int r = exp_lock(x, &lock, err);

	if (r == 0)
		r = find_candidates(&c, &candidates, err);
	for (size_t i = 0; i < candidates.count && r == 0; i++) {
		const struct scm_id *id = candidates.items[i].id;
		AUTO(exp_task_release) struct exp_task t = {0};
		AUTO(journal_release) struct journal j = {0};
		const struct left_job *job = sent_find(&c.sent, id);

		journal_init(&j, x, EXP_IN_QUEUE, id->hex);
		bool taken = (job && sent_is_open(job)) || journal_is_held(&j) ||
			     journal_is_done(&j) || journal_is_lost(&j);
		if (!taken && exp_task_load(x, id, &t, NULL) == 0)
			*vec_push(out) = TAKE(t);
	}
	vec_release(&candidates);
	claiming_release(&c);
	return r;
}
