/* Addresses of files on web servers, and the names that DVC has for their contents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "fs/web/checksum.h"
#include "fs/web/web_int.h"

/* Expected: str(yarl.URL(url)) of Python. */
static void requotes_as_yarl(void **state)
{
	static const struct {
		const char *url, *expected;
	} cases[] = {
		{"http://H.com/a b%41%2f%c3/\xc3\xbc+x", "http://h.com/a%20bA%2F%C3/%C3%BC+x"},
		{"http://h:8080/a%zz/[x]{y}|^`\"<>\\?a=b?c/d:@;$,!*",
			"http://h:8080/a%25zz/%5Bx%5D%7By%7D%7C%5E%60%22%3C%3E%5C?a=b?c/d:@;$,!*"},
		{"http://h/~a_b-c.d;e=f,g!$&'()*", "http://h/~a_b-c.d;e=f,g!$&'()*"},
		{"http://h/x?sig=%2Bab%3d&q=1#fragment", "http://h/x?sig=%2Bab%3D&q=1"},
		{"http://h/a?", "http://h/a"},
		{"http://u:p@h/x/", "http://h/x/"},
		{"http://h", "http://h/"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(mem_freep) char *actual = web_url_requoted(cases[i].url);
		assert_string_equal(actual, cases[i].expected);
	}
}

static void joins_names(void **state)
{
	static const struct {
		const char *root, *path, *expected;
	} cases[] = {
		{"http://h/p", "a b%41+#?\xc3\xbc/x", "http://h/p/a%20b%2541%2B%23%3F%C3%BC/x"},
		{"https://h:443/p//", "x", "https://h/p/x"},
		{"webdavs://ada@h:8443", "x", "https://h:8443/x"},
		{"webdav://h/my%20data", "x", "http://h/my%20data/x"},
		{"http://[::1]:80/p", "x", "http://[::1]/p/x"},
		{"http://h/f?token=1", "", "http://h/f?token=1"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(web_address_release) struct web_address a = {0};
		assert_int_equal(web_address_read(&a, cases[i].root, NULL), 0);
		AUTO(mem_freep) char *actual = web_url(&a, cases[i].path);
		assert_string_equal(actual, cases[i].expected);
	}
}

static void takes_the_user_of_the_url(void **state)
{
	AUTO(web_address_release) struct web_address a = {0};
	(void)state;
	assert_int_equal(web_address_read(&a, "https://ada:p%3Ass%20w@h.com:8080/x", NULL), 0);
	assert_string_equal(a.user, "ada");
	assert_string_equal(a.password, "p:ss w");
	assert_string_equal(a.host, "h.com:8080");
}

static void malformed_addresses_show_no_password(void **state)
{
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(web_address_release) struct web_address a = {0};
	(void)state;
	assert_int_equal(web_address_read(&a, "http://ada:s3cret@h:port/x", &err), ERR_CONFIG);
	assert_null(strstr(err_text(&err), "s3cret"));
}

/* Expected: int(fsspec.utils.tokenize(info), 16) of Python. */
static void makes_the_number_of_dvc(void **state)
{
	static const struct {
		const char *name, *url;
		const char *headers; /* one a line */
		uint64_t length_bytes;
		const char *expected;
	} cases[] = {
		{"http://h/a.csv", "http://h/a.csv",
			"Content-Type: text/csv; charset=utf-8\n"
			"Last-Modified: Thu, 26 Nov 2026 02:57:14 GMT\nAccept-Ranges: bytes",
			5, "181115179023820251568233235767153092204"},
		{"http://h/it's.csv", "http://other/x y?a=1",
			"Content-Type: text/csv\nAccept-Ranges: none\nDigest: x=", HTTP_UNKNOWN,
			"177708826327997806880146859325876693455"},
		{"http://h/\xc3\xbc", "http://h/\xc3\xbc", "Server: x", 0,
			"108844682585230958615094532335944900020"},
		{"http://h/x", "http://h/x", "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==", 0,
			"1B2M2Y8AsgTpgAmY7PhCfg=="},
		{"http://h/x", "http://h/x", "Content-MD5: x\nETag: W/\"6b07a00a-5\"", 0,
			"W/\"6b07a00a-5\""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct http_response answer = {.status = 200,
			.length_bytes = cases[i].length_bytes,
			.url = mem_strdup(cases[i].url)};
		strlist_split(&answer.headers, cases[i].headers, '\n');
		AUTO(mem_freep) char *actual = web_checksum(&answer, cases[i].name);
		assert_string_equal(actual, cases[i].expected);
		http_response_release(&answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requotes_as_yarl),
		cmocka_unit_test(joins_names),
		cmocka_unit_test(takes_the_user_of_the_url),
		cmocka_unit_test(malformed_addresses_show_no_password),
		cmocka_unit_test(makes_the_number_of_dvc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
