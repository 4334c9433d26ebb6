#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>

#include "base/alloc.h"
#include "view/ticks.h"

/* The texts of all ticks, and the limits: "lo [0.0 0.5 1.0] hi". */
static char *described(const struct ticks *t)
{
	struct buf out = BUF_INIT;
	buf_addf(&out, "%g [", t->lo);
	for (int i = 0; i < t->count; i++) {
		if (i)
			buf_addc(&out, ' ');
		ticks_add(&out, t, ticks_at(t, i));
	}
	buf_addf(&out, "] %g", t->hi);
	return buf_detach(&out);
}

static void test_around_the_values(void **state)
{
	(void)state;
	static const struct {
		double lo, hi;
		int most;
		const char *expected;
	} cases[] = {
		{0, 1, 6, "0 [0.0 0.2 0.4 0.6 0.8 1.0] 1"},
		{0.1, 0.93, 6, "0 [0.0 0.2 0.4 0.6 0.8 1.0] 1"},
		{-3, 17, 6, "-5 [-5 0 5 10 15 20] 20"},
		{1000, 50000, 4, "0 [0 20000 40000 60000] 60000"},
		{1e-7, 3e-7, 4, "1e-07 [1e-7 2e-7 3e-7] 3e-07"},
		{1234567, 1234569, 4, "1.23457e+06 [1.234567e6 1.234568e6 1.234569e6] 1.23457e+06"},
		{5, 5, 4, "2 [2 4 6 8] 8"}, /* a constant is in the middle */
		{0, 0, 4, "-1 [-1 0 1] 1"}, {-0.0, -0.0, 4, "-1 [-1 0 1] 1"},
		{-DBL_MAX, DBL_MAX, 4, "-2e+307 [-2e307 0 2e307] 2e+307"},
		{5e-324, 5e-324, 4, "-1 [-1 0 1] 1"},
		{INFINITY, -INFINITY, 3, "0 [0.0 0.5 1.0] 1"}, /* no value */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct extent e = EXTENT_INIT;
		struct ticks t;
		extent_add(&e, cases[i].lo);
		extent_add(&e, cases[i].hi);
		ticks_init(&t, &e, cases[i].most, true);
		AUTO(mem_freep) char *got = described(&t);
		assert_string_equal(got, cases[i].expected);
	}
}

static void test_within_the_values(void **state)
{
	(void)state;
	struct extent e = {1, 9};
	struct ticks t;
	ticks_init(&t, &e, 5, false);
	AUTO(mem_freep) char *got = described(&t);
	assert_string_equal(got, "1 [2 4 6 8] 9");
}

/* Limits near the values, at rows; the same number of rows from tick to tick. */
static void test_rows(void **state)
{
	(void)state;
	static const struct {
		double lo, hi;
		int rows;
		const char *expected;
		int used;
	} cases[] = {
		{0, 1, 11, "0 [0.0 0.2 0.4 0.6 0.8 1.0] 1", 11},
		{0.05, 1.05, 9, "0 [0 1] 1.14286", 9},
		{-4.5, 2.2, 12, "-4.66667 [-4 -2 0 2] 2.66667", 12},
		{7, 7, 2, "0 [0 20] 20", 2},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct extent e = {cases[i].lo, cases[i].hi};
		struct ticks t;
		int rows = cases[i].rows;
		ticks_init_rows(&t, &e, &rows);
		AUTO(mem_freep) char *got = described(&t);
		assert_string_equal(got, cases[i].expected);
		assert_int_equal(rows, cases[i].used);
	}
}

static void test_short_numbers(void **state)
{
	(void)state;
	static const struct {
		double value;
		const char *expected;
	} cases[] = {
		{0, "0"},
		{-0.0, "0"},
		{0.1 + 0.2, "0.3"},
		{0.123456789, "0.12346"},
		{12.5, "12.5"},
		{1234.5678, "1234.6"},
		{99999.6, "100000"},
		{123456789, "123456789"},
		{-1.5e10, "-1.5e10"},
		{1e-5, "1e-5"},
		{DBL_MAX, "1.7977e308"},
		{(double)NAN, "nan"},
		{-INFINITY, "-inf"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf got = BUF_INIT;
		ticks_add_short(&got, cases[i].value);
		assert_string_equal(buf_str(&got), cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_around_the_values),
		cmocka_unit_test(test_within_the_values),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_short_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
