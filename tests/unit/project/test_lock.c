#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../assert_file.h"
#include "../tmpdir.h"
#include "project/lock.h"
#include "text/json.h"

static struct lock_file *open_at(const struct tmpdir *t)
{
	AUTO(mem_freep) char *pipeline = tmpdir_at(t, "dvc.yaml");
	struct lock_file *lf = NULL;
	assert_int_equal(lock_file_open(pipeline, "dvc.lock", &lf, NULL), 0);
	return lf;
}

static int put(struct lock_file *lf, const char *stage, const char *json)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *entry;
	assert_int_equal(json_parse(&a, json, strlen(json), &entry, NULL), 0);
	return lock_file_put(lf, stage, entry, NULL, NULL);
}

static void assert_text(const struct tmpdir *t, const char *expected)
{
	AUTO(mem_freep) char *path = tmpdir_at(t, "dvc.lock");
	assert_file(path, expected);
}

static void entries_come_and_go(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	struct lock_file *lf = open_at(&t);
	AUTO(mem_freep) char *path = tmpdir_at(&t, "dvc.lock");
	(void)state;
	assert_int_equal(put(lf, "a", "{\"cmd\": \"x\"}"), LOCK_CREATED);
	assert_int_equal(put(lf, "b", "{\"cmd\": [\"y\", \"z\"], \"outs\": [{\"path\": \"o\"}]}"),
		LOCK_ADDED);
	assert_int_equal(put(lf, "a", "{\"cmd\": \"x\"}"), LOCK_SAME);
	assert_int_equal(
		put(lf, "a", "{\"cmd\": \"longer than before\", \"deps\": [{\"path\": \"d\"}]}"),
		LOCK_UPDATED);
	assert_text(&t,
		"schema: '2.0'\nstages:\n  a:\n    cmd: longer than before\n    deps:\n    - path: d\n  b:\n    cmd:\n"
		"    - y\n    - z\n    outs:\n    - path: o\n");
	assert_int_equal(put(lf, "c", "{\"cmd\": \"w\"}"), LOCK_ADDED);
	assert_int_equal(lock_file_remove(lf, "b", NULL), 1);
	assert_int_equal(lock_file_remove(lf, "b", NULL), 0);
	assert_int_equal(put(lf, "c", "{\"cmd\": \"v\"}"), LOCK_UPDATED);
	assert_text(&t,
		"schema: '2.0'\nstages:\n  a:\n    cmd: longer than before\n    deps:\n    - path: d\n  c:\n    cmd: v\n");
	assert_int_equal(lock_file_remove(lf, "a", NULL), 1);
	assert_int_equal(lock_file_remove(lf, "c", NULL), 1);
	assert_false(file_exists(path));
	assert_int_equal(put(lf, "a", "{\"cmd\": \"x\"}"), LOCK_CREATED);
	lock_file_free(lf);
}

/* Only the changed entry is rewritten: comments, quotes and odd spacing elsewhere stay. */
static void a_new_entry_has_its_place(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct lock_file *lf = open_at(&t);
	struct value *entry = value_map(&a);
	const struct value *got;
	(void)state;
	value_set(&a, entry, "cmd", value_string(&a, "y"));
	assert_int_equal(put(lf, "a", "{\"cmd\": \"x\"}"), LOCK_CREATED);
	assert_int_equal(put(lf, "c", "{\"cmd\": \"z\"}"), LOCK_ADDED);
	assert_int_equal(lock_file_put(lf, "b", entry, "c", NULL), LOCK_ADDED);
	assert_int_equal(lock_file_put(lf, "d", entry, "not there", NULL), LOCK_ADDED);
	assert_int_equal(lock_file_put(lf, "0", entry, "a", NULL), LOCK_ADDED);
	assert_int_equal(lock_file_put(lf, "c", entry, "a", NULL), LOCK_UPDATED);
	assert_text(&t,
		"schema: '2.0'\nstages:\n  '0':\n    cmd: y\n  a:\n    cmd: x\n  b:\n    cmd: y\n"
		"  c:\n    cmd: y\n  d:\n    cmd: y\n");
	assert_int_equal(lock_file_get(lf, "b", &got, NULL), 0);
	assert_string_equal(value_get_str(got, "cmd"), "y");
	assert_int_equal(lock_file_get(lf, "e", &got, NULL), 0);
	assert_null(got);
	lock_file_free(lf);
}

static void other_bytes_stay(void **state)
{
	static const struct {
		const char *before, *after; /* before and after "b" becomes {"cmd": "new"} */
	} cases[] = {
		{"schema: \"2.0\"   # ours\nstages:\n  a:   # first\n    cmd: 'x'\n  b:\n    cmd: y\n    deps:\n    - {path: p}\n  c:\n"
		 "    cmd: \"z\"",
			"schema: \"2.0\"   # ours\nstages:\n  a:   # first\n    cmd: 'x'\n  b:\n    cmd: new\n  c:\n    cmd: \"z\"\n"},
		{"schema: '2.0'\nstages:\n  a:\n    cmd: x\n",
			"schema: '2.0'\nstages:\n  a:\n    cmd: x\n  b:\n    cmd: new\n"},
		{"schema: '2.0'\nstages:\n  b:\n    cmd: |\n      y\n      z\n",
			"schema: '2.0'\nstages:\n  b:\n    cmd: new\n"},
		{"schema: '2.0'\n", "schema: '2.0'\nstages:\n  b:\n    cmd: new\n"},
		{"schema: '2.0'\nstages: {}\n", "schema: '2.0'\nstages:\n  b:\n    cmd: new\n"},
		{"{schema: '2.0', stages: {a: {cmd: x}}}\n",
			"schema: '2.0'\nstages:\n  a:\n    cmd: x\n  b:\n    cmd: new\n"},
		{"schema: '2.0'\nstages:\n    a:\n        cmd: x\n    b:\n        cmd: y\n",
			"schema: '2.0'\nstages:\n  a:\n    cmd: x\n  b:\n    cmd: new\n"},
		{"schema: '2.0'\nstages:\n  b: {cmd: y}\n  a: {cmd: x}\n",
			"schema: '2.0'\nstages:\n  b:\n    cmd: new\n  a:\n    cmd: x\n"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
		tmpdir_write(&t, "dvc.lock", cases[i].before);
		struct lock_file *lf = open_at(&t);
		assert_true(put(lf, "b", "{\"cmd\": \"new\"}") > LOCK_SAME);
		assert_text(&t, cases[i].after);
		lock_file_free(lf);
	}
}

/* As DVC: an existing file always contains at least the schema. */
static void an_empty_file_is_refused(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(mem_freep) char *pipeline = tmpdir_at(&t, "dvc.yaml");
	AUTO(err_release) struct err err = ERR_INIT;
	struct lock_file *lf = NULL;
	(void)state;
	tmpdir_write(&t, "dvc.lock", "# nothing\n");
	assert_int_equal(lock_file_open(pipeline, "dvc.lock", &lf, &err), ERR_PARSE);
	assert_non_null(strstr(err.msg, "required key not provided"));
}

static void what_another_process_wrote_stays(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	struct lock_file *one = open_at(&t), *two = open_at(&t);
	(void)state;
	assert_int_equal(put(one, "a", "{\"cmd\": \"x\"}"), LOCK_CREATED);
	assert_int_equal(put(two, "b", "{\"cmd\": \"y\"}"), LOCK_ADDED);
	assert_int_equal(put(one, "c", "{\"cmd\": \"z\"}"), LOCK_ADDED);
	assert_text(&t,
		"schema: '2.0'\nstages:\n  a:\n    cmd: x\n  b:\n    cmd: y\n  c:\n    cmd: z\n");
	lock_file_free(one);
	lock_file_free(two);
}

/* What could not be written is not written by the next call either. */
static void a_failed_write_leaves_no_trace(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(mem_freep) char *path = tmpdir_at(&t, "dvc.lock");
	AUTO(mem_freep) char *there = tmpdir_at(&t, "dvc.lock/file");
	struct lock_file *lf = open_at(&t);
	(void)state;
	assert_int_equal(file_mkdirs_for(there, NULL), 0); /* a directory takes its place */
	tmpdir_write(&t, "dvc.lock/file", "");
	assert_true(put(lf, "a", "{\"cmd\": \"x\"}") < 0);
	assert_int_equal(file_remove(path, NULL), 0);
	assert_int_equal(put(lf, "b", "{\"cmd\": \"y\"}"), LOCK_CREATED);
	assert_text(&t, "schema: '2.0'\nstages:\n  b:\n    cmd: y\n");
	lock_file_free(lf);
}

/* Random changes of three stages, with entries of many lengths: the file contains the last value of
 * each. */
static void many_changes(void **state)
{
	static const char *const names[] = {"a", "long-name", "x@1"};
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	struct lock_file *lf = open_at(&t);
	unsigned last[3] = {0}, seed = 1;
	(void)state;
	for (unsigned i = 1; i <= 300; i++) {
		seed = seed * 1664525u + 1013904223u;
		size_t which = (seed >> 10) % 3;
		AUTO(mem_freep)
		char *json = mem_printf("{\"cmd\": \"%0*u\"}", (int)((seed >> 16) % 50 + 1), i);
		if ((seed >> 24) % 4 == 0) {
			assert_int_equal(
				lock_file_remove(lf, names[which], NULL), last[which] != 0);
			last[which] = 0;
		} else {
			assert_true(put(lf, names[which], json) > LOCK_SAME);
			assert_int_equal(put(lf, names[which], json), LOCK_SAME);
			last[which] = i;
		}
	}
	lock_file_free(lf);
	lf = open_at(&t);
	for (size_t k = 0; k < 3; k++)
		assert_int_equal(lock_file_remove(lf, names[k], NULL), last[k] != 0);
	lock_file_free(lf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_and_go),
		cmocka_unit_test(a_new_entry_has_its_place),
		cmocka_unit_test(other_bytes_stay),
		cmocka_unit_test(an_empty_file_is_refused),
		cmocka_unit_test(what_another_process_wrote_stays),
		cmocka_unit_test(a_failed_write_leaves_no_trace),
		cmocka_unit_test(many_changes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
