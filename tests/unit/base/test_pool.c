#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/pool.h"

enum { ITEMS = 1000 };

struct work {
	unsigned char seen[ITEMS]; /* each item writes only its own byte */
	atomic_size_t calls;
	size_t fails_at;
};

static int see(void *ctx, size_t first, size_t last, struct err *err)
{
	struct work *w = ctx;
	atomic_fetch_add(&w->calls, 1);
	for (size_t i = first; i < last; i++) {
		w->seen[i]++;
		if (i == w->fails_at)
			return err_set(err, ERR_IO, "item %zu", i);
	}
	return 0;
}

static void every_item_once(void **state)
{
	static const struct {
		size_t count, grain;
		int threads;
		size_t calls;
	} cases[] = {
		{0, 1, 4, 0},
		{1, 1, 4, 1},
		{ITEMS, 1, 8, ITEMS},
		{ITEMS, 7, 3, 143},
		{ITEMS, ITEMS, 8, 1},
		{ITEMS, 2 * ITEMS, 0, 1},
		{ITEMS, 0, 2, ITEMS}, /* a grain of 0 counts as 1 */
		{ITEMS, 10, 1000, 100},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct work w = {.fails_at = SIZE_MAX};
		assert_int_equal(pool_run(NULL, cases[i].count, cases[i].grain, cases[i].threads,
					 see, &w, NULL),
			0);
		assert_int_equal(atomic_load(&w.calls), cases[i].calls);
		for (size_t k = 0; k < ITEMS; k++)
			assert_int_equal(w.seen[k], k < cases[i].count);
	}
}

static void nothing_new_starts_after_a_failure(void **state)
{
	struct work w = {.fails_at = 20};
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(pool_run(NULL, ITEMS, 10, 1, see, &w, &err), ERR_IO);
	assert_string_equal(err_text(&err), "item 20");
	assert_int_equal(atomic_load(&w.calls), 3);
}

static int fail_all(void *ctx, size_t first, size_t last, struct err *err)
{
	(void)ctx;
	(void)last;
	return err_set(err, ERR_FAIL, "item %zu", first);
}

static void of_many_failures_one_is_told(void **state)
{
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(pool_run(NULL, ITEMS, 1, 8, fail_all, NULL, &err), ERR_FAIL);
	assert_non_null(strstr(err_text(&err), "item "));
	assert_int_equal(pool_run(NULL, ITEMS, 1, 8, fail_all, NULL, NULL), ERR_FAIL);
}

static int stop_at_30(void *arg, size_t first, size_t last, struct err *err)
{
	(void)err;
	if (last >= 30)
		atomic_store((atomic_bool *)arg, true);
	return first < 40 ? 0 : ERR_FAIL;
}

static void the_host_can_stop_it(void **state)
{
	atomic_bool stop = false;
	const struct ctx host = {.stop = &stop};
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(pool_run(&host, 20, 10, 1, stop_at_30, &stop, &err), 0);
	assert_int_equal(pool_run(&host, ITEMS, 10, 1, stop_at_30, &stop, &err), ERR_CANCELLED);
	assert_string_equal(err_text(&err), "interrupted by the user");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_once),
		cmocka_unit_test(nothing_new_starts_after_a_failure),
		cmocka_unit_test(of_many_failures_one_is_told),
		cmocka_unit_test(the_host_can_stop_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
