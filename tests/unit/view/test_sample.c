#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "view/sample.h"

/* The indexes that are kept, as "0 3 7". */
static void check(const double *x, const double *y, size_t count, size_t most, const char *expected)
{
	AUTO(buf_release) struct buf got = BUF_INIT;
	size_t out[64];
	size_t n = sample_points(x, y, count, most, out);
	for (size_t i = 0; i < n; i++)
		buf_addf(&got, "%s%zu", i ? " " : "", out[i]);
	assert_string_equal(buf_str(&got), expected);
}

static void test_peaks_are_kept(void **state)
{
	(void)state;
	static const double y[] = {0, 0, 0, 9, 0, 0, 0, 0, -9, 0, 0, 0};
	check(NULL, y, 12, 12, "0 1 2 3 4 5 6 7 8 9 10 11");
	check(NULL, y, 12, 4, "0 3 8 11");
	check(NULL, y, 12, 3, "0 3 11");
}

static void test_few(void **state)
{
	(void)state;
	static const double y[] = {5, 1, 2, 3};
	check(NULL, y, 4, 0, "");
	check(NULL, y, 4, 1, "0");
	check(NULL, y, 4, 2, "0 3");
	check(NULL, y, 1, 5, "0");
	check(NULL, y, 0, 5, "");
}

/* A gap that is long stays one; a single value that is missing is passed over. */
static void test_gaps(void **state)
{
	(void)state;
	static const double y[] = {
		0, 1, 2, 3, 4, NAN, NAN, NAN, NAN, 9, 10, 11, NAN, 13, 14, 15, INFINITY};
	check(NULL, y, 17, 7, "0 3 5 7 10 15 16");
	static const double none[] = {NAN, NAN, NAN, NAN, NAN, NAN};
	check(none, none, 6, 4, "0 1 3 5");
}

static void test_largest_numbers(void **state)
{
	(void)state;
	static const double y[] = {0, DBL_MAX, 0, -DBL_MAX, 0, DBL_MAX, 0};
	check(NULL, y, 7, 5, "0 1 3 5 6");
	static const double small[] = {0, 5e-324, 0, 0, 0, 5e-324, 0};
	check(NULL, small, 7, 5, "0 1 2 5 6");
}

/* Indexes ascend, and their number is as promised, whatever the numbers. */
static void test_all_sizes(void **state)
{
	(void)state;
	enum { COUNT = 200 };
	double y[COUNT];
	size_t out[COUNT];
	for (size_t i = 0; i < COUNT; i++)
		y[i] = i % 7 == 0 ? (double)NAN : sin((double)i);
	for (size_t count = 0; count <= COUNT; count++)
		for (size_t most = 0; most <= COUNT; most++) {
			size_t n = sample_points(NULL, y, count, most, out);
			assert_int_equal(n, MIN(count, most));
			for (size_t i = 1; i < n; i++)
				assert_true(out[i - 1] < out[i]);
			if (n > 1)
				assert_int_equal(out[n - 1], count - 1);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peaks_are_kept),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_largest_numbers),
		cmocka_unit_test(test_all_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
