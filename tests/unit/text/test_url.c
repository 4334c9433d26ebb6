#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "text/url.h"

static void takes_urls_apart(void **state)
{
	static const struct {
		const char *text, *scheme, *user, *password, *host;
		int port;
		const char *path, *query;
	} cases[] = {
		{"S3://bkt/a/b", "s3", NULL, NULL, "bkt", 0, "/a/b", NULL},
		{"http://h:8080", "http", NULL, NULL, "h", 8080, "", NULL},
		{"http://h:/x", "http", NULL, NULL, "h", 0, "/x", NULL},
		{"http://u%40x:p%3a@h/x?q=1&r#f", "http", "u@x", "p:", "h", 0, "/x", "q=1&r"},
		{"http://a@b@h?x", "http", "a@b", NULL, "h", 0, "", "x"},
		{"http://[::1]:9/", "http", NULL, NULL, "::1", 9, "/", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(url_release) struct url u = {0};
		AUTO(err_release) struct err err = ERR_INIT;
		assert_int_equal(url_parse(&u, cases[i].text, &err), 0);
		assert_string_equal(u.scheme, cases[i].scheme);
		assert_string_equal(u.host, cases[i].host);
		assert_int_equal(u.port, cases[i].port);
		assert_string_equal(u.path, cases[i].path);
		assert_string_equal(u.user ? u.user : "-", cases[i].user ? cases[i].user : "-");
		assert_string_equal(
			u.password ? u.password : "-", cases[i].password ? cases[i].password : "-");
		assert_string_equal(u.query ? u.query : "-", cases[i].query ? cases[i].query : "-");
	}
}

static void refuses_what_is_no_url(void **state)
{
	static const char *const cases[] = {
		"bkt/a", "://h", "http://h:0/", "http://h:65536/", "http://h:x/", "http://[::1/"};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(url_release) struct url u = {0};
		assert_int_equal(url_parse(&u, cases[i], NULL), ERR_CONFIG);
	}
}

static void escapes_and_decodes(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	(void)state;
	url_add_escaped(&out, "a b/\xC3\xA9+~", "/");
	assert_string_equal(out.ptr, "a%20b/%C3%A9%2B~");
	AUTO(mem_freep) char *back = url_decoded(out.ptr);
	assert_string_equal(back, "a b/\xC3\xA9+~");
	AUTO(mem_freep) char *odd = url_decoded("%zz%4%00%");
	assert_string_equal(odd, "%zz%4%00%");
}

static void shows_no_secrets(void **state)
{
	static const struct {
		const char *url, *shown;
	} cases[] = {
		{"http://user:secret@h/p", "http://h/p"},
		{"http://h/p?x=1&sig=abc&SecurityToken=t&y",
			"http://h/p?x=1&sig=...&SecurityToken=...&y"},
		{"http://h/p?X-Amz-Signature=1&X-Amz-Credential=2",
			"http://h/p?X-Amz-Signature=...&X-Amz-Credential=..."},
		{"http://h/a@b", "http://h/a@b"},
		{"http://h/?max-keys=1&key=2", "http://h/?max-keys=1&key=..."},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_release) struct buf out = BUF_INIT;
		url_add_shown(&out, cases[i].url);
		assert_string_equal(out.ptr, cases[i].shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_urls_apart),
		cmocka_unit_test(refuses_what_is_no_url),
		cmocka_unit_test(escapes_and_decodes),
		cmocka_unit_test(shows_no_secrets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
