#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/json.h"
#include "view/page.h"
#include "view/page_text.h"
#include "view/vega.h"

static const struct value *parsed(struct arena *a, const char *json)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v = NULL;

	assert_int_equal(json_parse(a, json, strlen(json), &v, &err), 0);
	return v;
}

static void test_text(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;

	(void)state;
	page_add_text(&out, "<b a=\"1\" c='2'>&amp; \xc3\xa9");
	assert_string_equal(out.ptr, "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp; \xc3\xa9");
}

static void test_json(void **state)
{
	static const struct {
		const char *given, *expected;
	} cases[] = {
		{"{\"a\": [1, \"x\", null, true]}", "{\"a\": [1, \"x\", null, true]}"},
		{"[\"</script><!--\"]", "[\"\\u003c/script>\\u003c!--\"]"},
		{"[\"\\\"<\\\\<\"]", "[\"\\\"\\u003c\\\\\\u003c\"]"},
		{"[NaN, Infinity, -Infinity]", "[null, 1e999, -1e999]"},
		{"[\"NaN Infinity\"]", "[\"NaN Infinity\"]"},
		{"{\"<k>\": 1}", "{\"\\u003ck>\": 1}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(buf_release) struct buf out = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;

		assert_int_equal(page_add_json(&out, parsed(&a, cases[i].given), &err), 0);
		assert_string_equal(out.ptr, cases[i].expected);
	}
}

/* Parts that are JSON already may have been made with less care. */
static void test_ready_json(void **state)
{
	static const struct {
		const char *given, *expected;
	} cases[] = {
		{"[\"<\"]", "[\"\\u003c\"]"},
		{"\"\\<", "\"\\\\u003c"},
		{"</script>", "\\u003c/script>"},
		{"\"</script>", "\"\\u003c/script>"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(buf_release) struct buf out = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		const char *given = cases[i].given;

		assert_int_equal(
			page_add_json(&out, value_text(&a, VALUE_JSON, given, strlen(given)), &err),
			0);
		assert_string_equal(out.ptr, cases[i].expected);
	}
}

static void test_page(void **state)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(page_write(&out, parsed(&a, "{\"title\": \"<i>@DATA@\"}"), &err), 0);
	assert_non_null(strstr(out.ptr, "<title>&lt;i&gt;@DATA@</title>"));
	assert_non_null(strstr(out.ptr, "<meta charset=\"utf-8\">"));
	assert_non_null(strstr(out.ptr, "script-src 'sha256-"));
	assert_null(strstr(out.ptr, "vegaEmbed(t")); /* no plot needs it */
	assert_null(strstr(out.ptr, "cdn.jsdelivr.net/npm"));
}

static void test_page_with_vega(void **state)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	const char *doc = "{\"plots\": [{\"id\": \"p\", \"type\": \"vega\", \"spec\": {}}]}";

	(void)state;
	assert_int_equal(page_write(&out, parsed(&a, doc), &err), 0);
	if (vega_is_built_in()) {
		assert_non_null(strstr(out.ptr, "Redistribution and use in source and binary"));
		assert_null(strstr(out.ptr, "src=\"https://"));
	} else {
		assert_non_null(strstr(out.ptr,
			"<script src=\"https://cdn.jsdelivr.net/npm/vega@5.20.2\"></script>"));
		assert_non_null(strstr(out.ptr, "does not contain Vega"));
	}
}

static const char one_image[] = "{\"plots\": [{\"id\": \"<p>\", \"type\": \"image\", \"images\": "
				"[{\"rev\": \"main\", \"src\": \"static/a%20b.png\"}]}]}";

static void test_template(void **state)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	const char *text = "{a} {{scripts}{refresh_tag} {plot_divs}|{plot_divs}{plot";

	(void)state;
	assert_int_equal(
		page_write_template(&out, parsed(&a, one_image), text, strlen(text), &err), 0);
#define DIV                                                                                        \
	"<div id=\"plot-1\">\n<p>&lt;p&gt;</p>\n"                                                  \
	"<div style=\"display: flex; flex-wrap: wrap; gap: 15px\">\n<div>\n<p>main</p>\n"          \
	"<img src=\"static/a%20b.png\">\n</div>\n</div>\n</div>\n"
	assert_string_equal(out.ptr, "{a} { " DIV "|" DIV "{plot");
}

static void test_template_without_place(void **state)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
		page_write_template(&out, parsed(&a, "{}"), "{scripts}", 9, &err), ERR_VALUE);
	assert_string_equal(err.msg, "HTML template has to contain '{plot_divs}'.");
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_ready_json),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_page_with_vega),
		cmocka_unit_test(test_template),
		cmocka_unit_test(test_template_without_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
