/* Conditions: what they are true of, and what is said about malformed ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "exp/filter.h"
#include "text/json.h"

/* The row of all cases. */
static const char row_text[] =
	"{\"f1\": 0.7, \"loss\": 12, \"name\": \"e1\", \"note\": \"slow but good\", \"star\": true, \"off\": false, "
	"\"tag\": [\"best\", \"v2\"], \"none\": [], \"empty\": \"\", \"params.yaml:lr\": 0.1, \"eval/acc-top.1\": 3, "
	"\"created\": \"2026-11-30T07:05:01\", \"my metric\": 5, \"digits\": \"12\", \"nothing\": null, \"and\": 1, "
	"\"bad\": NaN}";

static const struct value *get(void *ctx, const char *name)
{
	return value_get(ctx, name);
}

/* 1 or 0; negative for a malformed condition, with its message in `out_why`. */
static int evaluate(const char *text, struct buf *out_why)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *row = NULL;
	struct filter *f = NULL;
	int r = filter_parse(&f, text, &err);

	if (r < 0) {
		buf_adds(out_why, err_text(&err));
		assert_null(f);
		return r;
	}
	assert_int_equal(json_parse(&a, row_text, strlen(row_text), &row, NULL), 0);
	r = filter_match(f, get, row);
	filter_free(f);
	return r;
}

static void test_values(void **state)
{
	static const struct {
		const char *text;
		int want;
	} cases[] = {
		/* numbers */
		{"f1 > 0.6", 1},
		{"f1>0.6", 1},
		{"f1 > 0.7", 0},
		{"f1 >= 0.7", 1},
		{"f1 < 1e3", 1},
		{"f1 <= .5", 0},
		{"f1 = 0.70", 1},
		{"f1 == 0.7", 1},
		{"f1 != 0.7", 0},
		{"loss = 12.0", 1},
		{"loss > -1", 1},
		{"loss > 9", 1},
		{"bad = nan", 1},
		{"f1 = nan", 0},
		{"f1 = NaN", 0},
		{"f1 >= -NAN", 0},
		{"f1 != NaN", 1},
		{"bad > 0", 0},
		{"bad < 0", 0},
		/* text */
		{"name = e1", 1},
		{"name = 'e1'", 1},
		{"name = \"e1\"", 1},
		{"name != e2", 1},
		{"name < e2", 1},
		{"name > 5", 0},
		{"digits = 12", 1},
		{"digits = '12'", 1},
		{"loss = '12'", 1},
		{"loss > '2'", 0},
		{"note = 'slow but good'", 1},
		{"note = 'it\\'s'", 0},
		{"empty = ''", 1},
		/* patterns */
		{"name ~ ^e[0-9]$", 1},
		{"note ~ good", 1},
		{"note ~ '^good'", 0},
		{"note ~ 'slow|fast'", 1},
		{"f1 ~ ^0.7$", 1},
		{"tag ~ ^b", 1},
		{"star ~ true", 1},
		/* lists */
		{"tag = best", 1},
		{"tag = v2", 1},
		{"tag = worst", 0},
		{"tag != best", 0},
		{"tag != worst", 1},
		{"none = x", 0},
		{"none != x", 1},
		/* truth */
		{"star", 1},
		{"off", 0},
		{"not star", 0},
		{"star = true", 1},
		{"star = false", 0},
		{"off = false", 1},
		{"tag", 1},
		{"none", 0},
		{"empty", 0},
		{"nothing", 0},
		{"missing", 0},
		{"f1", 1},
		/* what is not there */
		{"missing = 1", 0},
		{"missing != 1", 1},
		{"missing ~ .", 0},
		{"not missing > 1", 1},
		/* times: as much of them as the value has */
		{"created = 2026-11-30", 1},
		{"date = 2026-11-30", 0},
		{"created >= 2026-11", 1},
		{"created > 2026-11-30", 0},
		{"created < 2026-12-01", 1},
		{"created = 2026-11-30T07", 1},
		{"created < 2026", 0},
		/* and, or, not, parentheses */
		{"f1 > 0.6 and tag = best", 1},
		{"f1 > 0.9 and tag = best", 0},
		{"f1 > 0.9 or tag = best", 1},
		{"f1 > 0.9 or loss > 0 and star", 1},
		{"(f1 > 0.9 or loss > 0) and off", 0},
		{"star or star and off", 1},
		{"(star or star) and off", 0},
		{"not f1 > 0.9 and star", 1},
		{"not (f1 > 0.6 and star)", 0},
		{"not not star", 1},
		{"((((star))))", 1},
		{"star and(off or star)", 1},
		/* names */
		{"params.yaml:lr = 0.1", 1},
		{"eval/acc-top.1 > 2", 1},
		{"`my metric` = 5", 1},
		{"`and` = 1", 1},
		{"name = 'and'", 0},
		{"name=e1\nand\tstar", 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf why = BUF_INIT;
		int got = evaluate(cases[i].text, &why);

		if (got != cases[i].want)
			fail_msg("%s: %d instead of %d %s", cases[i].text, got, cases[i].want,
				buf_str(&why));
	}
}

static void test_malformed(void **state)
{
	static const struct {
		const char *text, *what;
		size_t at; /* column of the mark */
	} cases[] = {
		{"", "expected a column at position 1", 0},
		{"   ", "expected a column at position 4", 3},
		{"f1 >", "expected a value at position 5", 4},
		{"f1 > and star", "expected a value at position 6", 5},
		{"> 1", "expected a column at position 1", 0},
		{"f1 > 1 2", "expected \"and\" or \"or\" at position 8", 7},
		{"star star", "expected \"and\" or \"or\" at position 6", 5},
		{"(star", "expected ')', \"and\" or \"or\" at position 6", 5},
		{"star)", "expected \"and\" or \"or\" at position 5", 4},
		{"()", "expected a column at position 2", 1},
		{"star and", "expected a column at position 9", 8},
		{"and star", "expected a column at position 1", 0},
		{"not", "expected a column at position 4", 3},
		{"'f1' = 1", "expected a column at position 1", 0},
		{"name = 'e1", "text in quotes does not end at position 8", 7},
		{"name = `e1`", "expected a value at position 8", 7},
		{"name ! e1", "unexpected character at position 6", 5},
		{"name ~ '['", "at position 8", 7},
		{"f1 = = 1", "expected a value at position 6", 5},
		{"é > and", "expected a value at position 5", 4},
		{"star and\n  f1 >", "expected a value at position 16", 6},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf why = BUF_INIT;
		int got = evaluate(cases[i].text, &why);
		const char *mark = strrchr(buf_str(&why), '\n');

		if (got != ERR_VALUE || !strstr(buf_str(&why), cases[i].what) || !mark ||
			strlen(mark) != 1 + 2 + cases[i].at + 1)
			fail_msg("%s: %d '%s'", cases[i].text, got, buf_str(&why));
	}
}

static void test_limits(void **state)
{
	AUTO(buf_release) struct buf deep = BUF_INIT;
	AUTO(buf_release) struct buf nots = BUF_INIT;
	AUTO(buf_release) struct buf wide = BUF_INIT;
	AUTO(buf_release) struct buf why = BUF_INIT;

	(void)state;
	buf_addn(&deep, '(', 5000);
	assert_int_equal(evaluate(buf_str(&deep), &why), ERR_VALUE);
	assert_non_null(strstr(buf_str(&why), "too many levels"));
	for (int i = 0; i < 5000; i++)
		buf_adds(&nots, "not ");
	buf_adds(&nots, "star");
	assert_int_equal(evaluate(buf_str(&nots), &why), ERR_VALUE);
	buf_adds(&wide, "star");
	for (int i = 0; i < 5000; i++)
		buf_adds(&wide, " and star");
	assert_int_equal(evaluate(buf_str(&wide), &why), 1);
	buf_addn(&wide, ' ', FILTER_MAX_BYTES);
	assert_int_equal(evaluate(buf_str(&wide), &why), ERR_VALUE);
}

static bool is_short(void *ctx, const char *name)
{
	(void)ctx;
	return strlen(name) < 3;
}

static void test_unknown_names(void **state)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct filter *f = NULL;

	(void)state;
	assert_int_equal(filter_parse(&f, "f1 > 1 and (not f2 or loss = 3)", &err), 0);
	assert_int_equal(filter_check_names(f, is_short, NULL, &err), ERR_VALUE);
	assert_string_equal(err_text(&err),
		"bad condition: there is no column 'loss' at position 23\n"
		"  f1 > 1 and (not f2 or loss = 3)\n"
		"                        ^");
	filter_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_unknown_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
