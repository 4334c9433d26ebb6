/* Composition on files in memory: readable cases, and configurations that are meant to exhaust the
 * program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../helpers/memory_config.h"

static int compose(const char *text, struct buf *out, struct strlist *warnings, struct err *err)
{
	AUTO(memory_config_release) struct memory_config c = {0};
	memory_config_parse(&c, text);
	return memory_config_compose(&c, out, warnings, err);
}

static void composes(void **state)
{
	static const struct {
		const char *files, *text;
	} cases[] = {
		{"== config.yaml\na: 1\n", "a: 1\n"},
		{"== config.yaml\n", "{}\n"},
		{"== config.yaml\ndefaults: [_self_, db: x]\na: 1\n== db/x.yaml\nh: ${a}\n",
			"a: 1\ndb:\n  h: 1\n"},
		{"db=y\n== config.yaml\ndefaults: [_self_, db: x]\n== db/x.yaml\nh: 1\n== "
		 "db/y.yaml\nh: 2\n",
			"db:\n  h: 2\n"},
		{"~db\n== config.yaml\ndefaults: [_self_, db: x]\na: 1\n== db/x.yaml\nh: 1\n",
			"a: 1\n"},
		{"== config.yaml\ndefaults: [db@p.q: x, _self_]\n== db/x.yaml\nh: 1\n",
			"p:\n  q:\n    h: 1\n"},
		{"hydra.run.dir=x\n== config.yaml\nhydra: {run: {dir: y}}\na: yes\nb: 1e5\nc: '1'\n",
			"a: true\nb: 100000.0\nc: '1'\n"},
		{"== config.yaml\na: 1:30\nb: 18014398509481985:01\n",
			"a: 90\nb: 1080863910568919101\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		if (compose(cases[i].files, &text, NULL, &err) < 0)
			fail_msg("%s: %s", cases[i].files, err.msg);
		assert_string_equal(buf_str(&text), cases[i].text);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *files, *message;
	} cases[] = {
		{"== other.yaml\na: 1\n", "Cannot find primary config 'config'"},
		{"== config.yaml\ndefaults: [a]\n== a.yaml\ndefaults: [b]\n== b.yaml\ndefaults: [a]\n",
			"does one of them contain itself?"},
		{"== config.yaml\ndefaults: [db: ../../../etc/passwd]\n== db/x.yaml\nh: 1\n",
			"leads out of the directory of the configuration, '/conf'"},
		{"== config.yaml\ndefaults: [/../../etc/x]\n",
			"leads out of the directory of the configuration, '/conf'"},
		{"== config.yaml\na: ${b}\nb: ${a}\n", "Recursive interpolation detected"},
		{"== config.yaml\na: ${a.b}\n", "Recursive interpolation detected"},
		{"== config.yaml\na: {x: '${b}'}\nb: {y: '${a}'}\n", "detected"},
		{"== config.yaml\na: ${oc.select:a}\n", "Recursive interpolation detected"},
		{"== config.yaml\na: ${now}\nb: ${custom:1}\n",
			"Interpolation key 'now' not found"},
		{"== config.yaml\nb: ${custom:1}\n", "Unsupported interpolation type custom"},
		{"== config.yaml\na: ${python_version:}\n", "needs Python"},
		{"== config.yaml\na: [1\n", "line 2, column 1"},
		{"== config.yaml\na: 1\na: 2\n", "found duplicate key a"},
		{"a=glob(*)\n== config.yaml\na: 1\n", "requires --multirun"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		assert_true(compose(cases[i].files, &text, NULL, &err) < 0);
		if (!strstr(err.msg, cases[i].message))
			fail_msg("%s: %s", cases[i].files, err.msg);
	}
}

/* Each line doubles the one before it. */
static void doubling(struct buf *files, const char *first, const char *line)
{
	buf_addf(files, "== config.yaml\na0: %s\n", first);
	for (int i = 1; i < 64; i++) {
		AUTO(mem_freep) char *before = mem_printf("${a%d}", i - 1);
		buf_addf(files, "a%d: ", i);
		for (const char *p = line; *p; p++) {
			if (*p == '@')
				buf_adds(files, before);
			else
				buf_addc(files, *p);
		}
		buf_addc(files, '\n');
	}
}

static void bounds_growth(void **state)
{
	static const char *const lines[][2] = {{"some words", "@@"}, {"[x, y]", "['@', '@']"},
		{"{k: v}", "{l: '@', r: '@'}"}, {"x", "${oc.decode:'\"@@\"'}"}};
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		AUTO(buf_release) struct buf files = BUF_INIT, text = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		doubling(&files, lines[i][0], lines[i][1]);
		assert_true(compose(buf_str(&files), &text, NULL, &err) < 0);
		if (!strstr(err.msg, "expand to too much"))
			fail_msg("%s: %s", lines[i][1], err.msg);
	}
}

/* A list with two elements for the next file of fifty. */
static void bounds_lists(void **state)
{
	AUTO(buf_release) struct buf files = BUF_INIT, text = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	buf_adds(&files, "== config.yaml\ndefaults: [c0, c0]\n");
	for (int i = 0; i < 50; i++)
		buf_addf(&files, "== c%d.yaml\ndefaults: [c%d, c%d]\n", i, i + 1, i + 1);
	buf_adds(&files, "== c50.yaml\na: 1\n");
	assert_true(compose(buf_str(&files), &text, NULL, &err) < 0);
	if (!strstr(err.msg, "too long or too deep"))
		fail_msg("%s", err.msg);
}

/* A file of a few lines that stands for 100,000 values, merged into fifty packages. */
static void bounds_merging(void **state)
{
	AUTO(buf_release) struct buf files = BUF_INIT, text = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	buf_adds(&files, "== config.yaml\ndefaults:\n");
	for (int i = 0; i < 50; i++)
		buf_addf(&files, "- g@p%d: c\n", i);
	buf_adds(&files, "== g/c.yaml\nl0: &l0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
	for (int i = 1; i < 5; i++)
		buf_addf(&files,
			"l%d: &l%d [*l%d, *l%d, *l%d, *l%d, *l%d, *l%d, *l%d, *l%d, *l%d, *l%d]\n",
			i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	assert_true(compose(buf_str(&files), &text, NULL, &err) < 0);
	if (!strstr(err.msg, "has more than 4000000 values"))
		fail_msg("%s", err.msg);
}

/* Each level of an interpolation is parsed twice: without a bound, 40 levels take years. */
static void bounds_nesting(void **state)
{
	static const int levels[] = {12, 40, 60};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		AUTO(buf_release) struct buf files = BUF_INIT, text = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		buf_adds(&files, "== config.yaml\na: ");
		for (int n = 0; n < levels[i]; n++)
			buf_adds(&files, "${");
		buf_addc(&files, 'b');
		for (int n = 0; n < levels[i]; n++)
			buf_addc(&files, '}');
		buf_adds(&files, "\n");
		assert_true(compose(buf_str(&files), &text, NULL, &err) < 0);
		assert_non_null(strstr(err.msg, levels[i] == 12 ? "Interpolation key 'b' not found"
								: "invalid interpolation"));
	}
}

/* Large dicts have an index; keys are set, removed and set again. */
static void merges_large_dicts(void **state)
{
	AUTO(buf_release) struct buf files = BUF_INIT, text = BUF_INIT, expected = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	buf_adds(&files, "k7=x\n~k9\n+k9=y\n== config.yaml\ndefaults: [_self_, other]\n");
	for (int i = 0; i < 100; i++)
		buf_addf(&files, "k%d: %d\n", i, i);
	buf_adds(&files, "== other.yaml\n");
	for (int i = 150; i-- > 50;)
		buf_addf(&files, "k%d: new\n", i);
	if (compose(buf_str(&files), &text, NULL, &err) < 0)
		fail_msg("%s", err.msg);

	for (int i = 0; i < 100; i++)
		if (i == 7)
			buf_adds(&expected, "k7: x\n");
		else if (i != 9 && i < 50)
			buf_addf(&expected, "k%d: %d\n", i, i);
		else if (i != 9)
			buf_addf(&expected, "k%d: new\n", i);
	for (int i = 150; i-- > 100;)
		buf_addf(&expected, "k%d: new\n", i);
	/* (PyYAML quotes a single y) */
	buf_adds(&expected, "k9: 'y'\n");
	assert_string_equal(buf_str(&text), buf_str(&expected));
}

static void warns(void **state)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strlist_release) struct strlist warnings = STRLIST_INIT;
	(void)state;
	assert_int_equal(compose("== config.yaml\ndefaults: [db: x]\na: ${oc.deprecated:b}\nb: 1\n"
				 "== db/x.yaml\nh: 1\n",
				 &text, &warnings, NULL),
		0);
	assert_int_equal(warnings.count, 2);
	assert_non_null(strstr(warnings.items[0], "Defaults list is missing `_self_`"));
	assert_string_equal(
		warnings.items[1], "'a' is deprecated. Change your code and config to use 'b'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(composes),
		cmocka_unit_test(refuses),
		cmocka_unit_test(bounds_growth),
		cmocka_unit_test(bounds_lists),
		cmocka_unit_test(bounds_merging),
		cmocka_unit_test(bounds_nesting),
		cmocka_unit_test(merges_large_dicts),
		cmocka_unit_test(warns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
