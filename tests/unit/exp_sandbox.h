/* A repository with Git, its experiments, and tasks in their queue. */
#ifndef TESTS_UNIT_EXP_SANDBOX_H
#define TESTS_UNIT_EXP_SANDBOX_H

#include "exp/queue.h"
#include "git_sandbox.h"

static inline void exp_sandbox_open(struct sandbox *box, struct exp *x)
{
	AUTO(err_release) struct err err = ERR_INIT;
	git_sandbox_open(box);
	if (exp_open(x, &box->repo, &err) < 0) {
		fprintf(stderr, "%s\n", err_text(&err));
		abort();
	}
}

/* Store a task that is filled in but for its commits. */
static inline void exp_sandbox_store(struct exp *x, struct exp_task *t)
{
	struct exp_base base;
	AUTO(err_release) struct err err = ERR_INIT;
	t->head = t->baseline = x->head;
	if (exp_base_take(x, &base, &err) < 0 || exp_task_store(x, t, &base, NULL, 0, &err) < 0) {
		fprintf(stderr, "%s\n", err_text(&err));
		abort();
	}
}

/* Put new tasks into the queue, the first one first. The caller releases each. */
static inline void exp_sandbox_push(
	struct exp *x, struct exp_task *tasks, const char *const *names, size_t count)
{
	AUTO(scm_stash_release) struct scm_stash stash = {0};
	for (size_t i = 0; i < count; i++) {
		tasks[i] = (struct exp_task){.name = mem_strdup(names[i])};
		exp_sandbox_store(x, &tasks[i]);
		queue_collect(&stash, &tasks[i]);
	}
	if (queue_push(x, &stash, NULL) < 0)
		abort();
}

/* "Queued a; Failed b" */
static inline void exp_sandbox_add_queue(struct exp *x, struct buf *out)
{
	struct queue_entries entries = {0};
	if (queue_load(x, &entries, NULL) < 0)
		abort();
	VEC_EACH (&entries, e)
		buf_addf(out, "%s%s %s", out->len ? "; " : "", queue_state_name(e->state), e->name);
	queue_entries_release(&entries);
}

/* Note in a task's journal how far it is. */
static inline void exp_sandbox_note(
	struct exp *x, const struct exp_task *t, enum exp_status status, const char *ref)
{
	AUTO(journal_release) struct journal j;
	journal_init(&j, x, EXP_IN_QUEUE, t->stash.hex);
	if (journal_set(&j, x, t, EXP_IN_QUEUE, "/tree", status, NULL, ref, NULL) < 0)
		abort();
}

#endif
