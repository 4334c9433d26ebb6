#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/printable.h"

static void shows_what_a_terminal_would_obey(void **state)
{
	static const struct {
		const char *shows, *text;
		unsigned flags;
		const char *expected;
	} cases[] = {
		{"plain text", "a b\tc\n", 0, "a b\tc\n"},
		{"letters of any script", "caf\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80", 0,
			"caf\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80"},
		{"an escape sequence", "\033[2J", 0, "\\u001b[2J"},
		{"a bell and a return", "a\a\rb", 0, "a\\u0007\\u000db"},
		{"DEL", "\x7f", 0, "\\u007f"},
		{"C1 as two bytes",
			"\xc2\x9b"
			"2J",
			0, "\\u009b2J"},
		{"C1 as one byte",
			"\x9b"
			"2J",
			0, "\\x9b2J"},
		{"a byte that begins nothing is left", "\xff", 0, "\xff"},
		{"the direction turned around",
			"\xe2\x80\xae"
			"gpj\xe2\x81\xa6",
			0, "\\u202egpj\\u2066"},
		{"a return for a progress bar", "50%\r", PRINTABLE_RETURNS, "50%\r"},
		{"a colour", "\033[1;31mred\033[0m", PRINTABLE_STYLES, "\033[1;31mred\033[0m"},
		{"a colour, not asked for", "\033[1m", 0, "\\u001b[1m"},
		{"no colour, though it begins like one", "\033[1;31", PRINTABLE_STYLES,
			"\\u001b[1;31"},
		{"another sequence than a colour", "\033[1;31H", PRINTABLE_STYLES, "\\u001b[1;31H"},
		{"a title for the window", "\033]0;x\a", PRINTABLE_STYLES, "\\u001b]0;x\\u0007"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf got = BUF_INIT;
		printable_add(&got, cases[i].text, strlen(cases[i].text), cases[i].flags);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

static void waits_for_the_rest(void **state)
{
	static const struct {
		const char *shows, *text;
		size_t whole;
	} cases[] = {
		{"nothing", "", 0},
		{"whole text", "abc", 3},
		{"half a letter", "ab\xc3", 2},
		{"a whole letter", "ab\xc3\xa9", 4},
		{"three bytes of four", "a\xf0\x9f\x98", 1},
		{"an escape alone", "ab\033", 2},
		{"half a colour", "ab\033[1;3", 2},
		{"a whole colour", "ab\033[1;31m", 9},
		{"text after a colour", "\033[1mab", 6},
		{"a line end settles it", "\033[1\nab", 6},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t got = printable_whole(cases[i].text, strlen(cases[i].text));
		if (got != cases[i].whole)
			fail_msg("%s: %zu, not %zu", cases[i].shows, got, cases[i].whole);
	}
}

static void a_nul_is_shown(void **state)
{
	AUTO(buf_release) struct buf got = BUF_INIT;
	(void)state;
	printable_add(&got, "a\0b", 3, PRINTABLE_STYLES | PRINTABLE_RETURNS);
	assert_string_equal(buf_str(&got), "a\\u0000b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_what_a_terminal_would_obey),
		cmocka_unit_test(waits_for_the_rest),
		cmocka_unit_test(a_nul_is_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
