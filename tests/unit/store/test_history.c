/* Runs of stages are stored in the state and read back, newest first, limited in number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "../tmpdir.h"
#include "store/history.h"

struct fixture {
	struct tmpdir tmp;
	char *dir;
	struct state *state;
};

static int set_up(void **state)
{
	struct fixture *f = NEW(struct fixture);
	f->tmp = tmpdir_make();
	f->dir = tmpdir_at(&f->tmp, "site/cairn/x");
	f->state = state_new(NULL, f->dir);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	state_free(f->state);
	tmpdir_release(&f->tmp);
	free(f->dir);
	free(f);
	return 0;
}

static void reopen(struct fixture *f)
{
	state_free(f->state);
	f->state = state_new(NULL, f->dir);
}

static void add(struct fixture *f, const char *stage, int number)
{
	struct history_run run = {.started_ns = 1000 + number,
		.wall_s = number + 0.5,
		.cpu_s = number + 0.25,
		.peak_kib = number,
		.status = -9,
		.outcome = HISTORY_FAILED,
		.commit = "0123456789012345678901234567890123456789",
		.end = HISTORY_END_LOST};
	md5_of("x", 1, run.cmd);
	history_add(f->state, stage, &run);
}

static void words_of_ends(void **state)
{
	(void)state;
	assert_null(history_end_text(HISTORY_END_OWN));
	for (enum history_end end = HISTORY_END_TIME_LIMIT; end <= HISTORY_END_LOST; end++)
		assert_int_equal(history_end_of(history_end_text(end)), end);
	assert_int_equal(history_end_of("job 12 waits"), HISTORY_END_OWN);
	assert_int_equal(history_end_of(NULL), HISTORY_END_OWN);
}

static void runs_come_back(void **state)
{
	struct fixture *f = *state;
	struct history_runs runs = {0};
	unsigned char cmd[MD5_BYTES];
	md5_of("x", 1, cmd);
	add(f, "train", 1);
	add(f, "other", 5);
	add(f, "train", 2);
	history_load(f->state, "train", 10, &runs); /* before the caller has flushed anything */
	assert_int_equal(runs.count, 2);
	reopen(f);
	vec_release(&runs);
	history_load(f->state, "train", 10, &runs);
	assert_int_equal(runs.count, 2);
	const struct history_run *run = &runs.items[0];
	assert_int_equal(run->started_ns, 1002);
	assert_true(run->wall_s == 2.5 && run->cpu_s == 2.25);
	assert_int_equal(run->peak_kib, 2);
	assert_int_equal(run->status, -9);
	assert_int_equal(run->outcome, HISTORY_FAILED);
	assert_string_equal(history_end_text(run->end), "lost");
	assert_memory_equal(run->cmd, cmd, MD5_BYTES);
	assert_string_equal(run->commit, "0123456789012345678901234567890123456789");
	assert_int_equal(runs.items[1].started_ns, 1001);
	vec_release(&runs);
	history_load(f->state, "train", 1, &runs);
	assert_int_equal(runs.count, 1);
	assert_int_equal(runs.items[0].started_ns, 1002);
	vec_release(&runs);
	history_load(f->state, "nobody", 10, &runs);
	assert_int_equal(runs.count, 0);
}

static void the_last_ones_stay(void **state)
{
	struct fixture *f = *state;
	struct history_runs runs = {0};
	for (int i = 0; i < HISTORY_KEEP + 50; i++) {
		add(f, "train", i);
		if (i % 100 == 99)
			reopen(f);
	}
	add(f, "other", 7);
	reopen(f);
	history_load(f->state, "train", SIZE_MAX, &runs);
	assert_int_equal(runs.count, HISTORY_KEEP);
	for (size_t i = 0; i < runs.count; i++)
		assert_int_equal(
			runs.items[i].started_ns, 1000 + HISTORY_KEEP + 50 - 1 - (int64_t)i);
	vec_release(&runs);
	history_load(f->state, "other", SIZE_MAX, &runs);
	assert_int_equal(runs.count, 1);
	vec_release(&runs);
}

/* More runs than are kept pending at once: none is lost or duplicated. */
static void many_stages(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 3000; i++) {
		AUTO(mem_freep) char *name = mem_printf("stage%d", i);
		add(f, name, i);
	}
	reopen(f);
	for (int i = 0; i < 3000; i++) {
		AUTO(mem_freep) char *name = mem_printf("stage%d", i);
		struct history_runs runs = {0};
		history_load(f->state, name, SIZE_MAX, &runs);
		assert_int_equal(runs.count, 1);
		assert_int_equal(runs.items[0].started_ns, 1000 + i);
		vec_release(&runs);
	}
}

static void nowhere_to_remember(void **state)
{
	struct fixture *f = *state;
	struct history_runs runs = {0};
	struct state *none = state_new(NULL, NULL);
	history_add(none, "train", &(struct history_run){0});
	history_load(none, "train", 1, &runs);
	assert_int_equal(runs.count, 0);
	state_free(none);
	add(f, "train", 1);
	state_keep_in_memory(f->state);
	add(f, "train", 2);
	reopen(f);
	history_load(f->state, "train", SIZE_MAX, &runs);
	assert_int_equal(runs.count, 0);
}

/* A database of the version without run history keeps its hashes. */
static void an_older_database(void **state)
{
	struct fixture *f = *state;
	struct history_runs runs = {0};
	AUTO(mem_freep) char *path = tmpdir_at(&f->tmp, "site/cairn/x/state.db");
	AUTO(buf_release) struct buf got = BUF_INIT;
	sqlite3 *db;
	state_blob_put(f->state, "kind", "key", "value", 5);
	reopen(f);
	state_free(TAKE(f->state));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "DROP TABLE logs; PRAGMA user_version = 2", NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	f->state = state_new(NULL, f->dir);
	add(f, "train", 1);
	reopen(f);
	assert_true(state_blob_get(f->state, "kind", "key", &got));
	assert_string_equal(buf_str(&got), "value");
	history_load(f->state, "train", 1, &runs);
	assert_int_equal(runs.count, 1);
	vec_release(&runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_ends),
		cmocka_unit_test_setup_teardown(runs_come_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_last_ones_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_stages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nowhere_to_remember, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_older_database, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
