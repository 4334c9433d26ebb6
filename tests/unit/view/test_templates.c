#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text/json.h"
#include "view/templates.h"

static void test_order_of_dvc(void **state)
{
	static const char *const names[] = {"simple", "linear", "confusion", "confusion_normalized",
		"scatter", "scatter_jitter", "smooth", "bar_horizontal_sorted", "bar_horizontal"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_string_equal(template_name(i), names[i]);
}

static void test_names(void **state)
{
	(void)state;
	assert_non_null(template_builtin(TEMPLATE_DEFAULT, NULL));
	assert_ptr_equal(template_builtin("smooth", NULL), template_builtin("linear", NULL));
	assert_null(template_builtin("simple.json", NULL));
	assert_null(template_builtin("", NULL));
}

/* What the code that fills templates relies on: an object, with a place for the data. */
static void test_every_template(void **state)
{
	const char *name;

	(void)state;
	for (size_t i = 0; (name = template_name(i)); i++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		struct err err = {0};
		struct value *v = NULL;
		const char *anchor;
		size_t len = 0;
		const char *text = template_builtin(name, &len);

		assert_non_null(text);
		assert_int_equal(json_parse(&a, text, len, &v, &err), 0);
		anchor = value_get_str(value_get(v, "data"), "values");
		assert_non_null(anchor);
		assert_string_equal(anchor, "<DVC_METRIC_DATA>");
		assert_string_equal(value_get_str(v, "$schema"),
			"https://vega.github.io/schema/vega-lite/v5.json");
		assert_non_null(strstr(text, "<DVC_METRIC_TITLE>"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_of_dvc),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_every_template),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
