#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/meter.h"

static int starts, clears;

static void on_start(void)
{
	starts++;
}

static void on_clear(void)
{
	clears++;
}

static const struct meter_watcher watcher = {.start = on_start, .clear = on_clear};

static int begin_test(void **state)
{
	(void)state;
	starts = clears = 0;
	meter_watch(&watcher);
	return 0;
}

static void adds_up_pieces_of_one_kind(void **state)
{
	struct meter_view v;
	(void)state;
	assert_false(meter_look(&v));
	meter_begin(METER_HASH, "hashing", 2, 100);
	meter_files(METER_HASH, 2);
	meter_bytes(METER_HASH, 100);
	meter_end(METER_HASH);
	assert_false(meter_look(&v));
	meter_begin(METER_HASH, "hashing", 1, 50);
	meter_expect(METER_HASH, 3, 7);
	assert_true(meter_look(&v));
	assert_string_equal(v.what, "hashing");
	assert_int_equal(v.files_done, 2);
	assert_int_equal(v.files_total, 6);
	assert_int_equal(v.bytes_done, 100);
	assert_int_equal(v.bytes_total, 157);
	assert_true(v.sized);
	meter_end(METER_HASH);
}

static void an_estimate_ends_exact(void **state)
{
	static const uint64_t sizes[] = {1, 5000, 20};
	struct meter_view v;
	(void)state;
	meter_begin_guessed(METER_TRANSFER, "pushing", 3, 100);
	assert_true(meter_look(&v));
	assert_int_equal(v.bytes_total, 300);
	meter_size(METER_TRANSFER, sizes[0]);
	assert_true(meter_look(&v));
	assert_int_equal(v.bytes_total, 201);
	meter_size(METER_TRANSFER, sizes[1]);
	meter_size(METER_TRANSFER, sizes[2]);
	assert_true(meter_look(&v));
	assert_int_equal(v.bytes_total, 5021);
	meter_end(METER_TRANSFER);
}

static void shows_the_inner_work(void **state)
{
	struct meter_view v;
	(void)state;
	meter_begin(METER_CHECKOUT, "checking out", 0, 0);
	meter_begin(METER_VERIFY, "verifying", 0, 0);
	assert_true(meter_look(&v));
	assert_int_equal(v.kind, METER_VERIFY);
	meter_end(METER_VERIFY);
	assert_true(meter_look(&v));
	assert_int_equal(v.kind, METER_CHECKOUT);
	assert_false(v.sized);
	meter_end(METER_CHECKOUT);
}

static void hides_while_commands_run(void **state)
{
	struct meter_view v;
	(void)state;
	meter_begin(METER_HASH, "hashing", 1, 0);
	meter_hide();
	meter_hide();
	assert_int_equal(clears, 2);
	meter_unhide();
	assert_false(meter_look(&v));
	meter_unhide();
	assert_true(meter_look(&v));
	meter_end(METER_HASH);
}

/* Much work starts the watcher at once, a moment's never does. */
static void starts_only_for_long_work(void **state)
{
	(void)state;
	meter_begin(METER_HASH, "hashing", 3, 1000);
	meter_files(METER_HASH, 3);
	meter_end(METER_HASH);
	assert_int_equal(starts, 0);
	meter_begin(METER_HASH, "hashing", 1, 1 << 30);
	assert_int_equal(starts, 1);
	meter_bytes(METER_HASH, 1 << 30);
	meter_end(METER_HASH);
	assert_int_equal(starts, 1);
}

static void nobody_looks(void **state)
{
	(void)state;
	assert_true(meter_is_watched());
	meter_watch(NULL);
	assert_false(meter_is_watched());
	meter_begin(METER_HASH, "hashing", 1, 1 << 30);
	meter_hide();
	meter_unhide();
	meter_end(METER_HASH);
	assert_int_equal(starts, 0);
	assert_int_equal(clears, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(adds_up_pieces_of_one_kind, begin_test),
		cmocka_unit_test_setup(an_estimate_ends_exact, begin_test),
		cmocka_unit_test_setup(shows_the_inner_work, begin_test),
		cmocka_unit_test_setup(hides_while_commands_run, begin_test),
		cmocka_unit_test_setup(starts_only_for_long_work, begin_test),
		cmocka_unit_test_setup(nobody_looks, begin_test),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
