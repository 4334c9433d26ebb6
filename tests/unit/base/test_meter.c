#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ctx.h"
#include "base/meter.h"

static struct ctx ctx;
static int starts, clears;

static void on_start(void *arg)
{
	(void)arg;
	starts++;
}

static void on_clear(void *arg)
{
	(void)arg;
	clears++;
}

static const struct meter_watcher watcher = {.start = on_start, .clear = on_clear};

static int begin_test(void **state)
{
	(void)state;
	starts = clears = 0;
	ctx = CTX_INIT;
	ctx.meters = meters_new(&watcher);
	return 0;
}

static int end_test(void **state)
{
	(void)state;
	meters_free(ctx.meters);
	return 0;
}

static void adds_up_pieces_of_one_kind(void **state)
{
	struct meter_view v;
	(void)state;
	assert_false(meters_look(ctx.meters, &v));
	meter_begin(&ctx, METER_HASH, "hashing", 2, 100);
	meter_files(&ctx, METER_HASH, 2);
	meter_bytes(&ctx, METER_HASH, 100);
	meter_end(&ctx, METER_HASH);
	assert_false(meters_look(ctx.meters, &v));
	meter_begin(&ctx, METER_HASH, "hashing", 1, 50);
	meter_expect(&ctx, METER_HASH, 3, 7);
	assert_true(meters_look(ctx.meters, &v));
	assert_string_equal(v.what, "hashing");
	assert_int_equal(v.files_done, 2);
	assert_int_equal(v.files_total, 6);
	assert_int_equal(v.bytes_done, 100);
	assert_int_equal(v.bytes_total, 157);
	assert_true(v.sized);
	meter_end(&ctx, METER_HASH);
}

static void an_estimate_ends_exact(void **state)
{
	static const uint64_t sizes[] = {1, 5000, 20};
	struct meter_view v;
	(void)state;
	meter_begin_guessed(&ctx, METER_TRANSFER, "pushing", 3, 100);
	assert_true(meters_look(ctx.meters, &v));
	assert_int_equal(v.bytes_total, 300);
	meter_size(&ctx, METER_TRANSFER, sizes[0]);
	assert_true(meters_look(ctx.meters, &v));
	assert_int_equal(v.bytes_total, 201);
	meter_size(&ctx, METER_TRANSFER, sizes[1]);
	meter_size(&ctx, METER_TRANSFER, sizes[2]);
	assert_true(meters_look(ctx.meters, &v));
	assert_int_equal(v.bytes_total, 5021);
	meter_end(&ctx, METER_TRANSFER);
}

static void shows_the_inner_work(void **state)
{
	struct meter_view v;
	(void)state;
	meter_begin(&ctx, METER_CHECKOUT, "checking out", 0, 0);
	meter_begin(&ctx, METER_VERIFY, "verifying", 0, 0);
	assert_true(meters_look(ctx.meters, &v));
	assert_int_equal(v.kind, METER_VERIFY);
	meter_end(&ctx, METER_VERIFY);
	assert_true(meters_look(ctx.meters, &v));
	assert_int_equal(v.kind, METER_CHECKOUT);
	assert_false(v.sized);
	meter_end(&ctx, METER_CHECKOUT);
}

static void hides_while_commands_run(void **state)
{
	struct meter_view v;
	(void)state;
	meter_begin(&ctx, METER_HASH, "hashing", 1, 0);
	meter_hide(&ctx);
	meter_hide(&ctx);
	assert_int_equal(clears, 2);
	meter_unhide(&ctx);
	assert_false(meters_look(ctx.meters, &v));
	meter_unhide(&ctx);
	assert_true(meters_look(ctx.meters, &v));
	meter_end(&ctx, METER_HASH);
}

/* Much work starts the watcher at once, short work never does. */
static void starts_only_for_long_work(void **state)
{
	(void)state;
	meter_begin(&ctx, METER_HASH, "hashing", 3, 1000);
	meter_files(&ctx, METER_HASH, 3);
	meter_end(&ctx, METER_HASH);
	assert_int_equal(starts, 0);
	meter_begin(&ctx, METER_HASH, "hashing", 1, 1 << 30);
	assert_int_equal(starts, 1);
	meter_bytes(&ctx, METER_HASH, 1 << 30);
	meter_end(&ctx, METER_HASH);
	assert_int_equal(starts, 1);
}

static void nobody_looks(void **state)
{
	const struct ctx none = CTX_INIT;
	const struct ctx *unwatched[] = {NULL, &none};
	(void)state;
	assert_true(meter_is_watched(&ctx));
	for (size_t i = 0; i < ARRAY_SIZE(unwatched); i++) {
		assert_false(meter_is_watched(unwatched[i]));
		meter_begin(unwatched[i], METER_HASH, "hashing", 1, 1 << 30);
		meter_hide(unwatched[i]);
		meter_unhide(unwatched[i]);
		meter_end(unwatched[i], METER_HASH);
	}
	assert_int_equal(starts, 0);
	assert_int_equal(clears, 0);
}

static void two_hosts_count_apart(void **state)
{
	struct ctx other = CTX_INIT;
	struct meter_view v;
	(void)state;
	other.meters = meters_new(&watcher);
	meter_begin(&ctx, METER_HASH, "hashing", 1, 0);
	meter_begin(&other, METER_WALK, "listing", 0, 0);
	meter_files(&other, METER_WALK, 7);
	assert_true(meters_look(ctx.meters, &v));
	assert_int_equal(v.kind, METER_HASH);
	assert_int_equal(v.files_done, 0);
	assert_true(meters_look(other.meters, &v));
	assert_int_equal(v.kind, METER_WALK);
	assert_int_equal(v.files_done, 7);
	meters_free(other.meters);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(adds_up_pieces_of_one_kind),
		TEST(an_estimate_ends_exact),
		TEST(shows_the_inner_work),
		TEST(hides_while_commands_run),
		TEST(starts_only_for_long_work),
		TEST(nobody_looks),
		TEST(two_hosts_count_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
