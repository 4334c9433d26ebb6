/* The expected duration of the next run of a stage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../data_sandbox.h"
#include "run/past.h"

enum { RAN = HISTORY_RAN, FAILED = HISTORY_FAILED, RESTORED = HISTORY_RESTORED };

static void expects_the_median(void **state)
{
	/* past runs, oldest first; `other` ran another command */
	static const struct {
		const char *shows;
		struct {
			int outcome;
			double wall_s;
			bool other;
		} runs[8];
		size_t count;
		bool restored;
		double seconds;
		unsigned of;
		bool same_command;
	} cases[] = {
		{"no past runs", {{0}}, 0, false, -1, 0, false},
		{"one", {{RAN, 3, false}}, 1, false, 3, 1, true},
		{"the middle one", {{RAN, 9, false}, {RAN, 1, false}, {RAN, 2, false}}, 3, false, 2,
			3, true},
		{"between the two in the middle", {{RAN, 1, false}, {RAN, 2, false}}, 2, false, 1.5,
			2, true},
		{"failures do not count", {{RAN, 3, false}, {FAILED, 1, false}}, 2, false, 3, 1,
			true},
		{"only failures", {{FAILED, 1, false}}, 1, false, -1, 0, false},
		{"what was restored took other time",
			{{RAN, 30, false}, {RESTORED, 1, false}, {RESTORED, 2, false},
				{RESTORED, 6, false}},
			4, true, 2, 3, true},
		{"the same command before another's", {{RAN, 3, false}, {RAN, 1, true}}, 2, false,
			3, 1, true},
		{"another's when there is no other", {{RAN, 4, true}, {RAN, 6, true}}, 2, false, 5,
			2, false},
		{"the last five only",
			{{RAN, 100, false}, {RAN, 100, false}, {RAN, 100, false}, {RAN, 1, false},
				{RAN, 1, false}, {RAN, 2, false}, {RAN, 3, false}, {RAN, 3, false}},
			8, false, 2, 5, true},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(arena_release) struct arena a = ARENA_INIT;
		sandbox_open(&box);
		struct data *d = sandbox_data(&box);
		struct stage s = {.name = "s",
			.file = "dvc.yaml",
			.root = box.repo.root,
			.dir = box.repo.root};
		AUTO(mem_freep) char *file = tmpdir_at(&box.tmp, "dvc.yaml");
		s.file = file;
		for (size_t k = 0; k < cases[i].count; k++) {
			struct process_result result = {.wall_s = cases[i].runs[k].wall_s};
			s.cmd = value_string(&a, cases[i].runs[k].other ? "other" : "cmd");
			past_add(d, &s, 1000000000 * (int64_t)(k + 1),
				(enum history_outcome)cases[i].runs[k].outcome, &result,
				HISTORY_END_OWN);
		}
		s.cmd = value_string(&a, "cmd");
		struct past_estimate got = past_expect(d, &s, cases[i].restored);
		if (got.seconds != cases[i].seconds || got.runs != cases[i].of ||
			got.same_command != cases[i].same_command)
			fail_msg("%s: %g of %u", cases[i].shows, got.seconds, got.runs);
	}
}

static void each_stage_has_its_own(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	(void)state;
	sandbox_open(&box);
	struct data *d = sandbox_data(&box);
	AUTO(mem_freep) char *file = tmpdir_at(&box.tmp, "dvc.yaml");
	AUTO(mem_freep) char *below = tmpdir_at(&box.tmp, "sub/dvc.yaml");
	AUTO(mem_freep) char *sub = tmpdir_at(&box.tmp, "sub");
	const struct stage a = {.name = "s", .file = file, .dir = box.repo.root};
	const struct stage b = {.name = "t", .file = file, .dir = box.repo.root};
	const struct stage c = {.name = "s", .file = below, .dir = sub};
	const struct process_result result = {.wall_s = 3};
	past_add(d, &a, 1, HISTORY_RAN, &result, HISTORY_END_OWN);
	assert_true(past_expect(d, &a, false).seconds == 3);
	assert_true(past_expect(d, &b, false).seconds == -1);
	assert_true(past_expect(d, &c, false).seconds == -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expects_the_median),
		cmocka_unit_test(each_stage_has_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
