/* The list of tasks, combined from the stashes in Git and the journals. The workers are in
 * worker.c. */
#include "exp/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "exec/executor.h"
#include "exp/broker.h"
#include "exp/steer.h"
#include "scm/ref.h"

const char *queue_state_name(enum queue_state state)
{
	static const char *const names[] = {"Running", "Queued", "Failed", "Success"};

	return names[state];
}

void queue_entries_release(struct queue_entries *entries)
{
	VEC_EACH (entries, e) {
		free(e->name);
		free(e->result_ref);
		sent_place_release(&e->place);
	}
	vec_release(entries);
}

/* The caller releases it. */
static struct journal journal_of(const struct exp *x, const struct scm_id *stash)
{
	struct journal j;

	journal_init(&j, x, EXP_IN_QUEUE, stash->hex);
	return j;
}

/* Add an entry for a commit. Stashes that are no tasks (made by hand) are skipped. */
static void add_entry(struct exp *x, const struct scm_id *stash, enum queue_state state,
	const char *result_ref, struct queue_entries *out)
{
	AUTO(exp_task_release) struct exp_task task = {0};
	AUTO(scm_commit_release) struct scm_commit commit = {0};

	if (exp_task_load(x, stash, &task, NULL) < 0 ||
		scm_commit_load(x->scm, stash, &commit, NULL) < 0)
		return;
	*vec_push(out) = (struct queue_entry){
		.stash = *stash,
		.baseline = task.baseline,
		.name = TAKE(task.name),
		.created_s = commit.time_s,
		.state = state,
		.result_ref = result_ref ? mem_strdup(result_ref) : NULL,
		.retries = task.retries,
		.max_time_s = task.max_time_s,
	};
}

/* Successful tasks have left the stash; only their journals are left. */
static int add_successes(struct exp *x, struct queue_entries *out, struct err *err)
{
	AUTO(mem_freep) char *dir = path_join(x->dir, "run");
	AUTO(strlist_release) struct strlist ids = STRLIST_INIT;
	int r = file_is_dir(dir) ? file_list(dir, &ids, err) : 0;

	for (size_t i = 0; i < ids.count && r >= 0; i++) {
		AUTO(mem_freep) char *ref = NULL;
		struct scm_id id;

		if (!scm_is_full_id(ids.items[i]))
			continue;
		memcpy(id.hex, ids.items[i], sizeof(id.hex));
		AUTO(journal_release) struct journal j = journal_of(x, &id);
		enum exp_status status = journal_status(&j, &ref);

		if ((status == EXP_SUCCESS || status == EXP_FINISHED) && ref &&
			!journal_is_held(&j))
			add_entry(x, &id, QUEUE_SUCCESS, ref, out);
	}

	return r;
}

/* Failed tasks. If a worker has died while it moved one, it is in both stashes, and listed already.
 */
static void add_failed(struct exp *x, const struct scm_stash *failed, struct queue_entries *out)
{
	for (size_t i = failed->count; i > 0; i--) {
		const struct scm_id *id = &failed->items[i - 1].id;
		bool listed = false;

		VEC_EACH (out, e)
			listed = listed || scm_id_equal(&e->stash, id);
		if (!listed)
			add_entry(x, id, QUEUE_FAILED, NULL, out);
	}
}

struct of_dvc {
	struct exp *x;
	struct queue_entries *out;
};

/*
 * A task that a worker of DVC has taken, and removed from the stash. If the worker has died, DVC
 * shows it as running for ever; here it has failed, as nobody will run it.
 */
static void add_of_dvc(void *ctx, const struct scm_id *id)
{
	struct of_dvc *c = ctx;
	AUTO(journal_release) struct journal j = journal_of(c->x, id);

	VEC_EACH (c->out, e)
		if (scm_id_equal(&e->stash, id))
			return;
	if (journal_is_done(&j)) /* its worker has not noted the end yet */
		return;
	bool runs = journal_dvc_process(&j) > 0 || broker_dvc_works(c->x);

	add_entry(c->x, id, runs ? QUEUE_RUNNING : QUEUE_FAILED, NULL, c->out);
}

static char *copy_text(const char *text)
{
	return text ? mem_strdup(text) : NULL;
}

/* Where each task is or was. What runs elsewhere may hold a lock that this machine does not see. */
static void add_places(struct exp *x, struct queue_entries *out)
{
	AUTO(sent_release) struct sent sent = {0};

	sent_load(x, &sent);
	VEC_EACH (out, e) {
		AUTO(journal_release) struct journal j = journal_of(x, &e->stash);
		const struct left_job *job = sent_find(&sent, &e->stash);

		if (!job || !sent_is_open(job)) {
			sent_place_read(&j, &e->place);
			/* nobody has looked at its end yet */
			if (job && !e->place.node)
				e->place.node = copy_text(job->node);
			continue;
		}
		e->place = (struct sent_place){.executor = mem_strdup(job->executor),
			.job_id = copy_text(job->job_id),
			.node = copy_text(job->node)};
		if (e->state == QUEUE_QUEUED && job->state == LEFT_RUNS)
			e->state = QUEUE_RUNNING;
	}
}

/* Add the user's decisions about what is queued and runs. */
static void add_steering(struct exp *x, struct queue_entries *out)
{
	AUTO(steering_release) struct steering steering = {0};

	steering_load(x, &steering);
	for (size_t i = 0; i < out->count && steering.items.count; i++) {
		struct queue_entry *e = &out->items[i];
		struct steer s = steering_get(&steering, &e->stash);

		if (e->state > QUEUE_QUEUED)
			continue;
		e->held = s.held && e->state == QUEUE_QUEUED;
		e->priority = s.priority;
		e->attempts = s.attempts;
	}
}

/* By state, waiting ones in the order in which workers take them, successful ones by age. */
static bool is_after(const struct queue_entry *a, const struct queue_entry *b)
{
	if (a->state == QUEUE_SUCCESS && b->state == QUEUE_SUCCESS)
		return a->created_s > b->created_s;
	if (a->state != b->state || a->state != QUEUE_QUEUED)
		return a->state > b->state;
	return a->held != b->held ? a->held : a->priority < b->priority;
}

int queue_load(struct exp *x, struct queue_entries *out, struct err *err)
{
	AUTO(scm_stash_release) struct scm_stash queued = {0};
	AUTO(scm_stash_release) struct scm_stash failed = {0};
	int r = scm_stash_load(x->scm, EXPREF_QUEUE, &queued, err);

	if (r == 0)
		r = scm_stash_load(x->scm, EXPREF_FAILED, &failed, err);
	if (r < 0)
		return r;

	/* a stash has the newest entry first */
	for (int pass = QUEUE_RUNNING; pass <= QUEUE_QUEUED; pass++) {
		for (size_t i = queued.count; i > 0; i--) {
			const struct scm_id *id = &queued.items[i - 1].id;
			AUTO(journal_release) struct journal j = journal_of(x, id);

			bool held = journal_is_held(&j);

			/* a task that has ended is still in the stash if its worker died just
			 * before it removed it */
			if (held == (pass == QUEUE_RUNNING) && (held || !journal_is_done(&j)))
				add_entry(x, id,
					held                  ? QUEUE_RUNNING
					: journal_is_lost(&j) ? QUEUE_FAILED
							      : QUEUE_QUEUED,
					NULL, out);
		}
	}

	add_failed(x, &failed, out);
	add_steering(x, out);
	broker_each_taken(x, add_of_dvc, &(struct of_dvc){x, out});
	r = add_successes(x, out, err);
	add_places(x, out);

	if (r == 0 && out->count > 1) {
		/* A task may have changed its state between the two passes: restore the order of
		 * states. Insertion keeps the order within a state, and few are out of place. */
		for (size_t i = 1; i < out->count; i++) {
			struct queue_entry moved = out->items[i];
			size_t to = i;

			for (; to > 0 && is_after(&out->items[to - 1], &moved); to--)
				out->items[to] = out->items[to - 1];
			out->items[to] = moved;
		}
	}

	return r;
}

const struct queue_entry *queue_find(
	const struct queue_entries *entries, const char *name, unsigned states)
{
	VEC_EACH (entries, e) {
		if ((states & 1u << e->state) && strcmp(e->name, name) == 0)
			return e;
	}
	VEC_EACH (entries, e) {
		if ((states & 1u << e->state) && strlen(name) >= 4 &&
			str_starts(e->stash.hex, name))
			return e;
	}
	return NULL;
}

void queue_collect(struct scm_stash *out, const struct exp_task *t)
{
	AUTO(mem_freep) char *subject = exp_task_subject(t);

	*vec_push(out) = (struct scm_stash_entry){t->stash, mem_printf("commit: %s", subject)};
}

int queue_push(struct exp *x, const struct scm_stash *tasks, struct err *err)
{
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	int r = exp_lock(x, &lock, err);

	VEC_EACH (tasks, t) {
		AUTO(journal_release) struct journal j = journal_of(x, &t->id);

		/* The same task, queued twice within a second, is the same commit. Remove the
		 * journal of the first, so that its result is not shown for the second. */
		if (r < 0 || !file_exists(j.dir) || journal_is_held(&j))
			continue;
		broker_remove(x, &t->id);
		r = file_remove(j.dir, err);
	}
	if (r == 0)
		r = scm_stash_push_all(x->scm, EXPREF_QUEUE, tasks, err);
	VEC_EACH (tasks, t) {
		AUTO(exp_task_release) struct exp_task task = {0};

		if (r == 0 && exp_task_load(x, &t->id, &task, NULL) == 0)
			broker_put(x, &task);
	}
	return r;
}

int queue_take_back(struct exp *x, const struct queue_entry *e, struct err *err)
{
	AUTO(sent_release) struct sent sent = {0};
	struct executor *executor = NULL;

	if (!e->place.executor)
		return 0;
	sent_load(x, &sent);
	const struct left_job *job = sent_find(&sent, &e->stash);

	if (!job || !sent_is_open(job))
		return 0;
	int r = executor_open(x->repo, job->executor, &executor, err);

	if (r == 0 && executor->ops->cancel)
		r = executor->ops->cancel(executor, job, 1, err);
	executor_close(executor);
	return r < 0 ? r : 1;
}

int queue_remove(struct exp *x, const struct queue_entry *e, struct err *err)
{
	AUTO(journal_release) struct journal j = journal_of(x, &e->stash);
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	int r = exp_lock(x, &lock, err);

	/* the directory is removed below: no symbolic link may lead out of the repository */
	if (r == 0)
		r = file_check_below(j.dir, x->repo->root, err);
	if (r == 0 && (journal_is_held(&j) || e->state == QUEUE_RUNNING))
		return err_set(err, ERR_LOCKED, "experiment '%s' is running", e->name);
	if (r == 0)
		r = MIN(queue_take_back(x, e, err), 0);

	if (r == 0) {
		AUTO(err_release) struct err why = ERR_INIT;

		r = scm_stash_drop(x->scm, EXPREF_QUEUE, &e->stash, &why);
		if (r == ERR_NOT_FOUND && e->state == QUEUE_SUCCESS)
			r = 0; /* a successful task has left the stash already */
		/* one whose worker has died while it moved it is in both */
		if ((r == 0 || r == ERR_NOT_FOUND) && e->state == QUEUE_FAILED) {
			int left = r;

			err_release(&why);
			r = scm_stash_drop(x->scm, EXPREF_FAILED, &e->stash, &why);
			/* one whose worker, of DVC, has died is in neither */
			if (r == ERR_NOT_FOUND && (left == 0 || file_exists(j.dir))) {
				err_release(&why);
				r = 0;
			}
		}
		if (r < 0)
			return err_move(err, &why);
	}

	if (r < 0)
		return r;
	broker_remove(x, &e->stash);
	return file_remove(j.dir, err);
}

static int steer_one(struct steering *all, const struct scm_stash *queued,
	const struct scm_id *task, const struct queue_steer *change, struct err *err)
{
	bool found = false;

	VEC_EACH (queued, e)
		found = found || scm_id_equal(&e->id, task);
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "'%.7s' is no longer in the queue", task->hex);
	struct steer *s = steering_at(all, task);

	if (change->held)
		s->held = *change->held;
	if (change->priority)
		s->priority = *change->priority;
	return 0;
}

int queue_steer(struct exp *x, const struct scm_id *tasks, size_t count,
	const struct queue_steer *change, struct err *err)
{
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	AUTO(scm_stash_release) struct scm_stash queued = {0};
	AUTO(steering_release) struct steering all = {0};
	int r = exp_lock(x, &lock, err);

	if (r == 0)
		r = scm_stash_load(x->scm, EXPREF_QUEUE, &queued, err);
	steering_load(x, &all);
	for (size_t i = 0; i < count && r == 0; i++)
		r = steer_one(&all, &queued, &tasks[i], change, err);
	return r < 0 ? r : steering_save(x, &all, &queued, err);
}
