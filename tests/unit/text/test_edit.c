#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/strlist.h"
#include "text/csv.h"
#include "text/edit.h"
#include "text/flatten.h"
#include "text/json.h"

/* `want` is JSON */
static void assert_edit(
	enum edit_format format, const char *before, const char *want, const char *after)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v;
	buf_adds(&text, before);
	assert_int_equal(json_parse(&a, want, strlen(want), &v, &err), 0);
	if (edit_text(format, "x", &text, v, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(buf_str(&text), after);
}

static void edits_yaml(void **state)
{
	(void)state;
	assert_edit(EDIT_YAML, "# top\nlr:  0.1   # rate\nm:\n    a: 1\n\n    b: 'x'\n",
		"{\"lr\": 0.2, \"m\": {\"a\": 1, \"b\": \"y: z\"}}",
		"# top\nlr:  0.2   # rate\nm:\n    a: 1\n\n    b: 'y: z'\n");
	assert_edit(EDIT_YAML, "stages:\n  a:\n    cmd: x # c\n  b: {cmd: y}\n",
		"{\"stages\": {\"a\": {\"cmd\": \"x\", \"frozen\": true}, \"b\": {\"cmd\": \"y\", \"deps\": [\"p\", \"q\"]}}}",
		"stages:\n  a:\n    cmd: x # c\n    frozen: true\n  b: {cmd: y, deps: [p, q]}\n");
	assert_edit(EDIT_YAML, "a:\n  x: 1\n  # stays\n  y: 2\nb: 3",
		"{\"a\": {\"y\": 2}, \"b\": 3, \"c\": {\"d\": [1]}}",
		"a:\n  # stays\n  y: 2\nb: 3\nc:\n  d:\n  - 1");
	assert_edit(EDIT_YAML, "l:\n  -   p\n  -   q # k\n", "{\"l\": [\"p\", \"z\", {\"a\": 1}]}",
		"l:\n  -   p\n  -   z # k\n  - a: 1\n");
	assert_edit(EDIT_YAML, "a:\nb: &x {k: 1}\nc: *x\n",
		"{\"a\": 1, \"b\": {\"k\": 1}, \"c\": 5}", "a: 1\nb: &x {k: 1}\nc: 5\n");
	assert_edit(EDIT_YAML, "# nothing\n", "{\"a\": [1]}", "# nothing\na:\n- 1\n");
}

/* Items that come or go at one place leave the lines of the others as they are. */
static void edits_lists_of_yaml(void **state)
{
	static const struct {
		const char *before, *want, *after;
	} cases[] = {
		{"l:\n- a # x\n# of b\n- b\n- c # z\n", "{\"l\": [\"b\", \"c\"]}",
			"l:\n# of b\n- b\n- c # z\n"},
		{"l:\n- a # x\n# of b\n- b\n- c # z\n", "{\"l\": [\"a\", \"c\"]}",
			"l:\n- a # x\n# of b\n- c # z\n"},
		{"l:\n- a # x\n- b\n- c # z\n", "{\"l\": [\"a\"]}", "l:\n- a # x\n"},
		{"l:\n    - a\n    - k: {x: 1}   # k\n      m: 2\n\n    # of c\n    - c: 3 # z\n",
			"{\"l\": [\"a\", {\"c\": 3}]}",
			"l:\n    - a\n\n    # of c\n    - c: 3 # z\n"},
		{"l:\n- a\n- k:\n    x: 1\n# after\nm: 2\n", "{\"l\": [\"a\"], \"m\": 2}",
			"l:\n- a\n# after\nm: 2\n"},
		{"l:\n- a # x\n- b", "{\"l\": [\"a\"]}", "l:\n- a # x\n"},
		{"l:\n# of b\n- b # x\n", "{\"l\": [\"a\", \"b\"]}", "l:\n# of b\n- a\n- b # x\n"},
		{"l:\n- a: |\n    text\n# of c\n- c # z\n",
			"{\"l\": [{\"a\": \"text\\n\"}, {\"b\": [1]}, \"c\"]}",
			"l:\n- a: |\n    text\n- b:\n  - 1\n# of c\n- c # z\n"},
		{"l:\r\n- a # x\r\n- c # z\r\n", "{\"l\": [\"a\", \"b\", \"c\"]}",
			"l:\r\n- a # x\r\n- b\r\n- c # z\r\n"},
		{"- - a # x\n  - b\n- c # z\n", "[[\"b\"], \"c\"]", "- - b\n- c # z\n"},
		{"l:\n- &m {x: 1} # x\n- *m\n- b # z\n", "{\"l\": [{\"x\": 1}, \"b\"]}",
			"l:\n- &m {x: 1} # x\n- b # z\n"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_edit(EDIT_YAML, cases[i].before, cases[i].want, cases[i].after);
}

static void edits_others(void **state)
{
	(void)state;
	assert_edit(EDIT_JSON, "{\n  \"a\": 1,\n  \"b\": [1,2]\n}\n",
		"{\"a\": 2, \"b\": [1, 2, 3], \"c\": {}}",
		"{\n  \"a\": 2,\n  \"b\": [1,2, 3],\n  \"c\": {}\n}\n");
	assert_edit(EDIT_JSON, "{\"a\": 1, \"b\": 2, \"c\": 3}", "{\"b\": 2}", "{\"b\": 2}");
	assert_edit(EDIT_TOML, "lr = 0.1 # r\n\n[m]\n# in m\na = 1\n\n[n]\n",
		"{\"lr\": 0.2, \"m\": {\"a\": 1, \"b\": \"x\"}, \"n\": {\"k\": 1}}",
		"lr = 0.2 # r\n\n[m]\n# in m\na = 1\nb = \"x\"\n\n[n]\nk = 1\n");
	assert_edit(EDIT_PYTHON, "A = 1e-5  # c\nclass B:\n    n = \"x\"\n    d = {'k': 2}\n",
		"{\"A\": 0.5, \"B\": {\"n\": \"it's\", \"d\": {\"k\": 7}}}",
		"A = 0.5  # c\nclass B:\n    n = \"it's\"\n    d = {'k': 7}\n");
}

static void flattens(void **state)
{
	static const char text[] =
		"{\"a\": {\"b\": 1, \"c\": {}}, \"l\": [1, {\"k\": 2}], \"s\": \"x\"}";
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v;
	(void)state;
	assert_int_equal(json_parse(&a, text, strlen(text), &v, &err), 0);
	value_add_repr(&out, flatten(&a, v));
	assert_string_equal(buf_str(&out), "{'a.b': 1, 'l': [1, {'k': 2}], 's': 'x'}");
	assert_int_equal(flatten_get(v, "l.1.k")->integer.number, 2);
	assert_int_equal(flatten_get(v, "l.-2")->integer.number, 1);
	assert_null(flatten_get(v, "l.5"));
	assert_null(flatten_get(v, "s.x"));
}

static void reads_and_writes_csv(void **state)
{
	static const char text[] = "a,\"b,c\",\"d\"\"e\"\r\n\r\n,\"x\ny\"\n";
	struct csv_reader r = {.text = text, .len = strlen(text), .delimiter = ','};
	AUTO(strlist_release) struct strlist row = STRLIST_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	(void)state;
	assert_true(csv_next(&r, &row));
	assert_int_equal(row.count, 3);
	assert_string_equal(row.items[2], "d\"e");
	csv_write_row(&out, &row, ',');
	assert_true(csv_next(&r, &row));
	assert_string_equal(row.items[1], "x\ny");
	csv_write_row(&out, &row, ',');
	assert_false(csv_next(&r, &row));
	assert_string_equal(buf_str(&out), "a,\"b,c\",\"d\"\"e\"\r\n,\"x\ny\"\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_yaml),
		cmocka_unit_test(edits_lists_of_yaml),
		cmocka_unit_test(edits_others),
		cmocka_unit_test(flattens),
		cmocka_unit_test(reads_and_writes_csv),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
