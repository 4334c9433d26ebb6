#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "view/term_image.h"

static void test_which_protocol(void **state)
{
	(void)state;
	static const struct {
		const char *terminal;
		struct term_env env;
		enum term_images expected;
	} cases[] = {
		{"kitty", {.term = "xterm-kitty", .kitty_window_id = "1"}, TERM_IMAGES_KITTY},
		{"kitty over ssh", {.term = "xterm-kitty"}, TERM_IMAGES_KITTY},
		{"kitty, TERM changed", {.term = "xterm-256color", .kitty_window_id = "1"},
			TERM_IMAGES_KITTY},
		{"Ghostty", {.term = "xterm-ghostty", .term_program = "ghostty"},
			TERM_IMAGES_KITTY},
		{"Konsole", {.term = "xterm-256color", .konsole_version = "220401"},
			TERM_IMAGES_KITTY},
		{"old Konsole", {.term = "xterm-256color", .konsole_version = "211203"},
			TERM_IMAGES_NONE},
		{"iTerm2", {.term = "xterm-256color", .term_program = "iTerm.app"},
			TERM_IMAGES_ITERM},
		{"iTerm2 over ssh", {.term = "xterm-256color", .lc_terminal = "iTerm2"},
			TERM_IMAGES_ITERM},
		{"WezTerm", {.term = "xterm-256color", .term_program = "WezTerm"},
			TERM_IMAGES_ITERM},
		{"WezTerm, in another shell", {.term = "xterm-256color", .wezterm_pane = "0"},
			TERM_IMAGES_ITERM},
		{"mintty", {.term = "xterm-256color", .term_program = "mintty"}, TERM_IMAGES_ITERM},
		{"foot", {.term = "foot"}, TERM_IMAGES_SIXEL},
		{"foot in kitty's shell", {.term = "foot-extra", .kitty_window_id = "1"},
			TERM_IMAGES_SIXEL},
		{"mlterm", {.term = "mlterm-256color"}, TERM_IMAGES_SIXEL},
		{"tmux in kitty", {.term = "tmux-256color", .kitty_window_id = "1"},
			TERM_IMAGES_NONE},
		{"tmux with another TERM", {.term = "xterm-kitty", .tmux = "/x,1,0"},
			TERM_IMAGES_NONE},
		{"screen in iTerm2", {.term = "screen", .lc_terminal = "iTerm2"}, TERM_IMAGES_NONE},
		{"Linux console", {.term = "linux"}, TERM_IMAGES_NONE},
		{"GNOME Terminal", {.term = "xterm-256color"}, TERM_IMAGES_NONE},
		{"Emacs", {.term = "dumb", .kitty_window_id = "1"}, TERM_IMAGES_NONE},
		{"nothing known", {0}, TERM_IMAGES_NONE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct term_env env = cases[i].env;
		env.is_terminal = true;
		if (term_images_of(&env) != cases[i].expected)
			fail_msg("%s", cases[i].terminal);
		env.is_terminal = false;
		assert_int_equal(term_images_of(&env), TERM_IMAGES_NONE);
	}
}

#define PNG_640x480 "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0"

static char *added(const struct term_screen *s, const char *name, const char *bytes, size_t len)
{
	struct buf out = BUF_INIT;
	term_image_add(&out, s, name, bytes, len);
	return buf_detach(&out);
}

static void check(const struct term_screen *s, const char *name, const char *bytes, size_t len,
	const char *expected)
{
	AUTO(mem_freep) char *got = added(s, name, bytes, len);
	assert_string_equal(got, expected);
}

/* What a terminal without images, or a file, gets. */
static void test_as_text(void **state)
{
	(void)state;
	const struct term_screen none = {.columns = 80}, sixel = {TERM_IMAGES_SIXEL, 80, 0, 0, 0};
	check(&none, "plots/roc.png", PNG_640x480, sizeof(PNG_640x480) - 1,
		"image: 640x480 PNG, plots/roc.png\n");
	check(&none, "a.svg", "<svg/>", 6, "image: SVG, a.svg\n");
	check(&none, "a\n\033[2J.png", "text", 4,
		"image: file, a \\u001b[2J.png (not a known image)\n");
	check(&sixel, "a.svg", "<svg width='2' height='1'/>", 27,
		"image: 2x1 SVG, a.svg (SVG cannot be drawn here)\n");
	check(&sixel, "huge.gif", "GIF89a\xff\xff\xff\xff", 10,
		"image: 65535x65535 GIF, huge.gif (it is too large to be drawn here)\n");
}

static void test_iterm(void **state)
{
	(void)state;
	const struct term_screen s = {TERM_IMAGES_ITERM, 40, 0, 10, 20};
	check(&s, "a.png", PNG_640x480, sizeof(PNG_640x480) - 1,
		"\033]1337;File=inline=1;size=29;width=40;preserveAspectRatio=1:"
		"iVBORw0KGgoAAAANSUhEUgAAAoAAAAHgCAIAAAA=\a\n");
}

/* An image is as wide as its pixels need, unless it would be too wide or too high. */
static void test_kitty(void **state)
{
	(void)state;
	struct term_screen s = {TERM_IMAGES_KITTY, 200, 0, 10, 20};
	check(&s, "a.png", PNG_640x480, sizeof(PNG_640x480) - 1,
		"\033_Ga=T,f=100,c=64,q=2,m=0;iVBORw0KGgoAAAANSUhEUgAAAoAAAAHgCAIAAAA=\033\\\n");
	s.rows = 12; /* 240 pixels: 320 wide */
	check(&s, "a.png", PNG_640x480, sizeof(PNG_640x480) - 1,
		"\033_Ga=T,f=100,c=32,q=2,m=0;iVBORw0KGgoAAAANSUhEUgAAAoAAAAHgCAIAAAA=\033\\\n");
}

/* Pieces of 4096 characters; only the first has the keys, only the last has m=0. */
static void test_kitty_in_pieces(void **state)
{
	(void)state;
	const struct term_screen s = {TERM_IMAGES_KITTY, 80, 0, 10, 20};
	AUTO(mem_freep) char *bytes = mem_zalloc(7000);
	memcpy(bytes, PNG_640x480, sizeof(PNG_640x480) - 1);
	AUTO(mem_freep) char *got = added(&s, "a.png", bytes, 7000);
	const char *second = strstr(got, "\033\\") + 2, *third = strstr(second, "\033\\") + 2;
	assert_int_equal(second - got, strlen("\033_Ga=T,f=100,c=64,q=2,m=1;") + 4096 + 2);
	assert_memory_equal(second, "\033_Gq=2,m=1;", 11);
	assert_memory_equal(third, "\033_Gq=2,m=0;", 11);
}

/* One that the terminal would have to decode itself, but cannot. */
static void test_decoded(void **state)
{
	(void)state;
	static const char gif[] =
		"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;";
	const struct term_screen kitty = {TERM_IMAGES_KITTY, 80, 0, 10, 20},
				 sixel = {TERM_IMAGES_SIXEL, 80, 0, 10, 20};
	AUTO(mem_freep) char *got = added(&kitty, "a.gif", gif, sizeof(gif) - 1);
	if (strstr(got, "is not installed"))
		skip();
	assert_string_equal(got, "\033_Ga=T,f=32,s=1,v=1,c=1,q=2,m=0;/wAA/w==\033\\\n");
	check(&sixel, "a.gif", gif, sizeof(gif) - 1,
		"\033P0;1;0q\"1;1;1;1#0;2;100;0;0#0@-\033\\\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_protocol),
		cmocka_unit_test(test_as_text),
		cmocka_unit_test(test_iterm),
		cmocka_unit_test(test_kitty),
		cmocka_unit_test(test_kitty_in_pieces),
		cmocka_unit_test(test_decoded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
