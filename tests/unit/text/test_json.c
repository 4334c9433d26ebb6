#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/json.h"

static void reads_and_writes(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"[1,2.50,1e5,-0,-0.0]", "[1, 2.5, 100000.0, 0, -0.0]"},
		{"[NaN,Infinity,-Infinity,1E400]", "[NaN, Infinity, -Infinity, Infinity]"},
		{"{\"a\":1,\"b\":{},\"a\":2}", "{\"a\": 2, \"b\": {}}"},
		{"\"\\u00e9\\ud83d\\ude00\\ud800\x7f\\/\\n\"",
			"\"\\u00e9\\ud83d\\ude00\\ud800\\u007f/\\n\""},
		{"\"a\xff\xc3\"", "\"a\\udcff\\udcc3\""}, /* as Python's surrogateescape */
		{"\"\uFFFD\"", "\"\\ufffd\""},
		{"12345678901234567890123", "12345678901234567890123"},
		{" [ true , false , null ] ", "[true, false, null]"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(buf_release) struct buf out = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		struct value *v;
		assert_int_equal(json_parse(&a, cases[i].in, strlen(cases[i].in), &v, &err), 0);
		assert_int_equal(json_write(&out, v, NULL, &err), 0);
		assert_string_equal(buf_str(&out), cases[i].out);
	}
}

static void fails_with_pythons_words(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", "Expecting value: line 1 column 1 (char 0)"},
		{"[1,]", "Expecting value: line 1 column 4 (char 3)"},
		{"{\"a\": 1,}",
			"Expecting property name enclosed in double quotes: line 1 column 9 (char 8)"},
		{"{\"a\" 1}", "Expecting ':' delimiter: line 1 column 6 (char 5)"},
		{"[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"},
		{"\"é\n\"", "Invalid control character at: line 1 column 3 (char 2)"},
		{"\"abc", "Unterminated string starting at: line 1 column 1 (char 0)"},
		{"\"\\q\"", "Invalid \\escape: line 1 column 2 (char 1)"},
		{"01", "Extra data: line 1 column 2 (char 1)"},
		{"\n\n {",
			"Expecting property name enclosed in double quotes: line 3 column 3 (char 4)"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		struct value *v;
		assert_int_equal(
			json_parse(&a, cases[i].text, strlen(cases[i].text), &v, &err), ERR_PARSE);
		assert_string_equal(err.msg, cases[i].message);
	}
}

static void writes_with_options(void **state)
{
	static const char text[] = "{\"b\": [1, {}], \"a\": \"\xC3\xA9\"}";
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v;
	(void)state;
	assert_int_equal(json_parse(&a, text, strlen(text), &v, &err), 0);
	struct json_opts opts = {.sort_keys = true, .indent = 2, .raw_unicode = true};
	assert_int_equal(json_write(&out, v, &opts, &err), 0);
	assert_string_equal(
		buf_str(&out), "{\n  \"a\": \"\xC3\xA9\",\n  \"b\": [\n    1,\n    {}\n  ]\n}");
	buf_clear(&out);
	assert_int_equal(
		json_write(&out, value_text(&a, VALUE_DATE, "2020-01-02", 10), NULL, &err), 0);
	assert_string_equal(buf_str(&out), "\"2020-01-02\"");
	assert_int_equal(
		json_write(&out, value_text(&a, VALUE_BYTES, "x", 1), NULL, &err), ERR_VALUE);
	assert_string_equal(err.msg, "Object of type bytes is not JSON serializable");
}

/* A text of JSON is copied, and indented like the rest where that is wanted. */
static void writes_json_that_is_there(void **state)
{
	(void)state;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v = value_map(&a);
	const struct json_opts indented = {.indent = 2};
	static const char text[] = "[{\"x\": NaN}, 1]";
	value_set(&a, v, "data", value_text(&a, VALUE_JSON, text, strlen(text)));

	const struct {
		const struct json_opts *opts;
		const char *want;
	} cases[] = {{NULL, "{\"data\": [{\"x\": NaN}, 1]}"}, {&indented, "{\n"
									  "  \"data\": [\n"
									  "    {\n"
									  "      \"x\": NaN\n"
									  "    },\n"
									  "    1\n"
									  "  ]\n"
									  "}"}};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf out = BUF_INIT;
		assert_int_equal(json_write(&out, v, cases[i].opts, NULL), 0);
		assert_string_equal(buf_str(&out), cases[i].want);
	}
}

static void pulls(void **state)
{
	static const char text[] =
		"[{\"md5\": \"ab\", \"x\": [1, [2]], \"relpath\": \"d\\u00e9\"}, {}]";
	static const int expected[] = {
		JSON_LIST_BEGIN, JSON_MAP_BEGIN, JSON_KEY, JSON_STRING, JSON_KEY};
	struct json_reader r;
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	json_reader_init(&r, text, strlen(text));
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_int_equal(json_next(&r, &err), expected[i]);
	assert_int_equal(json_skip(&r, &err), 0);
	assert_int_equal(json_next(&r, &err), JSON_KEY);
	assert_int_equal(json_next(&r, &err), JSON_STRING);
	assert_memory_equal(r.str, "d\xC3\xA9", r.str_len);
	assert_int_equal(json_next(&r, &err), JSON_MAP_END);
	assert_int_equal(json_next(&r, &err), JSON_MAP_BEGIN);
	assert_int_equal(json_next(&r, &err), JSON_MAP_END);
	assert_int_equal(json_next(&r, &err), JSON_LIST_END);
	assert_int_equal(json_next(&r, &err), JSON_EOF);
	json_reader_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes),
		cmocka_unit_test(fails_with_pythons_words),
		cmocka_unit_test(writes_with_options),
		cmocka_unit_test(writes_json_that_is_there),
		cmocka_unit_test(pulls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
