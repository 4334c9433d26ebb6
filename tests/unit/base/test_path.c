#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/path.h"

static void normal_forms(void **state)
{
	static const char *const cases[][2] = {{"", "."}, {".", "."}, {"/", "/"}, {"//", "/"},
		{"a", "a"}, {"a/", "a"}, {"a//b", "a/b"}, {"./a/./b", "a/b"}, {"a/../b", "b"},
		{"a/..", "."}, {"..", ".."}, {"../..", "../.."}, {"a/../..", ".."},
		{"../a/..", ".."}, {"/..", "/"}, {"/../a", "/a"}, {"/a/../../b", "/b"},
		{"...", "..."}, {"a/...", "a/..."}, {"/a/b/", "/a/b"}, {"a/b/../../c", "c"},
		{"..a/..", "."}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *got = path_normalize(cases[i][0]);
		assert_string_equal(got, cases[i][1]);
	}
}

static void joined(void **state)
{
	static const char *const cases[][3] = {{"a", "b", "a/b"}, {"a/", "b", "a/b"},
		{"", "b", "b"}, {".", "b", "b"}, {"a", "", "a"}, {"a", ".", "a"}, {"a", "/b", "/b"},
		{"/", "b", "/b"}, {"", "", ""}, {".", "", "."}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *got = path_join(cases[i][0], cases[i][1]);
		assert_string_equal(got, cases[i][2]);
	}
}

static void relative(void **state)
{
	static const char *const cases[][3] = {{"/a/b", "/a", "b"}, {"/a", "/a", "."},
		{"/a", "/a/b", ".."}, {"/a/c", "/a/b", "../c"}, {"/ab", "/a", "../ab"},
		{"/a", "/", "a"}, {"/", "/a/b", "../.."}, {"/", "/", "."},
		{"/x/y", "/a/b", "../../x/y"}, {"/a/bc", "/a/b", "../bc"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *got = path_relative(cases[i][0], cases[i][1]);
		assert_string_equal(got, cases[i][2]);
	}
}

static void parts(void **state)
{
	static const char *const cases[][4] = {{"a", "", "a", ""}, {"/a", "/", "a", ""},
		{"a/b.c", "a", "b.c", ".c"}, {"/a/b/c.tar.gz", "/a/b", "c.tar.gz", ".gz"},
		{"a/.b", "a", ".b", ""}, {"a.b/c", "a.b", "c", ""}, {"a/", "a", "", ""}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *dir = path_dirname(cases[i][0]);
		assert_string_equal(dir, cases[i][1]);
		assert_string_equal(path_basename(cases[i][0]), cases[i][2]);
		assert_string_equal(path_extension(cases[i][0]), cases[i][3]);
	}
}

static void inside(void **state)
{
	(void)state;
	assert_true(path_inside("/a/b", "/a") && path_inside("/a", "/a") &&
		    path_inside("/a", "/") && path_inside("/a/b", "/a/"));
	assert_false(
		path_inside("/ab", "/a") || path_inside("/a", "/a/b") || path_inside("/", "/a"));
}

static void safe(void **state)
{
	static const char *const good[] = {"a", "a/b", "..a", "a..", "...", "a/...b", ".a"};
	static const char *const bad[] = {
		"", "/", "/a", "..", "a/..", "../a", "a/../b", ".", "a/.", "./a", "a//b", "a/"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(path_is_safe_relative(good[i], strlen(good[i])));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(path_is_safe_relative(bad[i], strlen(bad[i])));
	assert_false(path_is_safe_relative("a\0b", 3));
}

static void in_order_of_place(void **state)
{
	static const char *const sorted[] = {
		"", "a", "a/b", "a/b/c", "a/b-c", "a-b", "a.c", "b", "\xc3"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(sorted); j++) {
			int order = path_compare(sorted[i], sorted[j]);
			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}

/* Every spelling that a file system treats as the name, and names that only look similar. */
static void names_that_fold(void **state)
{
	static const char *const yes[] = {".git", "a/.git/b", ".GIT", ".gIt/x", ".git ", ".git.",
		".git. .", ".git:stream", ".git::$INDEX_ALLOCATION", "git~1", "GIT~1", "git~1 ",
		".g\xe2\x80\x8cit", "\xef\xbb\xbf.git", ".git\xe2\x81\xaf"};
	static const char *const no[] = {"", "git", ".gi", ".gitignore", ".gitattributes", "a.git",
		".git-a", ".git a", "git~2", "git~10", "legit~1", "..git", ".g/it",
		".g\xe2\x82\xacit", "g/i/t"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		assert_true(path_has_component(yes[i], strlen(yes[i]), ".git"));
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		assert_false(path_has_component(no[i], strlen(no[i]), ".git"));
	assert_true(path_has_component("a/DVC~1/b", 9, ".dvc"));
	assert_false(path_has_component("data.dvc", 8, ".dvc"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal_forms),
		cmocka_unit_test(joined),
		cmocka_unit_test(relative),
		cmocka_unit_test(parts),
		cmocka_unit_test(inside),
		cmocka_unit_test(safe),
		cmocka_unit_test(in_order_of_place),
		cmocka_unit_test(names_that_fold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
