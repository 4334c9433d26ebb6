/* Anchors of templates: where they are replaced, by what, and which stay for an editor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plot_data.h"
#include "plots/template.h"

#define ROWS "[{\"x\": 1, \"v.a\": 2}]"
#define X    "{\"x\": \"x\", \"y\": \"v.a\", \"title\": \"<DVC_METRIC_X>\"}"

/* The document, filled; or the error. With `split` also the definitions. */
static char *filled(const char *properties, const char *template, bool split)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct plot_data d;
	struct reading_error why = {0};
	plot_data_init(&d, "f g", ROWS);
	assert_int_equal(plot_data_add(&d, "workspace", "f", properties, &why), 0);
	struct value *v = NULL, *defined = split ? value_map(&d.arena) : NULL;
	if (plot_template_fill(parsed(&d.arena, template), &d.plot, &d.arena, &v, defined, &err) <
		0)
		buf_adds(&out, err.msg);
	else
		(void)json_write(&out, v, NULL, NULL);
	for (size_t i = 0; i < value_count(defined); i++)
		buf_addf(&out, " %s", defined->list.items[i].key);
	plot_data_release(&d);
	return buf_detach(&out);
}

static void test_places(void **state)
{
	static const struct {
		const char *template, *expected;
	} cases[] = {
		{"{\"a\": 1}", "Template 'linear' is not using '<DVC_METRIC_DATA>' anchor"},
		/* without other anchors, points keep their file and field */
		{"{\"d\": \"<DVC_METRIC_DATA>\"}",
			"{\"d\": [{\"x\": 1, \"v.a\": 2, \"rev\": \"workspace\", \"filename\": \"f\", "
			"\"field\": \"v.a\"}]}"},
		{"{\"d\": \"<DVC_METRIC_DATA>\", \"w\": \"<DVC_METRIC_PLOT_WIDTH>\"}",
			"{\"d\": [{\"x\": 1, \"v.a\": 2, \"rev\": \"workspace\"}], \"w\": 300}"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *text = filled(X, cases[i].template, false);
		assert_string_equal(text, cases[i].expected);
	}
}

/* What a value of a template becomes. */
static void test_values(void **state)
{
	static const struct {
		const char *value, *expected;
	} cases[] = {
		{"\"<DVC_METRIC_Y>\"", "\"v\\\\.a\""}, /* escaped for Vega-Lite */
		{"\"<DVC_METRIC_Y_LABEL>\"", "\"v.a\""},
		{"\"a <DVC_METRIC_X>, <DVC_METRIC_X>\"", "\"a x, x\""},
		/* a longer text takes texts only, and in lists nothing */
		{"\"w=<DVC_METRIC_PLOT_WIDTH>\"", "\"w=<DVC_METRIC_PLOT_WIDTH>\""},
		{"[\"<DVC_METRIC_X>\", \"a <DVC_METRIC_X>\", [\"<DVC_METRIC_X>\"]]",
			"[\"x\", \"a <DVC_METRIC_X>\", [\"x\"]]"},
		{"{\"<DVC_METRIC_X>\": \"<DVC_METRIC_NOPE>\"}",
			"{\"<DVC_METRIC_X>\": \"<DVC_METRIC_NOPE>\"}"},
		/* one after the other: the title is an anchor itself */
		{"\"<DVC_METRIC_TITLE>\"", "\"x\""},
		{"\"<DVC_METRIC_GROUP_BY>\"", "[\"rev\"]"},
		{"\"<DVC_METRIC_ROW>\"", "{}"},
		{"\"<DVC_METRIC_PIVOT_FIELD>\"", "\"datum.rev\""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *template = mem_printf(
			"{\"d\": \"<DVC_METRIC_DATA>\", \"v\": %s}", cases[i].value);
		AUTO(mem_freep) char *text = filled(X, template, false);
		const char *v = strstr(text, "], \"v\": ");
		assert_non_null(v);
		AUTO(mem_freep) char *expected = mem_printf("], \"v\": %s}", cases[i].expected);
		assert_string_equal(v, expected);
	}
}

static void test_for_an_editor(void **state)
{
	AUTO(mem_freep) char *text = filled(X,
		"{\"x\": \"<DVC_METRIC_X>\", \"t\": \"<DVC_METRIC_TITLE>\", \"c\": "
		"\"<DVC_METRIC_COLOR>\"}",
		true);
	(void)state;
	assert_string_equal(text,
		"{\"x\": \"x\", \"t\": \"<DVC_METRIC_TITLE>\", \"c\": \"<DVC_METRIC_COLOR>\"} "
		"<DVC_METRIC_COLOR> <DVC_METRIC_TITLE> <DVC_METRIC_X_LABEL> <DVC_METRIC_Y_LABEL> "
		"<DVC_METRIC_DATA>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_for_an_editor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
