/* What a worker of the queue does next, and what one that died leaves to the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../exp_sandbox.h"
#include "base/ctx.h"

static const char *const names[] = {"a", "b", "c"};
enum { COUNT = 3 };

/* A queue of three tasks. */
struct fixture {
	struct sandbox box;
	struct exp x;
	struct exp_task tasks[COUNT];
};

static void fixture_open(struct fixture *f)
{
	f->x = EXP_INIT;
	exp_sandbox_open(&f->box, &f->x);
	exp_sandbox_push(&f->x, f->tasks, names, COUNT);
}

static void fixture_release(struct fixture *f)
{
	for (size_t i = 0; i < COUNT; i++)
		exp_task_release(&f->tasks[i]);
	exp_release(&f->x);
	sandbox_release(&f->box);
}

static void assert_queue(struct fixture *f, const char *expected)
{
	AUTO(buf_release) struct buf got = BUF_INIT;
	exp_sandbox_add_queue(&f->x, &got);
	assert_string_equal(buf_str(&got), expected);
}

/* Take a task, which must be `expected` (NULL: there is none). */
static void assert_claims(struct fixture *f, struct holdfile *held, const char *expected)
{
	AUTO(exp_task_release) struct exp_task task = {0};
	AUTO(err_release) struct err err = ERR_INIT;
	int r = queue_claim(&f->x, NULL, &task, held, &err);
	if (r < 0)
		fail_msg("%s", err_text(&err));
	assert_int_equal(r, expected != NULL);
	if (expected)
		assert_string_equal(task.name, expected);
}

static void each_task_is_taken_once(void **state)
{
	AUTO(fixture_release) struct fixture f;
	struct holdfile held[COUNT + 1] = {0};
	(void)state;
	fixture_open(&f);
	for (size_t i = 0; i < COUNT; i++) /* the oldest first */
		assert_claims(&f, &held[i], names[i]);
	assert_queue(&f, "Running a; Running b; Running c");
	assert_claims(&f, &held[COUNT], NULL);

	/* one worker dies: its task waits, and is the next one */
	holdfile_release(&held[1]);
	assert_queue(&f, "Running a; Running c; Queued b");
	assert_claims(&f, &held[1], "b");
	for (size_t i = 0; i < COUNT; i++)
		holdfile_release(&held[i]);
}

static void what_a_dead_worker_leaves(void **state)
{
	static const struct {
		const char *shows;
		enum exp_status status; /* of task a */
		const char *ref;        /* its experiment */
		const char *next, *queue;
	} cases[] = {
		{"died before it began", EXP_PENDING, NULL, "a", "Running a; Queued b; Queued c"},
		{"died while it ran", EXP_RUNNING, NULL, "a", "Running a; Queued b; Queued c"},
		{"died after a failure: not again", EXP_FAILED, NULL, "b",
			"Running b; Queued c; Failed a"},
		{"made its experiment: not again", EXP_SUCCESS, "refs/exps/aa/a", "b",
			"Running b; Queued c; Success a"},
		{"said so, too", EXP_FINISHED, "refs/exps/aa/a", "b",
			"Running b; Queued c; Success a"},
		{"said so, but there is none", EXP_SUCCESS, NULL, "a",
			"Running a; Queued b; Queued c"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(fixture_release) struct fixture f;
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(exp_task_release) struct exp_task task = {0};
		struct holdfile held = HOLDFILE_INIT;
		fixture_open(&f);
		exp_sandbox_note(&f.x, &f.tasks[0], cases[i].status, cases[i].ref);
		assert_int_equal(queue_claim(&f.x, NULL, &task, &held, NULL), 1);
		exp_sandbox_add_queue(&f.x, &got);
		if (strcmp(task.name, cases[i].next) != 0 ||
			strcmp(buf_str(&got), cases[i].queue) != 0)
			fail_msg(
				"%s: '%s' is next, '%s'", cases[i].shows, task.name, buf_str(&got));
		holdfile_release(&held);
	}
}

/* ---- the user's decisions ---- */

static void by_priority_and_not_what_is_held(void **state)
{
	static const struct {
		const char *shows;
		int priorities[COUNT];
		bool held[COUNT];
		const char *order[COUNT];
	} cases[] = {
		{"by age", {0, 0, 0}, {0}, {"a", "b", "c"}},
		{"higher ones first", {1, 3, 2}, {0}, {"b", "c", "a"}},
		{"of equal ones the oldest", {-1, 5, 5}, {0}, {"b", "c", "a"}},
		{"held back", {0, 0, 0}, {true, false, true}, {"b"}},
		{"held back, whatever its priority", {9, 0, 1}, {true, false, false}, {"c", "b"}},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(fixture_release) struct fixture f;
		struct holdfile held[COUNT] = {0};
		fixture_open(&f);
		for (size_t n = 0; n < COUNT; n++)
			assert_int_equal(queue_steer(&f.x, &f.tasks[n].stash, 1,
						 &(struct queue_steer){&cases[i].held[n],
							 &cases[i].priorities[n]},
						 NULL),
				0);
		for (size_t n = 0; n < COUNT; n++)
			assert_claims(&f, &held[n], cases[i].order[n]);
		for (size_t n = 0; n < COUNT; n++)
			holdfile_release(&held[n]);
	}
}

static void a_change_of_several_is_all_or_nothing(void **state)
{
	AUTO(fixture_release) struct fixture f;
	struct holdfile first = HOLDFILE_INIT;
	const bool yes = true;
	(void)state;
	fixture_open(&f);
	const struct scm_id ids[] = {f.tasks[0].stash, f.x.head}; /* the second is no task */
	assert_int_equal(queue_steer(&f.x, ids, 2, &(struct queue_steer){.held = &yes}, NULL),
		ERR_NOT_FOUND);
	assert_claims(&f, &first, "a");
	holdfile_release(&first);
}

static void a_task_waits_for_what_others_use(void **state)
{
	static char gpu_1[] = "gpu=1", gpu_2[] = "gpu=2";
	char *one[] = {gpu_1}, *two[] = {gpu_2};
	AUTO(fixture_release) struct fixture f;
	struct holdfile held[COUNT] = {0};
	struct exp_task more[2] = {0}, taken[3] = {0};
	AUTO(scm_stash_release) struct scm_stash stash = {0};
	const struct strlist machine = {.items = two, .count = 1};
	const struct queue_claim_opts how = {.resources = &machine};
	(void)state;
	fixture_open(&f);
	for (size_t i = 0; i < COUNT; i++)
		assert_claims(&f, &held[i], names[i]); /* they need nothing */
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		more[i].name = mem_strdup(i ? "two" : "one");
		strlist_add(&more[i].needs, i ? two[0] : one[0]);
		exp_sandbox_store(&f.x, &more[i]);
		queue_collect(&stash, &more[i]);
	}
	assert_int_equal(queue_push(&f.x, &stash, NULL), 0);

	struct holdfile a = HOLDFILE_INIT, b = HOLDFILE_INIT;
	assert_int_equal(queue_claim(&f.x, &how, &taken[0], &a, NULL), 1);
	assert_string_equal(taken[0].gpus, "0");
	assert_int_equal(queue_claim(&f.x, &how, &taken[1], &b, NULL), QUEUE_WAITS);
	assert_int_equal(queue_retire(&f.x, &taken[0], true, NULL), 0);
	holdfile_release(&a);
	assert_int_equal(queue_claim(&f.x, &how, &taken[2], &b, NULL), 1);
	assert_string_equal(taken[2].gpus, "0,1");
	holdfile_release(&b);
	for (size_t i = 0; i < COUNT; i++)
		holdfile_release(&held[i]);
	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		exp_task_release(&more[i]);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		exp_task_release(&taken[i]);
}

static void a_commit_by_hand_is_nobodys_task(void **state)
{
	AUTO(fixture_release) struct fixture f;
	AUTO(scm_stash_release) struct scm_stash left = {0};
	struct holdfile held[COUNT + 1] = {0};
	(void)state;
	fixture_open(&f);
	assert_int_equal(scm_stash_push(f.x.scm, EXPREF_QUEUE, &f.x.head, "by hand", NULL), 0);
	for (size_t i = 0; i < COUNT; i++)
		assert_claims(&f, &held[i], names[i]);
	assert_claims(&f, &held[COUNT], NULL);
	assert_int_equal(scm_stash_load(f.x.scm, EXPREF_QUEUE, &left, NULL), 0);
	assert_int_equal(left.count, COUNT + 1);
	for (size_t i = 0; i < COUNT; i++)
		holdfile_release(&held[i]);
}

static void what_has_ended_leaves_the_queue(void **state)
{
	AUTO(fixture_release) struct fixture f;
	struct holdfile held = HOLDFILE_INIT;
	(void)state;
	fixture_open(&f);
	exp_sandbox_note(&f.x, &f.tasks[0], EXP_SUCCESS, "refs/exps/aa/a");
	assert_int_equal(queue_retire(&f.x, &f.tasks[0], false, NULL), 0);
	assert_int_equal(queue_retire(&f.x, &f.tasks[1], true, NULL), 0);
	assert_queue(&f, "Queued c; Failed b; Success a");
	assert_claims(&f, &held, "c"); /* a failed one is not tried again */
	holdfile_release(&held);
}

/* ---- their places ---- */

static int must_not_run(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	_exit(99); /* in a forked child */
}

static const struct ctx runs_nothing = {.self = {.main = must_not_run}};

static void places_are_counted_and_asked_to_stop(void **state)
{
	AUTO(fixture_release) struct fixture f;
	struct holdfile first = HOLDFILE_INIT, second = HOLDFILE_INIT;
	(void)state;
	fixture_open(&f);
	f.box.repo.ctx = &runs_nothing;
	AUTO(mem_freep) char *one = path_join(f.x.dir, "worker-1.lock");
	AUTO(mem_freep) char *two = path_join(f.x.dir, "worker-2.lock");
	AUTO(mem_freep) char *stop = path_join(f.x.dir, "stop");
	assert_int_equal(file_mkdirs(f.x.dir, NULL), 0);
	assert_int_equal(queue_workers(&f.x), 0);
	assert_int_equal(queue_stop_workers(&f.x, NULL), 0);
	assert_false(file_exists(stop)); /* nobody would take it away */

	assert_int_equal(holdfile_take(&first, one, NULL), 0);
	assert_int_equal(holdfile_take(&second, two, NULL), 0);
	assert_int_equal(queue_workers(&f.x), 2);
	holdfile_release(&first); /* it dies; the file stays */
	assert_int_equal(queue_workers(&f.x), 1);

	/* a place that is taken: the second worker ends at once */
	assert_int_equal(
		queue_work(&f.x, 2, &(struct queue_workers_opts){.count = 1}, NULL, NULL), 0);
	assert_int_equal(queue_stop_workers(&f.x, NULL), 0);
	assert_true(file_exists(stop));

	/* asked to stop: no task is begun */
	assert_int_equal(
		queue_work(&f.x, 1, &(struct queue_workers_opts){.count = 1}, NULL, NULL), 0);
	assert_queue(&f, "Queued a; Queued b; Queued c");
	holdfile_release(&second);
}

static void only_what_runs_is_killed(void **state)
{
	AUTO(fixture_release) struct fixture f;
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	(void)state;
	fixture_open(&f);
	exp_sandbox_note(&f.x, &f.tasks[0], EXP_RUNNING, NULL); /* its worker is dead */
	assert_int_equal(queue_load(&f.x, &entries, NULL), 0);
	assert_int_equal(queue_kill(&f.x, &entries.items[0], false, NULL), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_task_is_taken_once),
		cmocka_unit_test(what_a_dead_worker_leaves),
		cmocka_unit_test(by_priority_and_not_what_is_held),
		cmocka_unit_test(a_change_of_several_is_all_or_nothing),
		cmocka_unit_test(a_task_waits_for_what_others_use),
		cmocka_unit_test(a_commit_by_hand_is_nobodys_task),
		cmocka_unit_test(what_has_ended_leaves_the_queue),
		cmocka_unit_test(places_are_counted_and_asked_to_stop),
		cmocka_unit_test(only_what_runs_is_killed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
