#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/date.h"

/* 1994-11-06 08:49:37 UTC, the example of RFC 9110 */
enum { EXAMPLE_S = 784111777 };

static void reads_the_three_forms_of_http(void **state)
{
	static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"};
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		int64_t t = 0;
		assert_true(date_parse_http(forms[i], &t));
		assert_int_equal(t, EXAMPLE_S);
	}
}

static void reads_iso(void **state)
{
	static const struct {
		const char *text;
		int64_t time_s;
	} cases[] = {
		{"1994-11-06T08:49:37Z", EXAMPLE_S},
		{"1994-11-06T08:49:37.123456Z", EXAMPLE_S},
		{"1994-11-06T10:49:37+02:00", EXAMPLE_S},
		{"1994-11-06 03:19:37-0530", EXAMPLE_S},
		{"1994-11-06T08:49:37UTC", EXAMPLE_S},
		{"1994-11-06T08:49:37", EXAMPLE_S},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t t = 0;
		assert_true(date_parse_iso(cases[i].text, &t));
		assert_int_equal(t, cases[i].time_s);
	}
}

static void refuses_other_text(void **state)
{
	static const char *const cases[] = {"", "x", "Sun, 06 Now 1994 08:49:37 GMT",
		"Sun, 46 Nov 1994 08:49:37 GMT", "1994-13-06T08:49:37Z", "1994-11-06T08:49:37X",
		"1994-11-06T08:49:37+99:99", "1994-11-06"};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t t;
		assert_false(date_parse_http(cases[i], &t));
		assert_false(date_parse_iso(cases[i], &t));
	}
}

static void writes_them(void **state)
{
	char http[DATE_HTTP], basic[DATE_BASIC], iso[DATE_ISO];
	(void)state;
	assert_string_equal(date_format_http(EXAMPLE_S, http), "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_string_equal(date_format_basic(EXAMPLE_S, basic), "19941106T084937Z");
	assert_string_equal(date_format_iso(EXAMPLE_S, iso), "1994-11-06T08:49:37Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_three_forms_of_http),
		cmocka_unit_test(reads_iso),
		cmocka_unit_test(refuses_other_text),
		cmocka_unit_test(writes_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
