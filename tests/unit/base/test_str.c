#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "base/alloc.h"
#include "base/printable.h"
#include "base/str.h"
#include "base/strlist.h"

static void floats_as_python(void **state)
{
	static const struct {
		double number;
		const char *text;
	} cases[] = {
		{0, "0.0"},
		{-0.0, "-0.0"},
		{1, "1.0"},
		{-1.5, "-1.5"},
		{0.1, "0.1"},
		{0.1 + 0.2, "0.30000000000000004"},
		{1e15, "1000000000000000.0"},
		{1e16, "1e+16"},
		{123456789012345678.0, "1.2345678901234568e+17"},
		{0.0001, "0.0001"},
		{0.00001, "1e-05"},
		{1.5e-7, "1.5e-07"},
		{1e22, "1e+22"},
		{1e100, "1e+100"},
		{DBL_MAX, "1.7976931348623157e+308"},
		{5e-324, "5e-324"},
		{1.0 / 3, "0.3333333333333333"},
		{100, "100.0"},
		{INFINITY, "inf"},
		{-INFINITY, "-inf"},
		{NAN, "nan"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf b = BUF_INIT;
		str_add_float(&b, cases[i].number);
		assert_string_equal(buf_str(&b), cases[i].text);
	}
}

static void floats_in_few_digits(void **state)
{
	static const struct {
		double number;
		int precision;
		const char *text;
	} cases[] = {{0.123456789, 5, "0.12346"}, {100000, 5, "1e+05"}, {12345, 5, "12345"},
		{1, 5, "1"}, {1e-5, 5, "1e-05"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf b = BUF_INIT;
		str_add_float_g(&b, cases[i].number, cases[i].precision);
		assert_string_equal(buf_str(&b), cases[i].text);
	}
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int64_t number;
	} cases[] = {
		{"0", true, 0},
		{"-12", true, -12},
		{"+5", true, 5},
		{"9223372036854775807", true, INT64_MAX},
		{"-9223372036854775808", true, INT64_MIN},
		{"9223372036854775808", false, 0},
		{"", false, 0},
		{"-", false, 0},
		{" 1", false, 0},
		{"1 ", false, 0},
		{"0x1", false, 0},
		{"1.0", false, 0},
		{"--1", false, 0},
		{"1_0", false, 0},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t number = 0;
		assert_int_equal(str_to_i64(cases[i].text, &number), cases[i].good);
		assert_true(number == cases[i].number);
	}
}

static void shell_words(void **state)
{
	static const char *const cases[][2] = {{"", "''"}, {"a", "a"},
		{"a/b-c_d.e=f:g,h@i%j+k", "a/b-c_d.e=f:g,h@i%j+k"}, {"a b", "'a b'"},
		{"it's", "'it'\"'\"'s'"}, {"$x", "'$x'"}, {"new\nline", "'new\nline'"},
		{"ü", "'ü'"}, {"~", "'~'"}, {"#", "'#'"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf b = BUF_INIT;
		str_add_shell_quoted(&b, cases[i][0]);
		assert_string_equal(buf_str(&b), cases[i][1]);
	}
}

static void utf8(void **state)
{
	static const struct {
		const char *bytes;
		bool valid;
		size_t points;
		int width;
	} cases[] = {
		{"", true, 0, 0},
		{"abc", true, 3, 3},
		{"\xc3\xbc", true, 1, 1},
		{"\xe4\xb8\xad", true, 1, 2},
		{"\xf0\x9f\x98\x80", true, 1, 2},
		{"e\xcc\x81", true, 2, 1},
		{"\xef\xbf\xbd", true, 1, 1},
		{"\xff", false, 1, 1},
		{"\xc3", false, 1, 1},
		{"\xc0\x80", false, 2, 2},
		{"\xed\xa0\x80", false, 1, 1},
		{"\xf4\x90\x80\x80", false, 4, 4},
		{"\xe4\xb8", false, 2, 2},
		{"a\x80z", false, 3, 3},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = strlen(cases[i].bytes);
		assert_int_equal(str_is_utf8(cases[i].bytes, len), cases[i].valid);
		assert_int_equal(str_utf8_len(cases[i].bytes, len), cases[i].points);
		assert_int_equal(str_display_width(cases[i].bytes, len), cases[i].width);
	}
}

static void globs(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "a/b", true},
		{"a*c", "abbc", true},
		{"a*c", "abcd", false},
		{"?", "", false},
		{"?x", "ax", true},
		{"[abc]", "b", true},
		{"[!abc]", "b", false},
		{"[!abc]", "d", true},
		{"[a-c]x", "bx", true},
		{"[]]", "]", true},
		{"[", "[", true},
		{"[a", "[a", true},
		{"[a-]", "-", true},
		{"**x**", "aaxbb", true},
		{"a?b*c", "axbc", true},
		{"*.csv", "data.csv", true},
		{"*.csv", ".csvx", false},
		{"*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(str_glob(cases[i].pattern, cases[i].text), cases[i].matches);
}

static void distances(void **state)
{
	(void)state;
	assert_int_equal(str_distance("", ""), 0);
	assert_int_equal(str_distance("", "abc"), 3);
	assert_int_equal(str_distance("repro", "repo"), 1);
	assert_int_equal(str_distance("psuh", "push"), 1); /* neighbours swapped */
	assert_int_equal(str_distance("kitten", "sitting"), 3);
	char longer[200];
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_true(str_distance(longer, "x") >= 64);
}

static void nearest_words(void **state)
{
	static const char *const words[] = {"status", "stage", "store", "add", "repro"};
	static const struct {
		const char *wanted, *found;
	} cases[] = {
		{"repo", "repro"},
		{"stor", "store"},
		{"staus", "status"},
		{"store", "store"},
		{"st", NULL},   /* more than half of it would change */
		{"dad", "add"}, /* neighbours swapped */
		{"", NULL},
		{"nothing like it", NULL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str_nearest n = {.wanted = cases[i].wanted};
		for (size_t j = 0; j < ARRAY_SIZE(words); j++)
			str_nearest_try(&n, words[j]);
		if (cases[i].found)
			assert_string_equal(n.found, cases[i].found);
		else
			assert_null(n.found);
	}
}

static void ends_and_blanks(void **state)
{
	AUTO(mem_freep) char *stripped = str_strip(" \t a b\r\n");
	AUTO(mem_freep) char *nothing = str_strip(" \n");
	AUTO(mem_freep) char *lower = str_lower("AbC\xc3\x84Z");
	(void)state;
	assert_string_equal(stripped, "a b");
	assert_string_equal(nothing, "");
	assert_string_equal(lower, "abc\xc3\x84z");
	assert_true(str_starts("abc", "") && str_starts("abc", "abc") && !str_starts("ab", "abc"));
	assert_true(str_ends("abc", "") && str_ends("abc", "bc") && !str_ends("c", "bc"));
	assert_true(
		str_eq(NULL, NULL) && !str_eq(NULL, "") && !str_eq("", NULL) && str_eq("a", "a"));
}

static void lists(void **state)
{
	AUTO(strlist_release) struct strlist l = STRLIST_INIT;
	(void)state;
	strlist_split(&l, "b,,a,b", ',');
	assert_int_equal(l.count, 4);
	strlist_sort(&l);
	strlist_uniq(&l);
	AUTO(mem_freep) char *joined = strlist_join(&l, "|");
	assert_string_equal(joined, "|a|b");
	strlist_remove_at(&l, 0);
	assert_true(strlist_has(&l, "a") && !strlist_has(&l, ""));
	char *const *argv = strlist_argv(&l);
	assert_string_equal(argv[1], "b");
	assert_null(argv[2]);
	strlist_clear(&l);
	strlist_split(&l, "", ',');
	assert_int_equal(l.count, 1);
}

static void control_characters(void **state)
{
	static const struct {
		const char *text;
		unsigned keep;
		const char *shown;
	} cases[] = {
		{"plain \tü✓\n", 0, "plain \tü✓\n"},
		{"\033[2J", 0, "\\u001b[2J"},
		{"\033[2J", PRINTABLE_STYLES, "\\u001b[2J"},
		{"\033[1;31mred\033[0m", PRINTABLE_STYLES, "\033[1;31mred\033[0m"},
		{"\033[1;31mred", 0, "\\u001b[1;31mred"},
		{"\033[", PRINTABLE_STYLES, "\\u001b["},
		{"1%\r2%", PRINTABLE_RETURNS, "1%\r2%"},
		{"1%\r2%", 0, "1%\\u000d2%"},
		{"\x7f", 0, "\\u007f"},
		{"\xc2\x9b"
		 "2J",
			0, "\\u009b2J"},
		{"\x9b"
		 "2J",
			0, "\\x9b2J"},
		{"\xff\xe9", 0, "\xff\xe9"}, /* not UTF-8, and no control characters */
		{"a\u202eb\u2069", 0, "a\\u202eb\\u2069"},
	};
	static const struct {
		const char *text;
		size_t whole;
	} parts[] = {{"", 0}, {"abc", 3}, {"a\xc3", 1}, {"a\xc3\x9b", 3}, {"a\xe2\x9c", 1},
		{"a\033", 1}, {"a\033[3", 1}, {"a\033[31m", 6}, {"a\x9b", 2}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf out = BUF_INIT;
		printable_add(&out, cases[i].text, strlen(cases[i].text), cases[i].keep);
		assert_string_equal(buf_str(&out), cases[i].shown);
	}
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		assert_int_equal(
			printable_whole(parts[i].text, strlen(parts[i].text)), parts[i].whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(floats_as_python),
		cmocka_unit_test(floats_in_few_digits),
		cmocka_unit_test(numbers),
		cmocka_unit_test(shell_words),
		cmocka_unit_test(utf8),
		cmocka_unit_test(globs),
		cmocka_unit_test(distances),
		cmocka_unit_test(nearest_words),
		cmocka_unit_test(ends_and_blanks),
		cmocka_unit_test(lists),
		cmocka_unit_test(control_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
