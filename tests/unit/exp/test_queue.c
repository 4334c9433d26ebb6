/* The queue of experiments: the state of a task, and the operations that it allows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../exp_sandbox.h"

/* ---- finding one ---- */

static void finds_by_name_or_id(void **state)
{
	static struct queue_entry all[] = {
		{.stash = {"aaaa111111111111111111111111111111111111"}, .state = QUEUE_QUEUED},
		{.stash = {"bbbb111111111111111111111111111111111111"}, .state = QUEUE_FAILED},
		{.stash = {"aaaa222222222222222222222222222222222222"}, .state = QUEUE_SUCCESS},
		{.stash = {"cccc111111111111111111111111111111111111"}, .state = QUEUE_QUEUED},
	};
	static char names[][8] = {"one", "two", "one", "aaaa2"};
	enum { ANY = 15, QUEUED = 1 << QUEUE_QUEUED, SUCCESS = 1 << QUEUE_SUCCESS, NONE = 0 };
	static const struct {
		const char *shows, *name;
		unsigned states;
		int expected; /* the index of the task, or -1 */
	} cases[] = {
		{"by name", "two", ANY, 1},
		{"the first of a name", "one", ANY, 0},
		{"only among some states", "one", SUCCESS, 2},
		{"not in the state", "two", QUEUED, -1},
		{"by its whole id", "bbbb111111111111111111111111111111111111", ANY, 1},
		{"by a short id", "bbbb", ANY, 1},
		{"too short for an id", "bbb", ANY, -1},
		{"a name comes before an id", "aaaa2", ANY, 3},
		{"an id that several have: the first", "aaaa", ANY, 0},
		{"no state at all", "one", NONE, -1},
		{"no such name", "three", ANY, -1},
		{"nothing", "", ANY, -1},
	};
	const struct queue_entries entries = {all, ARRAY_SIZE(all), ARRAY_SIZE(all)};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		all[i].name = names[i];
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct queue_entry *e = queue_find(&entries, cases[i].name, cases[i].states);
		if ((e ? e - all : -1) != cases[i].expected)
			fail_msg("%s: '%s'", cases[i].shows, e ? e->name : "none");
	}
}

/* ---- a queue in Git ---- */

static void assert_queue(struct exp *x, const char *expected)
{
	AUTO(buf_release) struct buf got = BUF_INIT;
	exp_sandbox_add_queue(x, &got);
	assert_string_equal(buf_str(&got), expected);
}

static int remove_named(struct exp *x, const char *name)
{
	struct queue_entries entries = {0};
	assert_int_equal(queue_load(x, &entries, NULL), 0);
	const struct queue_entry *e = queue_find(&entries, name, 15);
	assert_non_null(e);
	int r = queue_remove(x, e, NULL);
	queue_entries_release(&entries);
	return r;
}

static void a_task_goes_through_its_states(void **state)
{
	static const char *const names[] = {"a", "b", "c"};
	AUTO(sandbox_release) struct sandbox box;
	AUTO(exp_release) struct exp x = EXP_INIT;
	struct exp_task tasks[3];
	struct holdfile worker = HOLDFILE_INIT;
	(void)state;
	exp_sandbox_open(&box, &x);
	assert_queue(&x, "");
	exp_sandbox_push(&x, tasks, names, ARRAY_SIZE(tasks));
	assert_queue(&x, "Queued a; Queued b; Queued c"); /* the oldest first */

	/* a worker holds b: it is running, and cannot be removed */
	AUTO(journal_release) struct journal b;
	journal_init(&b, &x, EXP_IN_QUEUE, tasks[1].stash.hex);
	exp_sandbox_note(&x, &tasks[1], EXP_RUNNING, NULL);
	assert_int_equal(holdfile_take(&worker, b.held, NULL), 0);
	assert_queue(&x, "Running b; Queued a; Queued c");
	assert_int_equal(remove_named(&x, "b"), ERR_LOCKED);

	/* the worker dies: b waits again, whatever its journal contains */
	holdfile_release(&worker);
	assert_queue(&x, "Queued a; Queued b; Queued c");

	/* the task was done, and its worker died before it removed b from the queue */
	exp_sandbox_note(&x, &tasks[1], EXP_SUCCESS, "refs/exps/aa/b");
	assert_queue(&x, "Queued a; Queued c; Success b");

	/* without an experiment the task is not done */
	exp_sandbox_note(&x, &tasks[1], EXP_SUCCESS, NULL);
	assert_queue(&x, "Queued a; Queued b; Queued c");

	/* c failed */
	AUTO(mem_freep) char *log = exp_task_subject(&tasks[2]);
	assert_int_equal(scm_stash_push(x.scm, EXPREF_FAILED, &tasks[2].stash, log, NULL), 0);
	assert_int_equal(scm_stash_drop(x.scm, EXPREF_QUEUE, &tasks[2].stash, NULL), 0);
	assert_queue(&x, "Queued a; Queued b; Failed c");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(remove_named(&x, names[i]), 0);
	assert_queue(&x, "");
	assert_false(file_exists(b.dir));
	for (size_t i = 0; i < ARRAY_SIZE(tasks); i++)
		exp_task_release(&tasks[i]);
}

static void a_success_is_removed_with_its_journal(void **state)
{
	static const char *const names[] = {"a"};
	AUTO(sandbox_release) struct sandbox box;
	AUTO(exp_release) struct exp x = EXP_INIT;
	struct exp_task task;
	(void)state;
	exp_sandbox_open(&box, &x);
	exp_sandbox_push(&x, &task, names, 1);
	exp_sandbox_note(&x, &task, EXP_FINISHED, "refs/exps/aa/a");
	assert_int_equal(scm_stash_drop(x.scm, EXPREF_QUEUE, &task.stash, NULL), 0);
	assert_queue(&x, "Success a");
	assert_int_equal(remove_named(&x, "a"), 0);
	assert_queue(&x, "");
	exp_task_release(&task);
}

static void commits_that_are_no_tasks_are_passed_over(void **state)
{
	static const char *const names[] = {"a"};
	AUTO(sandbox_release) struct sandbox box;
	AUTO(exp_release) struct exp x = EXP_INIT;
	struct exp_task task;
	(void)state;
	exp_sandbox_open(&box, &x);
	exp_sandbox_push(&x, &task, names, 1);
	assert_int_equal(scm_stash_push(x.scm, EXPREF_QUEUE, &x.head, "by hand", NULL), 0);
	assert_queue(&x, "Queued a");
	exp_task_release(&task);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_by_name_or_id),
		cmocka_unit_test(a_task_goes_through_its_states),
		cmocka_unit_test(a_success_is_removed_with_its_journal),
		cmocka_unit_test(commits_that_are_no_tasks_are_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
