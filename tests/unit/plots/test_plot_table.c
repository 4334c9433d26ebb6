/* The rows of data files: which lists of a tree are data, and what CSV cells become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plot_data.h"

/* All rows as one text: {"a": 1, "b": null}, ... */
static void add_rows(struct buf *out, const struct plot_table *t)
{
	for (size_t row = 0; row < t->rows; row++) {
		buf_adds(out, row ? ", {" : "{");
		size_t count = t->is_tree ? t->maps.items[row]->list.count : t->names.count;
		for (size_t i = 0; i < count; i++) {
			const char *name = t->is_tree ? t->maps.items[row]->list.items[i].key
						      : t->names.items[i];
			struct plot_cell cell;
			assert_true(plot_table_cell(t, row, i, name, &cell));
			buf_addf(out, "%s%s=", i ? " " : "", name);
			plot_cell_to_json(out, &cell);
		}
		buf_addc(out, '}');
	}
}

static void test_lists_of_a_tree(void **state)
{
	static const struct {
		const char *document, *rows, *last_key, *fault;
	} cases[] = {
		{"[{\"a\": 1, \"b\": 2}]", "{a=1 b=2}", "b", NULL},
		/* lists are merged by position, and found in nested maps only */
		{"{\"t\": [{\"x\": 1}, {\"x\": 2}], \"m\": {\"k\": [{\"z\": 5}]}}",
			"{x=1 z=5}, {x=2}", "x", NULL},
		{"[[{\"a\": 1}]]", "", NULL, NULL},
		{"{\"a\": 1}", "", NULL, NULL},
		{"[1, 2]", "", NULL, NULL},
		{"null", "", NULL, NULL},
		/* the first row must have all keys; the last key is that of the first list anyway
		 */
		{"[{\"a\": 1}, {\"b\": 2}]", "", "a", NULL},
		{"[{\"a\": 1, \"b\": 2}, {\"b\": 3}]", "{a=1 b=2}, {b=3}", "b", NULL},
		{"[{}, {\"b\": 3}]", "", NULL, NULL},
		{"[{\"a\": 1}, 3]", "", NULL, NULL},
		{"[{\"a\": [1, {\"k\": NaN}]}]", "{a=[1, {\"k\": NaN}]}", "a", NULL},
		{"{\"l\": [{\"a\": 1}], \"k\": []}", "{a=1}", "a",
			"'NoneType' object has no attribute 'keys'"},
		{"5", "", NULL, "'int' object has no attribute 'values'"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plot_data d;
		AUTO(buf_release) struct buf rows = BUF_INIT;
		plot_data_init(&d, "f", cases[i].document);
		const struct plot_table *t = &d.source.table;
		add_rows(&rows, t);
		assert_string_equal(buf_str(&rows), cases[i].rows);
		assert_string_equal(t->last_key ? t->last_key : "-",
			cases[i].last_key ? cases[i].last_key : "-");
		assert_string_equal(
			t->fault.msg ? t->fault.msg : "-", cases[i].fault ? cases[i].fault : "-");
		plot_data_release(&d);
	}
}

static void test_cells_of_a_table(void **state)
{
	static const struct {
		const char *text;
		char delimiter;
		bool has_header;
		const char *rows;
	} cases[] = {
		{"a,b\n1,2\n", ',', true, "{a=\"1\" b=\"2\"}"},
		{"a\tb\n1\t2,3\n", '\t', true, "{a=\"1\" b=\"2,3\"}"},
		{"1,2\n3,4\n", ',', false, "{0=\"1\" 1=\"2\"}, {0=\"3\" 1=\"4\"}"},
		/* of columns with one name the last one counts, at the place of the first */
		{"a,b,a\n1,2,3\n", ',', true, "{a=\"3\" b=\"2\"}"},
		{"a,b\n1\n", ',', true, "{a=\"1\" b=null}"},
		{"a,b\n1,2,3\n", ',', true, "{a=\"1\" b=\"2\"}"},
		{"a,b\n\n1,\n", ',', true, "{a=\"1\" b=\"\"}"},
		{"a\n\"x\n\"\"y\"\n", ',', true, "{a=\"x\\n\\\"y\"}"},
		{"a,b\n", ',', true, ""},
		{"", ',', true, ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(plot_table_release) struct plot_table t = {0};
		AUTO(buf_release) struct buf rows = BUF_INIT;
		assert_int_equal(plot_table_from_csv(&t, cases[i].text, strlen(cases[i].text),
					 cases[i].delimiter, cases[i].has_header, NULL),
			0);
		add_rows(&rows, &t);
		assert_string_equal(buf_str(&rows), cases[i].rows);
	}
}

static void test_rows_that_are_too_long_are_told(void **state)
{
	static const char text[] = "a,b\n1,2\n1,2,3\n1,2,3,4\n";
	AUTO(plot_table_release) struct plot_table t = {0};
	(void)state;
	assert_int_equal(plot_table_from_csv(&t, text, strlen(text), ',', true, NULL), 0);
	assert_int_equal(t.long_row, 2);
	assert_int_equal(t.long_row_cells, 3);
}

static void test_a_cell_as_a_number(void **state)
{
	static const struct {
		const char *text;
		bool is_number;
		double number;
	} cases[] = {{"1", true, 1}, {" -2.5e1 ", true, -25}, {"", false, 0}, {"1x", false, 0},
		{" ", false, 0}, {"a", false, 0}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plot_cell cell = {.text = cases[i].text, .len = strlen(cases[i].text)};
		double number = 0;
		assert_int_equal(plot_cell_number(&cell, &number), cases[i].is_number);
		if (cases[i].is_number)
			assert_true(number == cases[i].number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists_of_a_tree),
		cmocka_unit_test(test_cells_of_a_table),
		cmocka_unit_test(test_rows_that_are_too_long_are_told),
		cmocka_unit_test(test_a_cell_as_a_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
