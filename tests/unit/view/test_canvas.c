#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "view/canvas.h"

/* One line with a text, as it comes out. */
static char *line_of(const char *text, int width, enum canvas_align align, bool unicode)
{
	AUTO(canvas_release) struct canvas c = {0};
	struct buf out = BUF_INIT;
	canvas_init(&c, width, 1, unicode);
	(void)canvas_text(&c, 0, 0, width, align, text, (struct ink){0});
	canvas_emit(&c, CANVAS_PLAIN, &out);
	return buf_detach(&out);
}

static void test_text(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int width;
		enum canvas_align align;
		bool unicode;
		const char *expected;
	} cases[] = {
		{"main", 8, CANVAS_LEFT, true, "main\n"},
		{"main", 8, CANVAS_RIGHT, true, "    main\n"},
		{"main", 8, CANVAS_MIDDLE, true, "  main\n"},
		{"learning_rate", 8, CANVAS_LEFT, true, "lear…ate\n"},
		{"learning_rate", 8, CANVAS_LEFT, false, "lea..ate\n"},
		{"learning_rate", 1, CANVAS_LEFT, true, "…\n"},
		{"日本語", 6, CANVAS_LEFT, true, "日本語\n"},
		{"日本語", 5, CANVAS_LEFT, true, "日…語\n"},
		{"日本語", 4, CANVAS_LEFT, true, "日…\n"}, /* half a character is not drawn */
		{"日本語", 6, CANVAS_LEFT, false, "???\n"},
		{"e\u0301te\u0301", 3, CANVAS_LEFT, true, "e\u0301te\u0301\n"},
		{"\033[2Jx", 20, CANVAS_LEFT, true, "\\u001b[2Jx\n"},
		{"a\nb\tc", 20, CANVAS_LEFT, true, "a b c\n"},
		{"\x9bm\xff", 20, CANVAS_LEFT, true, "\\x9bm\uFFFD\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *got = line_of(
			cases[i].text, cases[i].width, cases[i].align, cases[i].unicode);
		assert_string_equal(got, cases[i].expected);
	}
}

/* A wide character is removed whole when one half is drawn over; outside, nothing is drawn. */
static void test_drawing_over(void **state)
{
	(void)state;
	AUTO(canvas_release) struct canvas c = {0};
	AUTO(buf_release) struct buf out = BUF_INIT;
	canvas_init(&c, 6, 1, true);
	(void)canvas_text(&c, 0, 0, 6, CANVAS_LEFT, "日本語", (struct ink){0});
	canvas_put(&c, 1, 0, 'x', 'x', (struct ink){0});
	canvas_put(&c, 4, 0, 'y', 'y', (struct ink){0});
	canvas_put(&c, 6, 0, 'z', 'z', (struct ink){0});
	canvas_put(&c, 0, -1, 'z', 'z', (struct ink){0});
	canvas_emit(&c, CANVAS_PLAIN, &out);
	assert_string_equal(buf_str(&out), " x本y\n");
}

static void test_colors(void **state)
{
	(void)state;
	static const struct {
		enum canvas_colors colors;
		const char *expected;
	} cases[] = {
		{CANVAS_PLAIN, "ab c\n"},
		{CANVAS_RGB, "\033[0;1;38;2;148;93;214mab\033[0m c\n"},
		{CANVAS_256, "\033[0;1;38;5;98mab\033[0m c\n"},
		{CANVAS_16, "\033[0;1;94mab\033[0m c\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(canvas_release) struct canvas c = {0};
		AUTO(buf_release) struct buf out = BUF_INIT;
		canvas_init(&c, 10, 1, true);
		(void)canvas_text(&c, 0, 0, 2, CANVAS_LEFT, "ab",
			(struct ink){.fg = INK_RGB(0x945dd6), .bold = true});
		(void)canvas_text(&c, 3, 0, 2, CANVAS_LEFT, "c", (struct ink){0});
		canvas_emit(&c, cases[i].colors, &out);
		assert_string_equal(buf_str(&out), cases[i].expected);
	}
}

static void test_what_a_terminal_can(void **state)
{
	(void)state;
	assert_int_equal(canvas_colors_of("dumb", "truecolor"), CANVAS_PLAIN);
	assert_int_equal(canvas_colors_of("xterm-256color", "truecolor"), CANVAS_RGB);
	assert_int_equal(canvas_colors_of("xterm-kitty", NULL), CANVAS_RGB);
	assert_int_equal(canvas_colors_of("screen-256color", NULL), CANVAS_256);
	assert_int_equal(canvas_colors_of("xterm", ""), CANVAS_16);
	assert_int_equal(canvas_colors_of(NULL, NULL), CANVAS_16);

	assert_true(canvas_unicode_of(NULL, NULL, "en_US.UTF-8"));
	assert_true(canvas_unicode_of("", "C.utf8", "C"));
	assert_true(canvas_unicode_of(NULL, NULL, NULL));
	assert_false(canvas_unicode_of("C", NULL, "en_US.UTF-8"));
	assert_false(canvas_unicode_of(NULL, NULL, "POSIX"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_drawing_over),
		cmocka_unit_test(test_colors),
		cmocka_unit_test(test_what_a_terminal_can),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
