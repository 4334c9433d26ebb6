/* A task that is written to Git is read back unchanged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../exp_sandbox.h"

static void on_error_follows_the_flags(void **state)
{
	static const struct {
		struct exp_flags flags;
		enum repro_on_error expected;
	} cases[] = {
		{{0}, REPRO_FAIL},
		{{.keep_going = true}, REPRO_KEEP_GOING},
		{{.ignore_errors = true}, REPRO_IGNORE},
		{{.keep_going = true, .ignore_errors = true}, REPRO_IGNORE},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct exp_task t = {.flags = cases[i].flags};
		struct repro_opts opts = {0};
		exp_task_repro_opts(&t, &opts);
		assert_int_equal(opts.on_error, cases[i].expected);
	}
}

static void flags_reach_repro(void **state)
{
	struct exp_task t = {.jobs = 3, .group_output = true};
	struct repro_opts opts = {0};
	(void)state;
	memset(&t.flags, true, sizeof(t.flags)); /* all of them */
	exp_task_repro_opts(&t, &opts);
	assert_true(opts.run.force && opts.run.interactive && opts.run.dry && opts.run.no_commit);
	assert_true(opts.run.no_run_cache && opts.run.allow_missing && opts.run.pull);
	assert_true(opts.single_item && opts.pipeline && opts.all_pipelines && opts.recursive);
	assert_true(opts.downstream && opts.force_downstream && opts.glob);
	assert_ptr_equal(opts.targets, &t.targets);
	assert_ptr_equal(opts.resources, &t.resources);
	assert_int_equal(opts.jobs, 3);
	assert_int_equal(opts.output, OUTPUT_GROUP);
}

static void comes_back_as_it_was(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(exp_task_release) struct exp_task t = {0};
	AUTO(exp_task_release) struct exp_task back = {0};
	(void)state;
	exp_sandbox_open(&box, &x);
	t.name = mem_strdup("bold-dog");
	t.message = mem_strdup("a \"message\"\nof two lines: \xc3\xa9");
	t.wdir = mem_strdup("sub/dir");
	memset(&t.flags, true, sizeof(t.flags));
	t.jobs = 4;
	t.group_output = true;
	strlist_add(&t.targets, "train");
	strlist_add(&t.targets, "sub/dvc.yaml:eval");
	strlist_add(&t.copy_paths, "data dir");
	strlist_add(&t.resources, "gpu=2");
	exp_sandbox_store(&x, &t);
	assert_int_equal(exp_task_load(&x, &t.stash, &back, NULL), 0);
	assert_string_equal(back.name, t.name);
	assert_string_equal(back.message, t.message);
	assert_string_equal(back.wdir, t.wdir);
	assert_true(scm_id_equal(&back.head, &x.head) && scm_id_equal(&back.baseline, &x.head));
	assert_memory_equal(&back.flags, &t.flags, sizeof(t.flags));
	assert_int_equal(back.jobs, 4);
	assert_true(back.group_output);
	AUTO(mem_freep) char *targets = strlist_join(&back.targets, "|");
	AUTO(mem_freep) char *copies = strlist_join(&back.copy_paths, "|");
	AUTO(mem_freep) char *resources = strlist_join(&back.resources, "|");
	assert_string_equal(targets, "train|sub/dvc.yaml:eval");
	assert_string_equal(copies, "data dir");
	assert_string_equal(resources, "gpu=2");
}

static void the_defaults_come_back_too(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(exp_task_release) struct exp_task t = {0};
	AUTO(exp_task_release) struct exp_task back = {0};
	const struct exp_flags none = {0};
	(void)state;
	exp_sandbox_open(&box, &x);
	t.name = mem_strdup("a");
	exp_sandbox_store(&x, &t);
	assert_int_equal(exp_task_load(&x, &t.stash, &back, NULL), 0);
	assert_memory_equal(&back.flags, &none, sizeof(none));
	assert_null(back.message);
	assert_string_equal(back.wdir, "");
	assert_int_equal(back.jobs, 0);
	assert_int_equal(back.targets.count, 0);
}

static void what_is_no_task_is_refused(void **state)
{
	static const struct {
		const char *shows, *subject;
		int code;
	} cases[] = {
		{"an ordinary commit", "fix a bug", ERR_PARSE},
		{"no ids", "dvc-exp:a:b:name", ERR_PARSE},
		{"ids that are none",
			"dvc-exp:zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz:zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz:a",
			ERR_PARSE},
		{"one id is too short",
			"dvc-exp:1111111111111111111111111111111111111111:222222222222222222222222222222222222222:ab",
			ERR_PARSE},
		{"as DVC writes it, with a branch at the end",
			"dvc-exp:1111111111111111111111111111111111111111:2222222222222222222222222222222222222222:ab:main",
			0},
		{"without a name",
			"dvc-exp:1111111111111111111111111111111111111111:2222222222222222222222222222222222222222:",
			0},
		{"facts that are no JSON",
			"dvc-exp:1111111111111111111111111111111111111111:2222222222222222222222222222222222222222:ab\n\n{x",
			ERR_FAIL},
	};
	AUTO(sandbox_release) struct sandbox box;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(scm_commit_release) struct scm_commit head = {0};
	(void)state;
	exp_sandbox_open(&box, &x);
	assert_int_equal(scm_commit_load(x.scm, &x.head, &head, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(exp_task_release) struct exp_task back = {0};
		struct scm_id id;
		assert_int_equal(scm_write_commit(x.scm, &head.tree, &x.head, 1, cases[i].subject,
					 &id, NULL),
			0);
		int r = exp_task_load(&x, &id, &back, NULL);
		if (cases[i].code == ERR_FAIL ? r >= 0 : r != cases[i].code)
			fail_msg("%s: %d", cases[i].shows, r);
		if (r == 0 && strcmp(back.name, i == 4 ? "ab" : "") != 0)
			fail_msg("%s: '%s'", cases[i].shows, back.name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_error_follows_the_flags),
		cmocka_unit_test(flags_reach_repro),
		cmocka_unit_test(comes_back_as_it_was),
		cmocka_unit_test(the_defaults_come_back_too),
		cmocka_unit_test(what_is_no_task_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
