/* The table of experiments: its columns, cells and order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "exp/grid.h"
#include "text/json.h"

/* A state from JSON, with data in the form of `exp show --json`. */
static struct exp_state state_of(
	struct exp_table *t, const char *rev, const char *name, const char *json)
{
	struct exp_state s = {.rev = rev, .name = name};
	if (json && json_parse(&t->arena, json, strlen(json), &s.data, NULL) < 0)
		fail_msg("%s", json);
	return s;
}

static void add_baseline(struct exp_table *t, const char *rev, const char *name, const char *json)
{
	vec_push(&t->baselines)->state = state_of(t, rev, name, json);
}

/* An experiment of the last baseline. */
static struct exp_range *add_experiment(struct exp_table *t, const char *name, const char *json)
{
	struct exp_range *e = vec_push(&t->baselines.items[t->baselines.count - 1].experiments);
	e->name = name;
	*vec_push(&e->revs) = state_of(t, "1234567890123456789012345678901234567890", name, json);
	return e;
}

/* The grid as text, one line per row: the name (or the revision) and all columns after the fixed
 * ones; the header is first. */
static char *shown(const struct exp_table *t, const struct exp_grid_opts *opts)
{
	struct exp_grid g = {0};
	AUTO(err_release) struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	if (exp_grid_make(t, opts, &g, &err) < 0) {
		buf_addf(&out, "!%s", err_text(&err));
		exp_grid_release(&g);
		return buf_detach(&out);
	}
	for (size_t c = EXP_INFO_COLUMNS; c < g.columns.count; c++)
		buf_addf(&out, "%s%s%s", c > EXP_INFO_COLUMNS ? " " : "",
			g.columns.items[c].first_of_kind ? "|" : "", g.columns.items[c].name);
	VEC_EACH (&g.rows, row) {
		const char *name = row->kind == EXP_ROW_BASELINE ? row->cells[EXP_REV]
								 : row->cells[EXP_NAME];
		buf_addf(&out, "\n%s%s:", row->kind == EXP_ROW_LAST_EXPERIMENT ? "+" : "", name);
		for (size_t c = EXP_INFO_COLUMNS; c < g.columns.count; c++)
			buf_addf(&out, " %s", row->cells[c] ? row->cells[c] : "-");
	}
	exp_grid_release(&g);
	return buf_detach(&out);
}

static void assert_shown(
	const struct exp_table *t, const struct exp_grid_opts *opts, const char *expected)
{
	AUTO(mem_freep) char *got = shown(t, opts);
	assert_string_equal(got, expected);
}

#define PARAMS(file, data)  "{\"params\": {\"" file "\": {\"data\": " data "}}}"
#define METRICS(file, data) "{\"metrics\": {\"" file "\": {\"data\": " data "}}}"

static void nested_values_become_columns(void **state)
{
	AUTO(exp_table_release) struct exp_table t = {0};
	(void)state;
	add_baseline(&t, "workspace", NULL,
		"{\"metrics\": {\"m.json\": {\"data\": {\"acc\": 0.5, \"loss\": {\"train\": 1, \"test\": null}}}},"
		" \"params\": {\"p.yaml\": {\"data\": {\"lr\": [1, 2], \"on\": true}}},"
		" \"deps\": {\"z\": {\"hash\": \"h1\"}, \"a\": {\"hash\": \"h2\"}, \"m\": {\"hash\": null}}}");
	assert_shown(&t, &(struct exp_grid_opts){0},
		"|acc loss.train loss.test |lr on |a m z\n"
		"workspace: 0.5 1 - [1, 2] True h2 - h1");
}

static void a_name_of_two_files_says_which(void **state)
{
	AUTO(exp_table_release) struct exp_table t = {0};
	(void)state;
	add_baseline(&t, "workspace", NULL,
		"{\"params\": {\"a.yaml\": {\"data\": {\"lr\": 1, \"x\": 1}}, \"b.yaml\": {\"data\": {\"lr\": 2}}},"
		" \"metrics\": {\"m.json\": {\"data\": {\"rev\": 3}}}}");
	assert_shown(&t, &(struct exp_grid_opts){0},
		"|m.json:rev |a.yaml:lr x b.yaml:lr\n"
		"workspace: 3 1 1 2");
}

static void a_row_may_lack_a_column(void **state)
{
	AUTO(exp_table_release) struct exp_table t = {0};
	(void)state;
	add_baseline(&t, "workspace", NULL, PARAMS("p", "{\"a\": 1}"));
	add_baseline(
		&t, "1234567890123456789012345678901234567890", "main", PARAMS("p", "{\"b\": 2}"));
	add_experiment(&t, "exp-a", PARAMS("p", "{\"a\": 3, \"b\": 4}"));
	add_experiment(&t, "exp-b", "{\"params\": {\"p\": {\"error\": {\"msg\": \"bad\"}}}}");
	add_baseline(&t, "2234567890123456789012345678901234567890", NULL, NULL);
	assert_shown(&t, &(struct exp_grid_opts){0},
		"|a b\n"
		"workspace: 1 -\n"
		"main: - 2\n"
		"exp-a: 3 4\n"
		"+exp-b: ! !\n"
		"2234567: - -");
}

static void precision_is_significant_digits(void **state)
{
	AUTO(exp_table_release) struct exp_table t = {0};
	(void)state;
	add_baseline(&t, "workspace", NULL,
		METRICS("m",
			"{\"a\": 0.123456, \"b\": 123456.7, \"c\": [0.123456], \"d\": 1000000}"));
	assert_shown(&t, &(struct exp_grid_opts){.precision = 3},
		"|a b c d\nworkspace: 0.123 1.23e+05 ['0.123'] 1000000");
	assert_shown(&t, &(struct exp_grid_opts){0},
		"|a b c d\nworkspace: 0.123456 123456.7 [0.123456] 1000000");
}

static void states_begin_with_a_capital(void **state)
{
	AUTO(exp_table_release) struct exp_table t = {0};
	struct exp_grid g = {0};
	(void)state;
	add_baseline(&t, "workspace", NULL, "{}");
	struct exp_range *e = add_experiment(&t, NULL, "{}");
	const char *json = "{\"state\": \"running\", \"name\": \"dvc-task\"}";
	assert_int_equal(json_parse(&t.arena, json, strlen(json), &e->executor, NULL), 0);
	assert_int_equal(exp_grid_make(&t, &(struct exp_grid_opts){0}, &g, NULL), 0);
	assert_string_equal(g.rows.items[1].cells[EXP_STATE], "Running");
	assert_string_equal(g.rows.items[1].cells[EXP_EXECUTOR], "Dvc-task");
	assert_string_equal(g.rows.items[1].cells[EXP_REV], "1234567");
	assert_string_equal(g.rows.items[1].cells[EXP_NAME], "");
	assert_string_equal(g.rows.items[1].cells[EXP_TYPE], "branch_base");
	exp_grid_release(&g);
}

/* Four experiments: numbers, a text, and one without. */
static void make_sortable(struct exp_table *t)
{
	add_baseline(t, "workspace", NULL, "{}");
	add_experiment(t, "two", PARAMS("p", "{\"k\": 2, \"v\": \"b\"}"));
	add_experiment(t, "none", "{}");
	add_experiment(t, "ten", PARAMS("p", "{\"k\": 10, \"v\": \"a\"}"));
	add_experiment(t, "half", PARAMS("p", "{\"k\": 0.5, \"v\": \"b\"}"));
}

static void sorts(void **state)
{
	static const struct {
		const char *shows, *by;
		bool descending;
		const char *expected;
	} cases[] = {
		{"as they come", NULL, false, "two none ten half"},
		{"by number, what has none last", "k", false, "half two ten none"},
		{"the other way round, what has none first", "k", true, "none ten two half"},
		{"by text; equal ones stay in order", "v", false, "ten two half none"},
		{"so they do the other way round", "v", true, "none two half ten"},
		{"with the file's name", "p:k", false, "half two ten none"},
		{"any file", ":k", false, "half two ten none"},
		{"no such column", "x", false, "!Unknown sort column 'x'"},
		{"no such file", "q:k", false, "!Unknown sort column 'q:k'"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(exp_table_release) struct exp_table t = {0};
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		struct exp_grid g = {0};
		make_sortable(&t);
		const struct exp_grid_opts opts = {
			.sort_by = cases[i].by, .descending = cases[i].descending};
		if (exp_grid_make(&t, &opts, &g, &err) < 0)
			buf_addf(&got, "!%s", err_text(&err));
		else
			for (size_t k = 1; k < g.rows.count; k++)
				buf_addf(&got, "%s%s", k > 1 ? " " : "",
					g.rows.items[k].cells[EXP_NAME]);
		exp_grid_release(&g);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

static void two_columns_of_one_name_cannot_sort(void **state)
{
	AUTO(exp_table_release) struct exp_table t = {0};
	(void)state;
	add_baseline(&t, "workspace", NULL, METRICS("m", "{\"k\": 1}"));
	add_experiment(&t, "e", PARAMS("p", "{\"k\": 1}"));
	assert_shown(&t, &(struct exp_grid_opts){.sort_by = "k"},
		"!Ambiguous sort column 'k' matched 'm:k, p:k'");
	assert_shown(&t, &(struct exp_grid_opts){.sort_by = "p:k"},
		"|m:k |p:k\nworkspace: 1 -\n+e: - 1");
}

/* Behind the value of a metric; a parameter of the same name takes the cell. */
static void courses_of_metrics(void **state)
{
	AUTO(exp_table_release) struct exp_table t = {0};
	static const char histories[] =
		"{\"m\": {\"acc\": [1, 2, NaN, 3], \"gone\": [1], \"text\": [NaN]}}";
	(void)state;
	add_baseline(&t, "workspace", NULL, METRICS("m", "{\"acc\": 3, \"text\": \"x\"}"));
	if (json_parse(&t.arena, histories, strlen(histories),
		    &t.baselines.items[0].state.histories, NULL) < 0)
		fail_msg("%s", histories);
	assert_shown(&t, &(struct exp_grid_opts){0}, "|acc text\nworkspace: 3 ▁▅·█ x");
	assert_shown(&t, &(struct exp_grid_opts){.ascii = true}, "|acc text\nworkspace: 3 _+.@ x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nested_values_become_columns),
		cmocka_unit_test(a_name_of_two_files_says_which),
		cmocka_unit_test(a_row_may_lack_a_column),
		cmocka_unit_test(precision_is_significant_digits),
		cmocka_unit_test(states_begin_with_a_capital),
		cmocka_unit_test(sorts),
		cmocka_unit_test(two_columns_of_one_name_cannot_sort),
		cmocka_unit_test(courses_of_metrics),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
