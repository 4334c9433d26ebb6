/* Rows of finished commits: what is remembered comes back as it was, and what is damaged does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../sandbox.h"
#include "exp/rows.h"
#include "text/json.h"

#define COMMIT "1111111111111111111111111111111111111111"
#define PARENT "2222222222222222222222222222222222222222"

static const struct scm_id commit = {COMMIT};

/* A row whose other keys are those of the JSON text. */
static struct row row_of(struct arena *a, const char *json)
{
	struct row row = {.parent = {PARENT}, .time_s = 1790000000};
	struct value *rest;

	assert_int_equal(json_parse(a, json, strlen(json), &rest, NULL), 0);
	row.data = row_data_new(a, COMMIT, row.time_s);
	for (size_t i = 0; i < rest->list.count; i++)
		value_set(a, row.data, rest->list.items[i].key, rest->list.items[i].value);
	return row;
}

static void comes_back(void **state)
{
	static const char *const texts[] = {
		"{\"params\": {\"p.yaml\": {\"data\": {\"lr\": 0.1, \"big\": 123456789012345678901234567890}}}}",
		"{\"params\": {\"p.yaml\": {\"data\": {\"x\": [1, null, true, NaN], \"\\u00e9 \\\"q\\\"\": \"\\ud83d\\ude00\"}}}}",
		"{\"params\": {}, \"metrics\": {}, \"meta\": {}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(buf_release) struct buf put = BUF_INIT;
		AUTO(buf_release) struct buf values = BUF_INIT;
		AUTO(buf_release) struct buf text = BUF_INIT;
		struct state *s = state_new(NULL, t.path);
		struct row row = row_of(&a, texts[i]), got;

		row_put(s, &commit, &row);
		/* another process */
		state_free(s);
		s = state_new(NULL, t.path);
		assert_int_equal(json_write(&put, row.data, NULL, NULL), 0);
		assert_true(row_get(s, &commit, false, &a, &got));
		assert_int_equal(json_write(&values, got.data, NULL, NULL), 0);
		assert_string_equal(buf_str(&values), buf_str(&put));
		assert_string_equal(got.parent.hex, PARENT);
		assert_int_equal(got.time_s, row.time_s);
		assert_true(row_get(s, &commit, true, &a, &got));
		assert_int_equal(got.data->kind, VALUE_JSON);
		assert_int_equal(json_write(&text, got.data, NULL, NULL), 0);
		assert_string_equal(buf_str(&text), buf_str(&put));
		state_free(s);
	}
}

static void the_first_commit_has_no_parent(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct state *s = state_new(NULL, t.path);
	struct row row = row_of(&a, "{\"params\": {}}"), got;

	(void)state;
	row.parent = (struct scm_id){""};
	row_put(s, &commit, &row);
	assert_true(row_get(s, &commit, false, &a, &got));
	assert_false(scm_id_is_set(&got.parent));
	state_free(s);
}

static void some_are_not_remembered(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct state *s = state_new(NULL, t.path);
	struct row got;
	struct row missing = row_of(
		&a, "{\"metrics\": {\"m.json\": {\"error\": {\"msg\": \"\"}}}}");
	struct row dated = row_of(&a, "{\"params\": {}}");
	struct row keyed = row_of(&a, "{\"params\": {}}");

	(void)state;
	row_put(s, &commit, &missing);
	assert_false(row_get(s, &commit, false, &a, &got));

	value_set(&a, dated.data, "x", value_text(&a, VALUE_DATE, "2020-01-02", 10));
	row_put(s, &commit, &dated);
	assert_false(row_get(s, &commit, false, &a, &got));

	value_add(&a, keyed.data, "1", 1, value_null(&a))->key_kind = VALUE_INT;
	row_put(s, &commit, &keyed);
	assert_false(row_get(s, &commit, false, &a, &got));
	state_free(s);
}

static void damage_counts_as_nothing(void **state)
{
	static const struct {
		const char *shows, *record;
	} cases[] = {
		{"empty", ""},
		{"half an id", "2222 1 {\"params\": {}}"},
		{"no id", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz 1 {\"params\": {}}"},
		{"no time", PARENT},
		{"no JSON", PARENT " 17"},
		{"nothing after the time", PARENT " 17 "},
		{"half the JSON", PARENT " 17 {\"params\""},
		{"no map", PARENT " 17 [1]"},
		{"an empty map", PARENT " 17 {}x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
		AUTO(arena_release) struct arena a = ARENA_INIT;
		struct state *s = state_new(NULL, t.path);
		struct row got;

		state_blob_put(s, "exp-row-1", COMMIT, cases[i].record, strlen(cases[i].record));
		if (row_get(s, &commit, false, &a, &got) || row_get(s, &commit, true, &a, &got))
			fail_msg("%s", cases[i].shows);
		state_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back),
		cmocka_unit_test(the_first_commit_has_no_parent),
		cmocka_unit_test(some_are_not_remembered),
		cmocka_unit_test(damage_counts_as_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
