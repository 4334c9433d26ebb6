/* Targets of plots: names, expressions, mistakes in them, and expressions that take too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plots/match.h"
#include "project/repo.h"

enum { FAILS = -1 };

/* Does the target match the plot `id` of `config`? FAILS: `*err` says why. */
static int matches(const char *target, const char *config, const char *id, struct err *err)
{
	AUTO(strlist_release) struct strlist targets = STRLIST_INIT;
	char here[] = "/r";
	const struct repo repo = {.root = here, .cwd = here};
	strlist_add(&targets, target);
	struct plot_matcher *m = plot_matcher_new(&repo, &targets);
	int r = plot_matches(m, config, id, err);
	plot_matcher_free(m);
	return r < 0 ? FAILS : r;
}

static void test_targets(void **state)
{
	static const struct {
		const char *target, *config, *id;
		int matches;
	} cases[] = {
		{"a.csv", "", "a.csv", 1}, {"a.csv", "", "axcsv", 1}, /* '.' is any character */
		{"a.csv", "", "a.cs", 0}, {"a", "", "abc", 1}, /* anchored at the beginning only */
		{"b", "", "abc", 0}, {"Loss", "dvc.yaml", "Loss of both", 1},
		{"dvc.yaml::Loss", "dvc.yaml", "Loss", 1},
		{"d", "dvc.yaml", "anything", 1}, /* the full id begins so */
		{"dvc.yaml", "", "anything", 0},
		{".", "", "\xC3\xA9", 1}, /* one character, two bytes */
		{".", "", "\n", 0}, {"[ab]x", "", "bx", 1},
		{"(train|test)/loss", "", "test/loss.csv", 1}, {"\\w+ \\d$", "", "epoch 3", 1},
		{"\\w+ \\d$", "", "epoch 33", 0},
		{"/r/a.csv", "", "a.csv", 1}, /* as the path is shown */
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(err_release) struct err err = ERR_INIT;
		int r = matches(cases[i].target, cases[i].config, cases[i].id, &err);
		if (r != cases[i].matches)
			fail_msg("'%s' and '%s': %d", cases[i].target, cases[i].id, r);
	}
}

/* The texts of Python's re module. */
static void test_mistakes(void **state)
{
	static const struct {
		const char *target, *message;
	} cases[] = {
		{"a(b.csv", "missing ), unterminated subpattern at position 1"},
		{"a)b", "unbalanced parenthesis at position 1"},
		{"[a", "unterminated character set at position 0"},
		{"*a", "nothing to repeat at position 0"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(err_release) struct err err = ERR_INIT;
		assert_int_equal(matches(cases[i].target, "", "x", &err), FAILS);
		assert_int_equal(err.code, ERR_PARSE);
		assert_string_equal(err.msg, cases[i].message);
	}
}

static void test_a_search_without_end(void **state)
{
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(
		matches("(x+x+)+[yz]", "", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &err),
		FAILS);
	assert_string_equal(err.msg, "the expression '(x+x+)+[yz]' takes too long");
}

static void test_no_target_matches_everything(void **state)
{
	struct plot_matcher *m = plot_matcher_new(NULL, NULL);
	(void)state;
	assert_int_equal(plot_matches(m, "dvc.yaml", "x", NULL), 1);
	plot_matcher_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_a_search_without_end),
		cmocka_unit_test(test_no_target_matches_everything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
