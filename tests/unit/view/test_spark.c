#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "base/alloc.h"
#include "view/spark.h"

static void check(
	const double *values, size_t count, size_t most, const char *unicode, const char *ascii)
{
	AUTO(buf_release) struct buf got = BUF_INIT;
	spark_add(&got, values, count, most, true);
	assert_string_equal(buf_str(&got), unicode);
	buf_clear(&got);
	spark_add(&got, values, count, most, false);
	assert_string_equal(buf_str(&got), ascii);
}

static void test_courses(void **state)
{
	(void)state;
	static const double up[] = {1, 2, 3, 4, 5, 6, 7, 8}, down[] = {1, 0.5, 0.25, 0.1, 0.05};
	static const double constant[] = {3, 3, 3}, gaps[] = {NAN, 1, NAN, 2, INFINITY};
	static const double large[] = {-DBL_MAX, 0, DBL_MAX}, none[] = {NAN, NAN}, one[] = {5};
	check(up, 8, 40, "▁▂▃▄▅▆▇█", "_,-=+*#@");
	check(down, 5, 40, "█▄▂▁▁", "@=,__");
	check(constant, 3, 40, "▄▄▄", "===");
	check(gaps, 5, 40, "·▁·█·", "._.@.");
	check(large, 3, 40, "▁▅█", "_+@");
	check(one, 1, 40, "▄", "=");
	check(none, 2, 40, "", "");
	check(NULL, 0, 40, "", "");
}

/* Peaks remain in a course that is reduced. */
static void test_long(void **state)
{
	(void)state;
	double values[1000];
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		values[i] = i == 500 ? 9 : 0;
	check(values, ARRAY_SIZE(values), 9, "▁▁▁▁█▁▁▁▁", "____@____");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_courses),
		cmocka_unit_test(test_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
