/* The contents of a task's journal, also when its files are damaged or came with a clone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../sandbox.h"
#include "base/holdfile.h"
#include "base/procid.h"
#include "exp/journal.h"

#define ID "1111111111111111111111111111111111111111"

/* A journal without a repository: only its files are read. */
static struct journal journal_in(const struct tmpdir *t)
{
	struct journal j;
	const struct exp x = {.dir = t->path};
	journal_init(&j, &x, EXP_IN_QUEUE, ID);
	return j;
}

static void files_are_where_dvc_has_them(void **state)
{
	struct journal j;
	const struct exp x = {.dir = (char *)"/r/.dvc/tmp/exps"};
	(void)state;
	journal_init(&j, &x, EXP_IN_QUEUE, "abc");
	assert_string_equal(j.info, "/r/.dvc/tmp/exps/run/abc/abc.run");
	journal_release(&j);
	journal_init(&j, &x, EXP_IN_TEMP, "abc");
	assert_string_equal(j.info, "/r/.dvc/tmp/exps/standalone/run/abc/abc.run");
	journal_release(&j);
}

static void states(void **state)
{
	static const struct {
		const char *shows, *text;
		enum exp_status status;
		bool done;
	} cases[] = {
		{"no file", NULL, EXP_PENDING, false},
		{"empty", "", EXP_PENDING, false},
		{"half written", "{\"status\": 2", EXP_PENDING, false},
		{"no map", "[2]", EXP_PENDING, false},
		{"running", "{\"status\": 2}", EXP_RUNNING, false},
		{"done", "{\"status\": 3, \"result_ref\": \"refs/exps/a\"}", EXP_SUCCESS, true},
		{"finished", "{\"status\": 6, \"result_ref\": \"refs/exps/a\"}", EXP_FINISHED,
			true},
		{"done without a result", "{\"status\": 3, \"result_ref\": null}", EXP_SUCCESS,
			false},
		{"failed, with a result", "{\"status\": 4, \"result_ref\": \"r\"}", EXP_FAILED,
			false},
		{"a state that DVC does not have", "{\"status\": 7, \"result_ref\": \"r\"}",
			EXP_PENDING, false},
		{"a negative one", "{\"status\": -1}", EXP_PENDING, false},
		{"a number beyond all", "{\"status\": 99999999999999999999}", EXP_PENDING, false},
		{"text", "{\"status\": \"2\"}", EXP_PENDING, false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
		AUTO(journal_release) struct journal j = journal_in(&t);
		if (cases[i].text)
			tmpdir_write(&t, "run/" ID "/" ID ".run", cases[i].text);
		if (journal_status(&j, NULL) != cases[i].status ||
			journal_is_done(&j) != cases[i].done)
			fail_msg("%s: %d", cases[i].shows, journal_status(&j, NULL));
	}
}

/* The only process that is signalled: the noted one, if it leads its process group. */
static void a_process_must_be_the_one_noted(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(journal_release) struct journal j = journal_in(&t);
	AUTO(buf_release) struct buf who = BUF_INIT;
	(void)state;
	assert_int_equal(journal_process(&j), 0);
	assert_true(setpgid(0, 0) == 0 || getpgrp() == getpid());
	assert_int_equal(journal_set_process(&j, getpid(), JOURNAL_RUNS, NULL), 0);
	assert_int_equal(journal_process(&j), getpid());
	assert_int_equal(journal_former_process(&j), getpid());
	tmpdir_write(&t, "run/" ID "/" ID ".process", "1 1 1\n");
	assert_int_equal(journal_process(&j), 0);
	AUTO(mem_freep) char *number = mem_printf("%ld\n", (long)getpid());
	tmpdir_write(&t, "run/" ID "/" ID ".process", number);
	assert_int_equal(journal_process(&j), 0);
	/* a process that does not lead a group */
	assert_true(procid_format(getppid(), &who));
	if (getpgid(getppid()) != getppid()) {
		tmpdir_write(&t, "run/" ID "/" ID ".process", buf_str(&who));
		assert_int_equal(journal_process(&j), 0);
	}
}

static void a_former_process_stays_noted(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(journal_release) struct journal j = journal_in(&t);
	(void)state;
	assert_int_equal(journal_former_process(&j), 0);
	assert_int_equal(journal_set_process(&j, 1234567, 3, NULL), 0);
	assert_int_equal(journal_former_process(&j), 1234567);
	assert_int_equal(journal_process(&j), 0); /* it has ended */
	tmpdir_write(&t, "run/" ID "/" ID ".json", "{\"pid\": \"x\"}");
	assert_int_equal(journal_former_process(&j), 0);
}

static void held_as_long_as_a_worker_holds_it(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(journal_release) struct journal j = journal_in(&t);
	struct holdfile worker = HOLDFILE_INIT;
	(void)state;
	assert_false(journal_is_held(&j));
	tmpdir_write(&t, "run/" ID "/" ID ".lock", "");
	assert_false(journal_is_held(&j));
	assert_int_equal(holdfile_take(&worker, j.held, NULL), 0);
	assert_true(journal_is_held(&j));
	holdfile_release(&worker);
	assert_false(journal_is_held(&j));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_where_dvc_has_them),
		cmocka_unit_test(states),
		cmocka_unit_test(a_process_must_be_the_one_noted),
		cmocka_unit_test(a_former_process_stays_noted),
		cmocka_unit_test(held_as_long_as_a_worker_holds_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
