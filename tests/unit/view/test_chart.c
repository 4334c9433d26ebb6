#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "base/alloc.h"
#include "base/str.h"
#include "view/chart.h"

/* A drawing that differs is printed as it looks. */
static void check(const struct chart *c, struct chart_style style, const char *expected)
{
	AUTO(buf_release) struct buf got = BUF_INIT;
	chart_draw(&got, c, &style);
	if (strcmp(buf_str(&got), expected) != 0)
		print_message("expected:\n%s\ngot:\n%s<end>\n", expected, buf_str(&got));
	assert_string_equal(buf_str(&got), expected);
}

static const struct chart_style plain = {.width = 50, .height = 9, .unicode = true};
static const struct chart_style ascii = {.width = 50, .height = 9};

/* ---- kinds ---- */

static const double falling[] = {1, 0.7, 0.5, 0.38, 0.3, 0.25, 0.22, 0.2, 0.19, 0.185};
static const double rising[] = {0.1, 0.3, 0.45, 0.55, 0.62, 0.67, 0.7, 0.72, 0.73, 0.73};
static const struct chart_series two_lines[] = {
	{"workspace", 0, NULL, falling, 10}, {"main", 0, NULL, rising, 10}};

static void test_line(void **state)
{
	(void)state;
	const struct chart c = {.kind = CHART_LINE,
		.title = "train/loss",
		.x_label = "step",
		.y_label = "loss",
		.series = two_lines,
		.series_count = 1};
	check(&c, plain,
		"                    train/loss\n"
		"loss\n"
		"1.0 ┤⠢⢄⡀\n"
		"    │  ⠈⠑⠢⠤⣀⡀\n"
		"0.5 ┤       ⠈⠉⠑⠒⠢⠤⠤⣀⣀⡀\n"
		"    │                ⠈⠉⠉⠒⠒⠒⠒⠒⠒⠒⠒⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠄\n"
		"0.0 ┤\n"
		"    └┬─────────┬─────────┬────────┬─────────┬─────\n"
		"     0         2         4        6         8\n"
		"                         step\n"
		"─── workspace\n");
	check(&c, ascii,
		"                    train/loss\n"
		"loss\n"
		"1.0 +***\n"
		"    |  ******\n"
		"0.5 +       **********\n"
		"    |                *****************************\n"
		"0.0 +\n"
		"    ++---------+---------+--------+---------+-----\n"
		"     0         2         4        6         8\n"
		"                         step\n"
		"*** workspace\n");
}

/* Without colours, marks tell the series apart. */
static void test_two_lines(void **state)
{
	(void)state;
	const struct chart c = {.kind = CHART_LINE, .series = two_lines, .series_count = 2};
	check(&c, plain,
		"1.0 ┤⠢⣀\n"
		"    │  ●⢄⡀\n"
		"    │    ⠈⠒⠤⣀⡀        ⢀⣀⣀▲⡠⠤⠔⠒⠒⠒⠒⠒⠒⠒⠒▲⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉▲\n"
		"0.5 ┤        ⠈⢑⣒⠤⢔⣒●⠉⠉⠁\n"
		"    │   ⢀⡠⠤⠒⠊▲⠁    ⠈⠉⠑⠒⠒⠤⠤⠤⢄⣀⣀⣀●\n"
		"    │⡠⠔⠊⠁                       ⠉⠉⠉⠉⠉⠒⠒⠒⠒⠒⠒●⠒⠒⠒⠒⠒●\n"
		"0.0 ┤\n"
		"    └┬─────────┬─────────┬────────┬─────────┬─────\n"
		"     0         2         4        6         8\n"
		"─●─ workspace  ─▲─ main\n");
	check(&c, ascii,
		"1.0 +**\n"
		"    |  ***\n"
		"    |    *****        ++++++++++++++++++++++++++++\n"
		"0.5 +        *+++++*+++\n"
		"    |   +++++++    *************\n"
		"    |++++                       ******************\n"
		"0.0 +\n"
		"    ++---------+---------+--------+---------+-----\n"
		"     0         2         4        6         8\n"
		"-*- workspace  -+- main\n");
	/* a wide one has the legend on the right */
	check(&c, (struct chart_style){.width = 72, .height = 8, .unicode = true},
		"1 ┤⠢⢄●                                                     ─●─ workspace\n"
		"  │  ⠈⠑⠢⢄⣀                         ⢀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀▲⣀⣀⣀⣀⣀⣀⣀⣀▲  ─▲─ main\n"
		"  │       ⠉⠑⠒⠤⢄⣀⢀⣀⣀⡠⠤⠤⠤▲⠒⠒⠒⠒⠒⠒⠉⠉⠉⠉⠉▲\n"
		"  │     ⢀⣀⠤▲⠒⠒⠉⠉⠉●⠒⠒⠤⠤⠤⠤⣀⣀⣀⣀⣀●\n"
		"  │⣀⠤⠔⠒⠉⠁                     ⠉⠉⠉⠉⠉⠑⠒⠒⠒⠒⠒●⠒⠒⠒⠒⠒⠢⠤⠤⠤⠤⠤⠤⠤⠤●\n"
		"0 ┤\n"
		"  └┬───────────┬───────────┬──────────┬───────────┬──────\n"
		"   0           2           4          6           8\n");
}

/* Points are connected in the order of x. A value that is missing leaves a gap, and a point
 * between two gaps is a mark. */
static void test_order_and_gaps(void **state)
{
	(void)state;
	static const double x[] = {9, 0, 1, 2, 3, 4, 5, 6, 7, 8};
	static const double y[] = {9, 0, 1, 2, NAN, 4, INFINITY, 6, 7, 8};
	const struct chart_series s = {"", 0, x, y, 10};
	const struct chart c = {.kind = CHART_LINE, .series = &s, .series_count = 1};
	check(&c, plain,
		"10 ┤\n"
		"   │                                     ⢀⣀⡠⠤⠔⠒⠒⠉⠁\n"
		"   │                              ⣀⡠⠤⠤⠒⠒⠉⠁\n"
		" 5 ┤\n"
		"   │                    ●\n"
		"   │    ⣀⣀⡠⠤⠤⠒⠂\n"
		" 0 ┤⠒⠊⠉⠉\n"
		"   └┬─────────┬─────────┬─────────┬─────────┬─────\n"
		"    0         2         4         6         8\n"
		"not drawn: 2 values that are not finite\n");
}

static void test_scatter(void **state)
{
	(void)state;
	static const double x[] = {1, 2, 3, 4, 5}, y[] = {2, 4, 1, 5, 3}, z[] = {5, 3, 4, 2, 1};
	const struct chart_series s[] = {{"workspace", 0, x, y, 5}, {"main", 0, x, z, 5}};
	const struct chart c = {.kind = CHART_SCATTER,
		.x_label = "x",
		.y_label = "y",
		.series = s,
		.series_count = 2};
	check(&c, plain,
		"y\n"
		"5 ┤▲                                 ●\n"
		"4 ┤           ●           ▲\n"
		"3 ┤           ▲                                  ●\n"
		"2 ┤●                                 ▲\n"
		"1 ┤                       ●                      ▲\n"
		"  └┬───────────┬──────────┬───────────┬──────────┬\n"
		"   1           2          3           4          5\n"
		"                          x\n"
		"● workspace  ▲ main\n");
}

static void test_nominal_axis(void **state)
{
	(void)state;
	static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"};
	static const double y[] = {3, 1, 4, 1, 5};
	const struct chart_series s = {"", 0, NULL, y, 5};
	const struct chart c = {
		.kind = CHART_SCATTER, .series = &s, .series_count = 1, .categories = {days, 5}};
	check(&c, plain,
		"  │                                         ●\n"
		"4 ┤                       ●\n"
		"  │     ●\n"
		"2 ┤\n"
		"  │              ●                 ●\n"
		"  └─────┬────────┬────────┬────────┬────────┬─────\n"
		"     Monday   Tuesday Wedn…day Thursday  Friday\n");
}

static const char *const params[] = {"learning_rate", "batch", "dropout"};
static const double weight[] = {0.2, 0.41, -0.1}, weight_main[] = {0.3, NAN, 0.05};

static void test_bars(void **state)
{
	(void)state;
	const struct chart_series s[] = {
		{"workspace", 0, NULL, weight, 3}, {"main", 0, NULL, weight_main, 3}};
	struct chart c = {.kind = CHART_BARS,
		.title = "importance",
		.x_label = "share",
		.y_label = "parameter",
		.series = s,
		.series_count = 2,
		.categories = {params, 3}};
	check(&c, plain,
		"                    importance\n"
		"parameter\n"
		"learning_rate ┤      ███████████▋ 0.2\n"
		"              │      ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒ 0.3\n"
		"              │\n"
		"        batch ┤      ████████████████████████ 0.41\n"
		"              │\n"
		"              │\n"
		"      dropout ┤█████▉ -0.1\n"
		"              │      ▒▒▒ 0.05\n"
		"                           share\n"
		"█ workspace  ▒ main\n");
	c.x_label = c.y_label = NULL;
	c.series_count = 1;
	c.sorted = true;
	check(&c, plain,
		"                    importance\n"
		"        batch ┤      ████████████████████████ 0.41\n"
		"learning_rate ┤      ███████████▋ 0.2\n"
		"      dropout ┤█████▉ -0.1\n"
		"█ workspace\n");
	check(&c, ascii,
		"                    importance\n"
		"        batch |      ######################## 0.41\n"
		"learning_rate |      ############ 0.2\n"
		"      dropout |###### -0.1\n"
		"# workspace\n");
}

/* More than the height allows. */
static void test_many_bars(void **state)
{
	(void)state;
	double values[30];
	for (int i = 0; i < 30; i++)
		values[i] = i;
	const struct chart_series s = {"", 0, NULL, values, 30};
	const struct chart c = {
		.kind = CHART_BARS, .series = &s, .series_count = 1, .sorted = true};
	check(&c, (struct chart_style){.width = 30, .height = 6, .unicode = true},
		" ┤█████████████████████████ 29\n"
		" ┤████████████████████████▏ 28\n"
		" ┤███████████████████████▎ 27\n"
		" ┤██████████████████████▍ 26\n"
		" ┤█████████████████████▌ 25\n"
		" ┤████████████████████▊ 24\n"
		"not drawn: 24 more\n");
}

static void test_histogram(void **state)
{
	(void)state;
	static const double values[] = {1, 2, 2, 3, 3, 3, 4, 4, 5, 9.99};
	const struct chart_series s = {"weights", 0, NULL, values, 10};
	const struct chart c = {
		.kind = CHART_HISTOGRAM, .series = &s, .series_count = 1, .bins = 5};
	check(&c, plain,
		" [0, 2) ┤███████▊ 1\n"
		" [2, 4) ┤███████████████████████████████████████ 5\n"
		" [4, 6) ┤███████████████████████▍ 3\n"
		" [6, 8) ┤ 0\n"
		"[8, 10] ┤███████▊ 1\n"
		"█ weights\n");
}

static void test_boxes(void **state)
{
	(void)state;
	static const double a[] = {2, 3, 4, 4, 5, 5, 6, 6, 7, 8, 14}, b[] = {5, 6, 7, NAN, 8};
	const struct chart_series s[] = {{"workspace", 0, NULL, a, 11}, {"main", 0, NULL, b, 5}};
	const struct chart c = {
		.kind = CHART_BOX, .x_label = "error", .series = s, .series_count = 2};
	check(&c, (struct chart_style){.width = 50, .unicode = true},
		"          │      ┌───┬───┐\n"
		"workspace ┤├─────┤   ┃   ├────┤                  ∘\n"
		"          │      └───┴───┘\n"
		"          │            ┌─┬──┐\n"
		"     main ┤          ├─┤ ┃  ├─┤\n"
		"          │            └─┴──┘\n"
		"          └──────────┬──────────────┬─────────────\n"
		"                     5             10\n"
		"                            error\n"
		"not drawn: 1 value that is not finite\n");
	check(&c, (struct chart_style){.width = 50},
		"          |      +---+---+\n"
		"workspace +|-----|   #   |----|                  o\n"
		"          |      +---+---+\n"
		"          |            +-+--+\n"
		"     main +          |-| #  |-|\n"
		"          |            +-+--+\n"
		"          +----------+--------------+-------------\n"
		"                     5             10\n"
		"                            error\n"
		"not drawn: 1 value that is not finite\n");
	/* one line each, with little room */
	check(&c, (struct chart_style){.width = 50, .height = 6, .unicode = true},
		"workspace ┤├─────▒▒▒▒┃▒▒▒▒────┤                  ∘\n"
		"     main ┤          ├─▒▒┃▒▒▒─┤\n"
		"          └──────────┬──────────────┬─────────────\n"
		"                     5             10\n"
		"                            error\n"
		"not drawn: 1 value that is not finite\n");
}

static const char *const animals[] = {"cat", "dog", "bird"};
static const double confusion[] = {52, 3, 0, 4, 47, 2, 0, 1, 9};
static const double shares[] = {0.95, 0.05, 0, 0.08, 0.88, 0.04, 0, 0.1, 0.9};

static void test_confusion(void **state)
{
	(void)state;
	const struct chart_series s[] = {
		{"workspace", 0, NULL, confusion, 9}, {"main", 0, NULL, shares, 9}};
	struct chart c = {.kind = CHART_HEAT,
		.x_label = "predicted",
		.y_label = "actual",
		.series = s,
		.series_count = 1,
		.categories = {animals, 3},
		.y_categories = {animals, 3}};
	check(&c, plain,
		"workspace: actual ↓  predicted →\n"
		"       cat   dog  bird\n"
		" cat █  52 ░   3 ·   0\n"
		" dog ░   4 █  47 ░   2\n"
		"bird ·   0 ░   1 ░   9\n");
	check(&c, ascii,
		"workspace: actual (down), predicted (across)\n"
		"       cat   dog  bird\n"
		" cat @  52 :   3 .   0\n"
		" dog :   4 @  47 :   2\n"
		"bird .   0 :   1 :   9\n");
	c.normalized = true;
	c.series = &s[1];
	check(&c, plain,
		"main: actual ↓  predicted →\n"
		"        cat    dog   bird\n"
		" cat █ 0.95 ░ 0.05 · 0.00\n"
		" dog ░ 0.08 █ 0.88 ░ 0.04\n"
		"bird · 0.00 ░ 0.10 █ 0.90\n");
	/* no room for numbers */
	check(&c, (struct chart_style){.width = 14, .unicode = true},
		"main: a…cted →\n"
		"     cat bird\n"
		" cat █ ░ ·\n"
		" dog ░ █ ░\n"
		"bird · ░ █\n");
}

/* With 256 colours cells are filled, zero as well; with 16 they are as without colours. */
static void test_confusion_in_colors(void **state)
{
	(void)state;
	static const double row[] = {0, 1, 4};
	const struct chart_series s = {"", 0, NULL, row, 3};
	const struct chart c = {.kind = CHART_HEAT,
		.series = &s,
		.series_count = 1,
		.categories = {animals, 3},
		.y_categories = {animals, 1}};
	check(&c, (struct chart_style){.width = 20, .colors = CANVAS_256, .unicode = true},
		"    cat  dog  bird\n"
		"cat \033[0;38;5;16;48;5;255m  0  \033[0;38;5;16;48;5;153m  1  "
		"\033[0;38;5;231;48;5;17m  4  \033[0m\n");
}

static void test_parallel(void **state)
{
	(void)state;
	static const char *const axes[] = {"lr", "optimizer", "accuracy"};
	static const char *const optimizers[] = {"adam", "sgd"};
	static const double a[] = {0.1, 0, 0.9}, b[] = {0.01, 1, 0.7}, d[] = {0.05, NAN, 0.8};
	const struct chart_names names[] = {{0}, {optimizers, 2}, {0}};
	const struct chart_series s[] = {
		{"a", 0, NULL, a, 3}, {"b", 0, NULL, b, 3}, {"d", 0, NULL, d, 3}};
	const struct chart c = {.kind = CHART_PARALLEL,
		.series = s,
		.series_count = 3,
		.categories = {axes, 3},
		.axis_names = names};
	check(&c, plain,
		"       lr           optimizer       accuracy\n"
		"       0.1             sgd             0.9\n"
		"        ●⢄            ⣀⠤▲⢄            ⣀⠤●\n"
		"        │ ⠉⠒⢄⡀     ⣀⠔⠊  │ ⠉⠒⢄⡀     ⣀⠔⠊  │\n"
		"        │    ⠈⠒⠤⡠⠔⠉     │    ⠈⠒⠤⡠⠔⠉     ■\n"
		"        ■   ⢀⡠⠒⠉⠈⠑⠤⣀    │   ⢀⡠⠒⠉⠈⠑⠤⣀    │\n"
		"        │⢀⠤⠒⠁       ⠑⠢⣀ │⢀⠤⠒⠁       ⠑⠢⣀ │\n"
		"        ▲⠁             ⠉●⠁             ⠉▲\n"
		"      0.01            adam             0.7\n"
		"─●─ a  ─▲─ b  ─■─ d\n");
}

/* ---- data that are hard to draw ---- */

static void test_no_data(void **state)
{
	(void)state;
	static const double none[] = {NAN, INFINITY};
	const struct chart_series s = {"workspace", 0, NULL, none, 2};
	for (int kind = CHART_LINE; kind <= CHART_PARALLEL; kind++) {
		struct chart c = {.kind = (enum chart_kind)kind, .title = "loss"};
		check(&c, plain, "                       loss\nno data\n");
		c.series = &s;
		c.series_count = 1;
		check(&c, plain,
			"                       loss\nno data\n"
			"not drawn: 2 values that are not finite\n");
	}
}

static void test_one_point(void **state)
{
	(void)state;
	static const double y[] = {0.5};
	const struct chart_series s = {"", 0, NULL, y, 1};
	const struct chart c = {.kind = CHART_LINE, .series = &s, .series_count = 1};
	check(&c, plain,
		"0.8 ┤\n"
		"    │\n"
		"0.6 ┤\n"
		"    │                      ●\n"
		"0.4 ┤\n"
		"    │\n"
		"0.2 ┤\n"
		"    └┬─────────────────────┬─────────────────────┬\n"
		"    -1                     0                     1\n");
}

static void test_constant(void **state)
{
	(void)state;
	static const double y[] = {-0.0, 0, -0.0};
	const struct chart_series s = {"", 0, NULL, y, 3};
	const struct chart c = {.kind = CHART_LINE, .series = &s, .series_count = 1};
	check(&c, plain,
		" 1 ┤\n"
		"   │\n"
		"   │\n"
		" 0 ┤⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠂\n"
		"   │\n"
		"   │\n"
		"-1 ┤\n"
		"   └┬──────────────────────┬─────────────────────┬\n"
		"    0                      1                     2\n");
}

static void test_largest_numbers(void **state)
{
	(void)state;
	static const double y[] = {-DBL_MAX, 0, DBL_MAX};
	const struct chart_series s = {"", 0, y, y, 3};
	const struct chart c = {.kind = CHART_LINE, .series = &s, .series_count = 1};
	check(&c, plain,
		" 2e307 ┤                                     ⣀⡠⠤⠔⠂\n"
		"       │                              ⣀⣀⠤⠔⠒⠊⠉\n"
		"       │                       ⢀⣀⠤⠔⠒⠊⠉\n"
		"     0 ┤                ⢀⣀⠤⠤⠒⠊⠉⠁\n"
		"       │         ⢀⣀⡠⠤⠒⠒⠉⠁\n"
		"       │   ⣀⡠⠤⠒⠒⠉⠁\n"
		"-2e307 ┤⠒⠉⠉\n"
		"       └┬────────────────────┬───────────────────┬\n"
		"     -2e307                  0               2e307\n");
}

/* ---- what holds for all charts ---- */

struct random {
	uint64_t state;
};

static uint32_t next(struct random *r, uint32_t below)
{
	r->state = r->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(r->state >> 33) % below;
}

static double any_number(struct random *r)
{
	static const double odd[] = {0, -0.0, NAN, INFINITY, -INFINITY, DBL_MAX, -DBL_MAX, DBL_MIN,
		5e-324, 1e-300, 1e15, 1e15 + 1, 0.1};
	if (next(r, 4) == 0)
		return odd[next(r, ARRAY_SIZE(odd))];
	return ((double)next(r, 2000) - 1000) * pow(10, (int)next(r, 12) - 6);
}

static const char *any_name(struct random *r)
{
	static const char *const names[] = {NULL, "", "workspace", "日本語のとても長い名前です",
		"e\u0301\u0301\u0301", "\033]0;title\a", "a\nb", "\xff\xfe\x9b", "\u202Eabc",
		"\U0001F600", "a very long name of an experiment that somebody gave to it", "\t"};
	return names[next(r, ARRAY_SIZE(names))];
}

/* No control character but those of styles, if there are colours; no line is too wide. */
static void check_output(const struct buf *out, int width, bool colors)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	assert_true(out->len && out->ptr[out->len - 1] == '\n');
	assert_true(str_is_utf8(out->ptr, out->len));

	for (size_t at = 0; at < out->len; at++) {
		unsigned char c = (unsigned char)out->ptr[at];
		if (c == '\n') {
			assert_true(str_display_width(buf_str(&line), line.len) <= width);
			buf_clear(&line);
		} else if (c == '\033' && colors) {
			size_t n = strspn(out->ptr + at + 1, "[0123456789;");
			assert_int_equal(out->ptr[at + 1 + n], 'm');
			at += n + 1;
		} else {
			assert_true(c >= ' ' && c != 0x7f);
			buf_addc(&line, (char)c);
		}
	}
}

enum { SERIES = 6, POINTS = 40, NAMES = 12 };

static void draw_random(struct random *r)
{
	static double x[SERIES][POINTS], y[SERIES][POINTS];
	const char *names[NAMES];
	struct chart_series series[SERIES];
	struct chart_names axis_names[POINTS] = {0};
	struct chart c = {.kind = (enum chart_kind)next(r, CHART_PARALLEL + 1),
		.title = any_name(r),
		.x_label = any_name(r),
		.y_label = any_name(r),
		.series = series,
		.series_count = next(r, SERIES + 1),
		.sorted = next(r, 2),
		.normalized = next(r, 2),
		.bins = next(r, 40),
		.color_by_last = next(r, 2)};

	for (size_t i = 0; i < NAMES; i++)
		names[i] = any_name(r);
	for (size_t i = 0; i < SERIES; i++) {
		size_t count = next(r, POINTS + 1);
		for (size_t k = 0; k < count; k++) {
			x[i][k] = any_number(r);
			y[i][k] = any_number(r);
		}
		series[i] = (struct chart_series){any_name(r),
			next(r, 2) ? INK_RGB(next(r, 1 << 24)) : 0, next(r, 2) ? x[i] : NULL, y[i],
			count};
	}
	c.categories = (struct chart_names){names, next(r, NAMES + 1)};
	c.y_categories = (struct chart_names){names, next(r, NAMES + 1)};
	axis_names[0] = (struct chart_names){names, next(r, NAMES + 1)};
	c.axis_names = next(r, 2) ? axis_names : NULL;

	struct chart_style s = {.width = 1 + (int)next(r, 300),
		.height = (int)next(r, 60),
		.colors = (enum canvas_colors)next(r, CANVAS_RGB + 1),
		.unicode = next(r, 2)};
	AUTO(buf_release) struct buf out = BUF_INIT;
	chart_draw(&out, &c, &s);
	check_output(&out, s.width, s.colors != CANVAS_PLAIN);
}

static void test_random_charts(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 5000; seed++) {
		struct random r = {seed * 77777};
		draw_random(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_two_lines),
		cmocka_unit_test(test_order_and_gaps),
		cmocka_unit_test(test_scatter),
		cmocka_unit_test(test_nominal_axis),
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_many_bars),
		cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_boxes),
		cmocka_unit_test(test_confusion),
		cmocka_unit_test(test_confusion_in_colors),
		cmocka_unit_test(test_parallel),
		cmocka_unit_test(test_no_data),
		cmocka_unit_test(test_one_point),
		cmocka_unit_test(test_constant),
		cmocka_unit_test(test_largest_numbers),
		cmocka_unit_test(test_random_charts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
