#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/json.h"
#include "text/yaml.h"

/* The output of ruamel.yaml's dumper for the JSON beside it, recorded once. */
static void dumps_as_ruamel(void **state)
{
	static const struct {
		const char *json, *yaml;
	} cases[] = {
		{"{\"a\": null, \"b\": [null, 1], \"c\": {}}", "a:\nb:\n- \n- 1\nc: {}\n"},
		{"{\"l\": [[1, [2]], {\"k\": 1, \"l\": []}]}",
			"l:\n- - 1\n  - - 2\n- k: 1\n  l: []\n"},
		{"{\"s\": \"yes\", \"n\": \"010\", \"f\": \"1e5\", \"d\": \"2020-01-02\", \"e\": \"\", \"t\": \"12:30:45\"}",
			"s: yes\nn: '010'\nf: '1e5'\nd: '2020-01-02'\ne: ''\nt: 12:30:45\n"},
		{"{\"q\": \"it's: x\", \"r\": \"a\\nb\", \"u\": \"\\u00e9 \\u2028 \\ud83d\\ude00\", \"w\": \"\\\"x\\\": y\"}",
			"q: \"it's: x\"\nr: \"a\\nb\"\nu: \"\303\251 \\L \360\237\230\200\"\nw: '\"x\": y'\n"},
		{"{\"x\": 1e-05, \"y\": 1e+16, \"z\": 100000.0, \"big\": 10000000000000000000000000}",
			"x: 1e-05\ny: 1e+16\nz: 100000.0\nbig: 10000000000000000000000000\n"},
		{"{\"cmd\": \"wc -c data/a > m.json; cat data/sub/b > model.bin; echo '[{\\\"s\\\":1,\\\"v\\\":2}]' > plots.json\"}",
			"cmd: wc -c data/a > m.json; cat data/sub/b > model.bin; echo '[{\"s\":1,\"v\":2}]' >\n  plots.json\n"},
		{"{\"k\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}",
			"k: \n  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"},
		{"{\"k\": \"# word word word word word word word word word word word word word word word word word word word word end\"}",
			"k: '# word word word word word word word word word word word word word word word word\n  word word word word end'\n"},
		{"{\"k\": \"tab\\tword word word word word word word word word word word word word word word word word word word word \\\"a\\\" end\"}",
			"k: \"tab\\tword word word word word word word word word word word word word word word\n  word word word word word \\\"a\\\" end\"\n"},
		{"{\"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\": 1}",
			"? yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n: 1\n"},
		{"{\"stages\": {\"a\": {\"cmd\": [\"x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x \", \"b\"]}}}",
			"stages:\n  a:\n    cmd:\n    - 'x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x\n      x x x x x x x x x x x x '\n    - b\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(buf_release) struct buf out = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		struct value *v;
		assert_int_equal(json_parse(&a, cases[i].json, strlen(cases[i].json), &v, &err), 0);
		yaml_emit(&out, v);
		assert_string_equal(buf_str(&out), cases[i].yaml);
	}
}

static void assert_reads(const char *yaml, const char *repr)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v;
	int ret = yaml_parse(&a, "x", yaml, strlen(yaml), &v, &err);
	if (ret < 0)
		fail_msg("%s: %s", yaml, err.msg);
	value_add_repr(&out, v);
	assert_string_equal(buf_str(&out), repr);
}

static void resolves_as_yaml_1_2(void **state)
{
	(void)state;
	assert_reads("[on, yes, true, True, tRuE]", "['on', 'yes', True, True, 'tRuE']");
	assert_reads("[~, null, Null, nUll, '']", "[None, None, None, 'nUll', '']");
	assert_reads("[010, 0o10, 0x1F, 0b11, 0o8, 0b2]", "[10, 8, 31, 3, '0o8', '0b2']");
	assert_reads(
		"[1_000, 1__0, 1_, _1, +1, -0, 09, -010]", "[1000, 10, 1, '_1', 1, 0, 9, -10]");
	assert_reads("[1e5, 1E-5, 1.e3, 1., .5, +.5, 1_0.5, e5, 1e]",
		"[100000.0, 1e-05, 1000.0, 1.0, 0.5, 0.5, 10.5, 'e5', '1e']");
	assert_reads("[.inf, -.INF, .nan, 1e400]", "[inf, -inf, nan, inf]");
	assert_reads("[12:30:45, 1:2, 2020-1-2]", "['12:30:45', '1:2', '2020-1-2']");
	assert_reads("[2020-01-02, 2020-01-02 03:04:05]",
		"[datetime.date(2020, 1, 2), datetime.datetime(2020, 1, 2, 3, 4, 5)]");
	assert_reads("[0xFFFFFFFFFFFFFFFFFF, 12345678901234567890123]",
		"[4722366482869645213695, 12345678901234567890123]");
	assert_reads("[!!str 1, !!float 1, !!int \"3\", !!bool yes, !!binary aGk=]",
		"['1', 1.0, 3, True, b'hi']");
	assert_reads("", "None");
}

static void merges_and_shares(void **state)
{
	(void)state;
	assert_reads("b: &b {x: 1, y: 1}\nd:\n  <<: *b\n  y: 2\n",
		"{'b': {'x': 1, 'y': 1}, 'd': {'x': 1, 'y': 2}}");
	assert_reads("a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc: {<<: [*a, *b]}\n",
		"{'a': {'x': 1}, 'b': {'x': 2, 'z': 3}, 'c': {'x': 1, 'z': 3}}");
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v;
	static const char text[] = "a: &n [1]\nb: *n\n";
	assert_int_equal(yaml_parse(&a, "x", text, strlen(text), &v, &err), 0);
	yaml_emit(&out, v);
	assert_string_equal(buf_str(&out), "a: &id001\n- 1\nb: *id001\n");
}

static void shows_errors(void **state)
{
	static const struct {
		const char *yaml, *message;
	} cases[] = {
		{"a: b: c",
			"'./dvc.yaml' is invalid.\n\nMapping values are not allowed here, in line 1, column 5\n"
			"  1 a: b: c                                                                     "},
		{"a: [1",
			"'./dvc.yaml' is invalid.\n\nWhile parsing a flow sequence, in line 1, column 4\n"
			"  1 a: [1                                                                       \n\n"
			"Expected ',' or ']', but got '<stream end>', in line 1, column 6\n"
			"  1 a: [1                                                                       "},
		{"stages: {a: {cmd: x, cmd: y}}",
			"'./dvc.yaml' is invalid.\n\nWhile constructing a mapping, in line 1, column 13\n"
			"  1 stages: {a: {cmd: x, cmd: y}}                                               \n\n"
			"Found duplicate key \"cmd\" with value \"y\" (original value: \"x\"), in line 1, \ncolumn 22\n"
			"  1 stages: {a: {cmd: x, cmd: y}}                                               "},
		{"stages:\n\ta: 1",
			"'./dvc.yaml' is invalid.\n\nFound character '\\t' that cannot start any token, in line 2, column 1\n"
			"  2 │   a: 1                                                                    "},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		struct value *v;
		assert_int_equal(yaml_parse(&a, "./dvc.yaml", cases[i].yaml, strlen(cases[i].yaml),
					 &v, &err),
			ERR_PARSE);
		assert_string_equal(err.msg, cases[i].message);
	}
}

/* Deep nesting, and aliases that multiply the size by ten per line. */
static void is_bounded(void **state)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v;
	(void)state;
	buf_addn(&text, '[', YAML_MAX_DEPTH + 1);
	assert_true(yaml_parse(&a, "x", text.ptr, text.len, &v, &err) < 0);
	buf_clear(&text);
	buf_adds(&text, "a0: &a0 [x]\n");
	for (int i = 1; i < 12; i++)
		buf_addf(&text, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n",
			i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	assert_true(yaml_parse(&a, "x", text.ptr, text.len, &v, &err) < 0);
}

static void knows_positions(void **state)
{
	static const char text[] = "é: x\nb:\n  c: 'q'  # k\n";
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v;
	(void)state;
	assert_int_equal(yaml_parse(&a, "x", text, strlen(text), &v, &err), 0);
	const struct value_item *it = value_item(value_get(v, "b"), "c");
	assert_int_equal(it->key_pos.line, 3);
	assert_int_equal(it->key_pos.column, 3);
	assert_memory_equal(text + it->value->pos.start, "'q'", 3);
	assert_int_equal(it->value->pos.end - it->value->pos.start, 3);
}

/* Offsets of characters are indexed every 256: a text may end just there. */
static void knows_the_end_of_a_text_of_any_length(void **state)
{
	(void)state;
	for (size_t chars = 250; chars < 1030; chars++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		AUTO(buf_release) struct buf text = BUF_INIT;
		struct value *v;
		buf_adds(&text, "k: ");
		for (size_t i = 3; i < chars; i++)
			buf_adds(&text, "é");
		assert_int_equal(yaml_parse(&a, "x", text.ptr, text.len, &v, &err), 0);
		assert_int_equal(value_get(v, "k")->pos.start, 3);
		assert_int_equal(value_get(v, "k")->pos.end, text.len);
	}
}

static void compares_keys_as_python(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} cases[] = {
		{"{1: x, 2: y}", "{2: y, 1: x}", true},
		{"{1: x}", "{'1': x}", false},
		{"{1: x, '1': y}", "{'1': y, 1: x}", true},
		{"{1: x, '1': y}", "{'1': x, 1: y}", false},
		{"{true: x}", "{'True': x}", false},
		{"{\"a\\0b\": x}", "{\"a\\0c\": x}", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(arena_release) struct arena arena = ARENA_INIT;
		struct value *a, *b;
		assert_int_equal(
			yaml_parse(&arena, "x", cases[i].a, strlen(cases[i].a), &a, NULL), 0);
		assert_int_equal(
			yaml_parse(&arena, "x", cases[i].b, strlen(cases[i].b), &b, NULL), 0);
		if (value_equal(a, b) != cases[i].equal || value_equal(b, a) != cases[i].equal)
			fail_msg("%s and %s", cases[i].a, cases[i].b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dumps_as_ruamel),
		cmocka_unit_test(resolves_as_yaml_1_2),
		cmocka_unit_test(merges_and_shares),
		cmocka_unit_test(shows_errors),
		cmocka_unit_test(is_bounded),
		cmocka_unit_test(knows_positions),
		cmocka_unit_test(knows_the_end_of_a_text_of_any_length),
		cmocka_unit_test(compares_keys_as_python),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
