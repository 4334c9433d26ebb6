/* The patterns of `add --glob`: as Python's glob, with "**". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../sandbox.h"
#include "ops/add.h"

static void expands(void **state)
{
	static const struct {
		const char *shows, *pattern, *expected;
	} cases[] = {
		{"a name", "a.csv", "a.csv"},
		{"a star", "*.csv", "a.csv b.csv"},
		{"a star stops at a slash", "*x", "!Glob ['*x'] has no matches."},
		{"hidden names are left out", "*", "[x] a.csv b.csv d"},
		{"but for a pattern that begins with the dot", ".*.csv", ".hidden.csv"},
		{"one character", "?.csv", "a.csv b.csv"},
		{"a set", "[b-z].csv", "b.csv"},
		{"not in a set", "[!b].csv", "a.csv"},
		{"a bracket is set in brackets", "[[]x]", "[x]"},
		{"in a directory", "d/*", "d/a.csv d/e d/x"},
		{"in any directory", "*/x", "d/x"},
		{"two stars: every depth", "**/x", "d/e/x d/x"},
		{"and everything", "d/**", "d/a.csv d/e d/e/x d/x"},
		{"twice is once", "**/**/x", "d/e/x d/x"},
		{"two stars in a name are one", "**.csv", "a.csv b.csv"},
		{"hidden directories are not entered", "**/y", "!Glob ['**/y'] has no matches."},
		{"unless named", ".h/*", ".h/y"},
		{"a directory alone", "d/e", "d/e"},
		{"nothing there", "z*", "!Glob ['z*'] has no matches."},
	};
	static const char *const files[] = {
		"a.csv", "b.csv", ".hidden.csv", "[x]", "d/a.csv", "d/x", "d/e/x", ".h/y"};
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(mem_freep) char *old = path_cwd();
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		tmpdir_write(&t, files[i], "");
	assert_int_equal(chdir(t.path), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strlist_release) struct strlist patterns = STRLIST_INIT;
		AUTO(strlist_release) struct strlist found = STRLIST_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		strlist_add(&patterns, cases[i].pattern);
		int r = ops_expand(&patterns, true, &found, &err);
		strlist_sort(&found);
		AUTO(mem_freep)
		char *got = r < 0 ? mem_printf("!%s", err_text(&err)) : strlist_join(&found, " ");
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("%s (%s): '%s', not '%s'", cases[i].shows, cases[i].pattern, got,
				cases[i].expected);
	}
	assert_int_equal(chdir(old), 0);
}

static void without_glob_a_name_is_a_name(void **state)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(strlist_release) struct strlist found = STRLIST_INIT;
	(void)state;
	strlist_add(&names, "*.nothing");
	strlist_add(&names, "**");
	assert_int_equal(ops_expand(&names, false, &found, NULL), 0);
	AUTO(mem_freep) char *got = strlist_join(&found, " ");
	assert_string_equal(got, "*.nothing **");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expands),
		cmocka_unit_test(without_glob_a_name_is_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
