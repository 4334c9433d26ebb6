#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "text/amount.h"

static void durations(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: not a duration */
	} cases[] = {
		{"90s", 90},
		{"10m", 600},
		{"2h", 7200},
		{"1d", 86400},
		{"1h30m", 5400},
		{"1d2h3m4s", 93784},
		{"90", 90},
		{"1m30", 90},
		{"1000000000", 1000000000},
		{"1000000001", -1}, /* more than thirty years */
		{"99999999999999999999", -1},
		{"9999999999d9999999999d", -1},
		{"0", -1},
		{"0s", -1},
		{"", -1},
		{"-1", -1},
		{"+1", -1},
		{"1.5h", -1},
		{"1 h", -1},
		{"h", -1},
		{"2x", -1},
		{"2:00:00", -1},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t got = -1;
		if (!amount_read_duration(cases[i].text, &got))
			got = -1;
		if (got != cases[i].seconds)
			fail_msg("'%s': %jd, not %jd", cases[i].text, (intmax_t)got,
				(intmax_t)cases[i].seconds);
	}
}

static void sizes(void **state)
{
	static const struct {
		const char *text;
		double bytes; /* -1: not a size */
	} cases[] = {
		{"1000", 1000},
		{"4GB", 4e9},
		{"4g", 4e9},
		{"4 gb", 4e9},
		{"1 KiB", 1024},
		{"1.5mib", 1.5 * 1024 * 1024},
		{"2T", 2e12},
		{"1TiB", 1024.0 * 1024 * 1024 * 1024},
		{"1 stone", -1},
		{"GB", -1},
		{"", -1},
		{"nan", -1},
		{"inf", -1},
		{"1GB 2", -1},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double got;
		if (!amount_read_size(cases[i].text, &got))
			got = -1;
		if (got != cases[i].bytes)
			fail_msg("'%s': %.10g, not %.10g", cases[i].text, got, cases[i].bytes);
	}
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		bool is_number;
	} cases[] = {
		{"2", true},
		{"0.5", true},
		{"-1", true},
		{"2 ", true},
		{"2GB", false},
		{"", false},
		{"nan", false},
		{"two", false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double got;
		if (amount_read_number(cases[i].text, &got) != cases[i].is_number)
			fail_msg("'%s'", cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(sizes),
		cmocka_unit_test(numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
