/* What templates stand for, cells that are no numbers, and the points that are left out of big
 * plots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "plot_data.h"
#include "plots/points.h"
#include "plots/shape.h"
#include "plots/thin.h"

/* A plot of one JSON file, drawn by a template. */
static void make_plot(struct plots *p, struct plot_data *d, const char *template, const char *rows)
{
	struct reading_error why = {0};
	plot_data_init(d, "f", rows);
	assert_int_equal(
		plot_data_add(d, "workspace", "f", "{\"x\": \"x\", \"y\": \"y\"}", &why), 0);
	d->plot.template = template;
	*vec_push(&p->items) = d->plot;
}

static void release(struct plots *p, struct plot_data *d)
{
	d->plot = p->items.items[0];
	vec_release(&p->items);
	strlist_release(&p->warnings);
	arena_release(&p->arena);
	plot_data_release(d);
}

static void test_shapes(void **state)
{
	static const struct {
		const char *template;
		enum plot_shape shape;
	} cases[] = {{NULL, PLOT_SHAPE_LINE}, {"smooth", PLOT_SHAPE_LINE}, {"roc", PLOT_SHAPE_LINE},
		{"scatter_jitter", PLOT_SHAPE_SCATTER}, {"bar_horizontal", PLOT_SHAPE_BARS},
		{"confusion_normalized", PLOT_SHAPE_MATRIX}, {"heatmap", PLOT_SHAPE_HEATMAP},
		{"parallel", PLOT_SHAPE_PARALLEL}, {"mine.json", PLOT_SHAPE_OTHER}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plot p = {.template = cases[i].template};
		assert_int_equal(plot_shape(&p), cases[i].shape);
	}
}

/* One line for each field and file: the first cell that is no number, and how many there are. */
static void test_cells_that_are_no_numbers(void **state)
{
	static const struct {
		const char *template, *rows, *warning; /* NULL: none */
	} cases[] = {
		{NULL, "[{\"x\": 1, \"y\": 2}, {\"x\": \"3\", \"y\": \"4\"}]",
			NULL}, /* texts of numbers */
		{NULL, "[{\"x\": 1, \"y\": 2}, {\"x\": 2, \"y\": \"low\"}]",
			"'f' of 'workspace', row 2, column 'y': 'low' is not a finite number"},
		{NULL, "[{\"x\": 1, \"y\": NaN}, {\"x\": 2, \"y\": null}, {\"x\": 3, \"y\": 1}]",
			"'f' of 'workspace', row 1, column 'y': 'nan' is not a finite number, and 1 more"},
		{"scatter", "[{\"x\": \"a\", \"y\": 1}]",
			"'f' of 'workspace', row 1, column 'x': 'a' is not a finite number"},
		{"confusion", "[{\"x\": \"a\", \"y\": \"b\"}]", NULL},
		{"bar_horizontal", "[{\"x\": 1, \"y\": \"name\"}]", NULL},
		{"bar_horizontal", "[{\"x\": \"long\", \"y\": \"name\"}]",
			"'f' of 'workspace', row 1, column 'x': 'long' is not a finite number"},
		{"mine.json", "[{\"x\": \"a\", \"y\": \"b\"}]", NULL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plots p = PLOTS_INIT;
		struct plot_data d;
		make_plot(&p, &d, cases[i].template, cases[i].rows);
		plots_check_numbers(&p);
		assert_int_equal(p.warnings.count, cases[i].warning ? 1 : 0);
		if (cases[i].warning)
			assert_string_equal(p.warnings.items[0], cases[i].warning);
		release(&p, &d);
	}
}

/* Areas that are easy to see: half of the square, all of it; precision over recall from either end.
 */
static void test_areas(void **state)
{
	static const struct {
		const char *template, *measure;
		double x[4], y[4];
		size_t count;
		double area;
	} cases[] = {
		{"roc", "AUC", {0, 1}, {0, 1}, 2, 0.5},
		{"roc", "AUC", {0, 0, 1}, {0, 1, 1}, 3, 1},
		{"roc", "AUC", {0, 0.5, (double)NAN, 1}, {0, 1, 7, 1}, 4, 0.75},
		{"precision_recall", "AP", {0, 0.5, 1}, {1, 1, 0.5}, 3, 0.75},
		{"precision_recall", "AP", {1, 0.5, 0}, {0.5, 1, 1}, 3, 0.75},
		{"simple", NULL, {0, 1}, {0, 1}, 2, 0},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plot p = {.template = cases[i].template};
		double area;
		const char *measure = plot_area(&p, cases[i].x, cases[i].y, cases[i].count, &area);
		assert_int_equal(measure == NULL, cases[i].measure == NULL);
		if (!measure)
			continue;
		assert_string_equal(measure, cases[i].measure);
		assert_true(fabs(area - cases[i].area) < 1e-9);
	}
}

/* `count` rows: a line that is flat but for one peak. */
static char *peak(size_t count, size_t at)
{
	struct buf text = BUF_INIT;
	buf_addc(&text, '[');
	for (size_t i = 0; i < count; i++)
		buf_addf(&text, "%s{\"x\": %zu, \"y\": %d}", i ? ", " : "", i, i == at ? 100 : 0);
	buf_addc(&text, ']');
	return buf_detach(&text);
}

static bool is_picked(const struct plot_series *s, size_t row)
{
	for (size_t i = 0; i < plot_series_count(s); i++)
		if (plot_series_row(s, i) == row)
			return true;
	return false;
}

static void test_lines_keep_their_form(void **state)
{
	enum { ROWS = THIN_POINTS * 3, PEAK = 12345 };
	AUTO(mem_freep) char *rows = peak(ROWS, PEAK);
	struct plots p = PLOTS_INIT;
	struct plot_data d;
	(void)state;
	make_plot(&p, &d, NULL, rows);
	plots_thin(&p);
	const struct plot_series *s = &p.items.items[0].series.items[0];
	assert_true(plot_series_count(s) <= THIN_POINTS + 2);
	assert_true(is_picked(s, 0));
	assert_true(is_picked(s, PEAK));
	assert_true(is_picked(s, ROWS - 1));
	assert_non_null(strstr(p.items.items[0].note, "of 30000 points"));
	release(&p, &d);
}

static void test_small_plots_are_left_alone(void **state)
{
	AUTO(mem_freep) char *rows = peak(THIN_POINTS, 5);
	struct plots p = PLOTS_INIT;
	struct plot_data d;
	(void)state;
	make_plot(&p, &d, NULL, rows);
	plots_thin(&p);
	assert_null(p.items.items[0].series.items[0].picked);
	assert_null(p.items.items[0].note);
	release(&p, &d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_cells_that_are_no_numbers),
		cmocka_unit_test(test_areas),
		cmocka_unit_test(test_lines_keep_their_form),
		cmocka_unit_test(test_small_plots_are_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
