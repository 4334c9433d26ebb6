/* Rates as text, and the budget over several threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "base/ctx.h"
#include "base/rate.h"

static void reads_rates(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes_per_s;
	} good[] = {{"0", 0}, {"off", 0}, {"1000", 1000}, {"500K", 512000}, {"1.5M", 1572864},
		{"2g", 2147483648u}, {".5k", 512}, {"10.", 10}};
	static const char *const bad[] = {"", "K", "-1", "1.5.2", "1KB", "1 M", "1e6", "x", ".",
		"0.0001", "99999999999999999999", "999999999999G"};
	uint64_t got;
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(rate_parse(good[i].text, &got));
		assert_int_equal(got, good[i].bytes_per_s);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(rate_parse(bad[i], &got));
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

enum { THREADS = 4, TAKES = 10, BYTES = 1000 };

static void *take_all(void *ctx)
{
	for (int i = 0; i < TAKES; i++)
		rate_take(ctx, BYTES);
	return NULL;
}

static void threads_share_one_budget(void **state)
{
	struct rate rate = RATE_INIT;
	struct ctx ctx = CTX_INIT;
	pthread_t threads[THREADS];
	(void)state;
	ctx.rate = &rate;
	rate.bytes_per_s = 80000; /* half a second, less the burst of an eighth */
	double before = seconds();
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, take_all, &ctx);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_true(seconds() - before > 0.36);
}

static void a_stop_ends_the_wait(void **state)
{
	const atomic_bool stop = true;
	struct rate rate = RATE_INIT;
	struct ctx ctx = CTX_INIT;
	(void)state;
	ctx.rate = &rate;
	ctx.stop = &stop;
	rate.bytes_per_s = 1;
	double before = seconds();
	rate_take(&ctx, 1000000);
	assert_true(seconds() - before < 1);
}

static void without_a_limit_nothing_waits(void **state)
{
	struct rate rate = RATE_INIT;
	struct ctx ctx = CTX_INIT;
	(void)state;
	rate_take(NULL, 1000);
	rate_take(&ctx, 1000);
	ctx.rate = &rate;
	rate_take(&ctx, UINT64_MAX);
	assert_int_equal(rate_connections(&ctx), 0);
	assert_true(rate_step(&ctx) == UINT64_MAX);
	rate.bytes_per_s = 10 * 64 * 1024;
	assert_int_equal(rate_connections(&ctx), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_rates),
		cmocka_unit_test(threads_share_one_budget),
		cmocka_unit_test(a_stop_ends_the_wait),
		cmocka_unit_test(without_a_limit_nothing_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
