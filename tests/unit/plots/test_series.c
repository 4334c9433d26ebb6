/* Which fields of which files are x and y, labels, and definitions that do not fit the data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plot_data.h"

#define ROWS "[{\"x\": 1, \"y\": 2, \"z\": 3}, {\"x\": 4, \"y\": 5, \"z\": 6}]"

/* Each series as "file.y by file.x", and the names of the fields that are drawn. */
static void describe(struct buf *out, const struct plot *p)
{
	VEC_EACH (&p->series, s)
		buf_addf(out, "%s.%s by %s; ", s->short_file, s->y_field,
			s->x_field ? s->x_field : "row");
	if (p->points)
		buf_addf(out, "%s (%s), %s (%s)", p->x, p->x_label, p->y, p->y_label);
}

static void test_fields(void **state)
{
	static const struct {
		const char *files, *id, *properties, *expected;
	} cases[] = {
		/* nothing is said: the last column by the number of the row */
		{"f", "f", "{}", "f.z by row; step (step), z (z)"},
		{"f", "f", "{\"x\": \"x\", \"y\": \"y\"}", "f.y by x; x (x), y (y)"},
		{"f", "f", "{\"y\": [\"y\", \"z\"]}",
			"f.y by row; f.z by row; step (step), dvc_inferred_y_value (y)"},
		{"f", "f", "{\"y\": \"y\", \"x_label\": \"\", \"y_label\": \"L\"}",
			"f.y by row; step (), y (L)"},
		{"d/f d/g", "T", "{\"x\": \"x\", \"y\": {\"d/f\": \"y\", \"d/g\": \"y\"}}",
			"f.y by x; g.y by x; x (x), y (y)"},
		{"d/f d/g", "T",
			"{\"x\": {\"d/f\": \"x\", \"d/g\": \"z\"}, \"y\": {\"d/f\": \"y\", \"d/g\": \"y\"}}",
			"f.y by x; g.y by z; dvc_inferred_x_value (x), y (y)"},
		/* one x serves all ys */
		{"f g", "T", "{\"x\": {\"g\": \"x\"}, \"y\": {\"f\": [\"y\", \"z\"]}}",
			"f.y by x; f.z by x; x (x), dvc_inferred_y_value (y)"},
		{"f", "f", "{\"y\": []}", ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plot_data d;
		struct reading_error why = {0};
		AUTO(buf_release) struct buf text = BUF_INIT;
		plot_data_init(&d, cases[i].files, ROWS);
		assert_int_equal(
			plot_data_add(&d, "workspace", cases[i].id, cases[i].properties, &why), 0);
		describe(&text, &d.plot);
		assert_string_equal(buf_str(&text), cases[i].expected);
		plot_data_release(&d);
	}
}

static void test_definitions_that_do_not_fit(void **state)
{
	static const struct {
		const char *id, *properties, *error;
	} cases[] = {
		{"f", "{\"y\": \"no\"}",
			"Could not find provided field ('no') in data fields ('x, y, z')."},
		{"f", "{\"x\": \"no\"}",
			"Could not find provided field ('no') in data fields ('x, y, z')."},
		{"T", "{\"x\": {\"f\": \"x\", \"g\": \"x\"}, \"y\": {\"f\": \"y\"}}",
			"Cannot have different number of x and y data sources. Found 2 x and 1 y "
			"data sources."},
		{"T", "{\"x\": {\"gone\": \"x\"}, \"y\": {\"f\": \"y\"}}",
			"Cannot join 'x' from 'gone' and 'y' from 'f'. They have to have same "
			"length."},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plot_data d;
		struct reading_error why = {0};
		plot_data_init(&d, "f g", ROWS);
		assert_true(
			plot_data_add(&d, "workspace", cases[i].id, cases[i].properties, &why) < 0);
		assert_string_equal(why.msg, cases[i].error);
		assert_int_equal(d.plot.series.count, 0); /* all of a revision, or nothing */
		plot_data_release(&d);
	}
}

static void test_the_first_revision_with_points_decides(void **state)
{
	struct plot_data d;
	struct reading_error why = {0};
	(void)state;
	plot_data_init(&d, "f", ROWS);
	assert_int_equal(plot_data_add(&d, "none", "f", "{\"y\": []}", &why), 0);
	assert_int_equal(plot_data_add(&d, "v1", "f", "{\"y\": \"y\"}", &why), 0);
	assert_int_equal(plot_data_add(&d, "v2", "f", "{\"y\": \"z\"}", &why), 0);
	assert_string_equal(d.plot.y, "y");
	assert_int_equal(d.plot.revs.count, 2);
	assert_int_equal(d.plot.points, 4);
	plot_data_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_definitions_that_do_not_fit),
		cmocka_unit_test(test_the_first_revision_with_points_decides),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
