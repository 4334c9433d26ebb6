/* The JSON that Google Cloud Storage answers with, and the etags in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "fs/gs/answers.h"

static struct buf text_of(const char *s)
{
	struct buf b = BUF_INIT;
	buf_adds(&b, s);
	return b;
}

/* DVC: base64.b64decode("CJ+8tK3fiYoDEAE=").hex() */
static void etags_are_decoded(void **state)
{
	AUTO(mem_freep) char *etag = gs_etag("CJ+8tK3fiYoDEAE=");
	(void)state;
	assert_string_equal(etag, "089fbcb4addf898a031001");
	assert_null(gs_etag(NULL));
	assert_null(gs_etag("not base64!"));
}

static void reads_a_listing(void **state)
{
	AUTO(buf_release) struct buf text = text_of(
		"{\"kind\": \"storage#objects\", \"nextPageToken\": \"Cg==\", \"prefixes\": [\"p/sub/\", 1],"
		"\"items\": [{\"name\": \"p/a\\u00e9\", \"size\": \"12\", \"generation\": \"1700000000000001\","
		"\"etag\": \"CJ+8tK3fiYoDEAE=\", \"updated\": \"1994-11-06T08:49:37.123Z\"},"
		"{\"name\": \"p/dir/\"}, {\"name\": \"other\"}, {\"name\": \"p/\"}, {\"size\": 1}, 7]}");
	AUTO(fs_page_release) struct fs_page page = {0};
	(void)state;
	assert_int_equal(gs_list_parse(&text, "p/", &page, NULL), 0);
	assert_int_equal(page.entries.count, 2);
	const struct fs_entry *e = page.entries.items;
	assert_string_equal(e[0].path, "a\xC3\xA9");
	assert_int_equal(e[0].size_bytes, 12);
	assert_int_equal(e[0].mtime_s, 784111777);
	assert_string_equal(e[0].etag, "089fbcb4addf898a031001");
	assert_string_equal(e[0].version, "1700000000000001");
	assert_string_equal(e[1].path, "sub");
	assert_true(e[1].is_dir);
	assert_string_equal(page.next, "Cg==");
}

static void an_empty_listing_is_one(void **state)
{
	AUTO(buf_release) struct buf text = text_of("{}"), wrong = text_of("[]");
	AUTO(fs_page_release) struct fs_page page = {0};
	(void)state;
	assert_int_equal(gs_list_parse(&text, "", &page, NULL), 0);
	assert_null(page.next);
	assert_int_equal(gs_list_parse(&wrong, "", &page, NULL), ERR_PARSE);
}

static void reads_an_object(void **state)
{
	AUTO(buf_release) struct buf text = text_of(
		"{\"name\": \"a\", \"size\": 5, \"generation\": 7, \"md5Hash\": \"XUFAKrxLKna5cZ2REBfFkg==\"}");
	AUTO(buf_release) struct buf none = text_of("{\"size\": 5}");
	AUTO(gs_object_release) struct gs_object o = {0};
	char hex[MD5_HEX + 1];
	(void)state;
	assert_int_equal(gs_object_parse(&text, &o, NULL), 0);
	assert_int_equal(o.stat.size_bytes, 5);
	assert_string_equal(o.stat.version, "7");
	assert_true(o.has_md5);
	md5_to_hex(o.md5, hex);
	assert_string_equal(hex, "5d41402abc4b2a76b9719d911017c592");
	assert_int_equal(gs_object_parse(&none, &o, NULL), ERR_PARSE);
}

static void reads_errors_and_copies(void **state)
{
	AUTO(buf_release) struct buf text = text_of(
		"{\"error\": {\"code\": 403, \"message\": \"No.\\nMore\", \"errors\": [{\"reason\": \"forbidden\"}]}}");
	AUTO(buf_release) struct buf html = text_of("<html>");
	AUTO(buf_release) struct buf going = text_of("{\"done\": false, \"rewriteToken\": \"t\"}");
	AUTO(buf_release) struct buf done = text_of("{\"done\": true}");
	AUTO(gs_error_release) struct gs_error e = {0}, none = {0};
	AUTO(mem_freep) char *token = NULL;
	(void)state;
	gs_error_parse(&text, &e);
	gs_error_parse(&html, &none);
	assert_string_equal(e.message, "No.");
	assert_string_equal(e.reason, "forbidden");
	assert_null(none.message);
	assert_int_equal(gs_rewrite_parse(&going, &token, NULL), 0);
	assert_string_equal(token, "t");
	assert_int_equal(gs_rewrite_parse(&done, &token, NULL), 1);
	assert_int_equal(gs_rewrite_parse(&html, &token, NULL), ERR_PARSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(etags_are_decoded),
		cmocka_unit_test(reads_a_listing),
		cmocka_unit_test(an_empty_listing_is_one),
		cmocka_unit_test(reads_an_object),
		cmocka_unit_test(reads_errors_and_copies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
