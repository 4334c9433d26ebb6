#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/base64.h"

/* RFC 4648, 10 */
static const struct {
	const char *bytes, *text, *url;
} vectors[] = {
	{"", "", ""},
	{"f", "Zg==", "Zg"},
	{"fo", "Zm8=", "Zm8"},
	{"foo", "Zm9v", "Zm9v"},
	{"foob", "Zm9vYg==", "Zm9vYg"},
	{"fooba", "Zm9vYmE=", "Zm9vYmE"},
	{"foobar", "Zm9vYmFy", "Zm9vYmFy"},
	{"\xFB\xEF\xFF", "++//", "--__"},
};

static void writes_and_reads_the_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		AUTO(buf_release) struct buf text = BUF_INIT, url = BUF_INIT, back = BUF_INIT;
		base64_add(&text, vectors[i].bytes, strlen(vectors[i].bytes));
		base64_add_url(&url, vectors[i].bytes, strlen(vectors[i].bytes));
		assert_string_equal(buf_str(&text), vectors[i].text);
		assert_string_equal(buf_str(&url), vectors[i].url);
		assert_true(base64_decode(&back, buf_str(&text), text.len));
		assert_string_equal(buf_str(&back), vectors[i].bytes);
		buf_clear(&back);
		assert_true(base64_decode(&back, buf_str(&url), url.len));
		assert_string_equal(buf_str(&back), vectors[i].bytes);
	}
}

static void refuses_malformed_text(void **state)
{
	static const char *const cases[] = {"Z", "Zg=", "Zg=x", "Z*==", "Zg===", "=", "Zm9vY"};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_release) struct buf out = BUF_INIT;
		buf_adds(&out, "x");
		assert_false(base64_decode(&out, cases[i], strlen(cases[i])));
		assert_string_equal(out.ptr, "x");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_and_reads_the_vectors),
		cmocka_unit_test(refuses_malformed_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
