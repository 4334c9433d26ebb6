#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/pyparams.h"
#include "text/toml.h"

typedef int (*parse_fn)(
	struct arena *a, const char *text, size_t len, struct value **out, struct err *err);

static void assert_reads(parse_fn parse, const char *text, const char *repr)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v;
	if (parse(&a, text, strlen(text), &v, &err) < 0)
		fail_msg("%s: %s", text, err.msg);
	value_add_repr(&out, v);
	assert_string_equal(buf_str(&out), repr);
}

static void assert_refuses(parse_fn parse, const char *text, const char *message)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v;
	assert_int_equal(parse(&a, text, strlen(text), &v, &err), ERR_PARSE);
	assert_string_equal(err.msg, message);
}

static void reads_toml(void **state)
{
	(void)state;
	assert_reads(toml_parse, "a = 1_000\nb = 0x1F\nc = 1e-5\nd = inf\n",
		"{'a': 1000, 'b': 31, 'c': 1e-05, 'd': inf}");
	assert_reads(toml_parse, "a.b.c = 1\na.\"x y\" = '''\nq'''\n",
		"{'a': {'b': {'c': 1}, 'x y': 'q'}}");
	assert_reads(toml_parse, "[[f]]\nn = 1\n[f.s]\nx = 1\n[[f]]\n",
		"{'f': [{'n': 1, 's': {'x': 1}}, {}]}");
	assert_reads(toml_parse, "a = [1, [2, # c\n 3],\n]\nb = {x = 1, y.z = 2}",
		"{'a': [1, [2, 3]], 'b': {'x': 1, 'y': {'z': 2}}}");
	assert_reads(toml_parse, "a = \"\"\"\\\n   x\\u00e9\"\"\"", "{'a': 'x\xC3\xA9'}");
	assert_reads(toml_parse, "a = 2020-01-02\nb = 03:04:05\n",
		"{'a': datetime.date(2020, 1, 2), 'b': datetime.time(3, 4, 5)}");
	assert_refuses(
		toml_parse, "a = 1\na = 2\n", "line 2, column 1: the key is defined already");
	assert_refuses(toml_parse, "[a]\n[a]\n", "line 2, column 2: the table is defined already");
	assert_refuses(toml_parse, "a = {x = 1}\na.y = 2\n",
		"line 2, column 1: the key is defined already");
	assert_refuses(toml_parse, "a = 01\n", "line 1, column 5: invalid value");
	assert_refuses(toml_parse, "a = \"x\n", "line 1, column 5: unterminated string");
}

static void writes_toml(void **state)
{
	static const char text[] =
		"a = 1\nb = \"x\\n\"\n\n[t]\nc = [1, {d = 2.0}]\n\n[t.\"u v\"]\nw = true\n";
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v;
	(void)state;
	assert_int_equal(toml_parse(&a, text, strlen(text), &v, &err), 0);
	assert_int_equal(toml_write(&out, v, &err), 0);
	assert_string_equal(buf_str(&out), text);
}

static void reads_python(void **state)
{
	(void)state;
	assert_reads(pyparams_parse,
		"A = 1\nB: float = 1e-5\nC = 'a' \"b\"\nD = [1, (2,), {'k': None}]\nE = -1\nF = 1+2j\n",
		"{'A': 1, 'B': 1e-05, 'C': 'ab', 'D': [1, (2,), {'k': None}], 'E': -1, 'F': (1+2j)}");
	assert_reads(pyparams_parse,
		"class Cfg(Base):\n    lr = 0.1\n    class Inner: z = 1; y = 2\n"
		"    def __init__(self, a=1):\n        self.m = 5\n        n = 6\n        self.o: int = 7\n    def f(self):\n"
		"        self.x = 1\n",
		"{'Cfg': {'lr': 0.1, 'Inner': {'z': 1, 'y': 2}, 'm': 5, 'o': 7}}");
	assert_reads(pyparams_parse,
		"A = 1 + 2\nB = f()\nC = D = 1\nE, F = 1, 2\nG += 1\nH: int\nI = f'x'\nJ = x\n"
		"if True:\n    K = 1\nL = 1, 2\n\"\"\"M = 1\n\"\"\"\n",
		"{'L': (1, 2)}");
	assert_refuses(pyparams_parse, "A = 1\nB = (1,\n", "line 2: a bracket is never closed");
	assert_refuses(pyparams_parse, "A = 'x\n", "line 1: unterminated string");
	assert_refuses(pyparams_parse, "class A:\nB = 1\n", "line 1: expected an indented block");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_toml),
		cmocka_unit_test(writes_toml),
		cmocka_unit_test(reads_python),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
