#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "fs/s3/answers.h"

static struct buf text(const char *s)
{
	struct buf out = BUF_INIT;
	buf_adds(&out, s);
	return out;
}

static void reads_a_listing(void **state)
{
	AUTO(buf_release) struct buf t = text(
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name>"
		"<Contents><Key>p/a%2Bb+c%20d</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>"
		"<ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag><Size>434234</Size></Contents>"
		"<Contents><Key>p/dir/</Key><Size>0</Size></Contents>"
		"<Contents><Key>other/x</Key><Size>1</Size></Contents>"
		"<Contents><Key>p/</Key><Size>0</Size></Contents>"
		"<CommonPrefixes><Prefix>p/sub/</Prefix></CommonPrefixes>"
		"<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
		"<NextContinuationToken>t+/=</NextContinuationToken></ListBucketResult>");
	AUTO(fs_page_release) struct fs_page page = {0};
	(void)state;
	assert_int_equal(s3_list_parse(&t, "p/", &page, NULL), 0);
	assert_int_equal(page.entries.count, 2);
	assert_string_equal(page.entries.items[0].path, "a+b c d");
	assert_string_equal(page.entries.items[0].etag, "fba9dede5f27731c9771645a39863328");
	assert_int_equal(page.entries.items[0].size_bytes, 434234);
	assert_int_equal(page.entries.items[0].mtime_s, 1255369830);
	assert_string_equal(page.entries.items[1].path, "sub");
	assert_true(page.entries.items[1].is_dir);
	assert_string_equal(page.next, "t+/=");
}

static void ends_a_listing(void **state)
{
	AUTO(buf_release) struct buf t = text(
		"<ListBucketResult><IsTruncated>false</IsTruncated>"
		"<Contents><Key>a%20b</Key></Contents></ListBucketResult>");
	AUTO(fs_page_release) struct fs_page page = {0};
	(void)state;
	assert_int_equal(s3_list_parse(&t, "", &page, NULL), 0);
	/* the server did not say that it escapes keys */
	assert_string_equal(page.entries.items[0].path, "a%20b");
	assert_true(page.entries.items[0].size_bytes == FS_UNKNOWN);
	assert_null(page.next);
}

/* https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
static void reads_a_listing_of_versions(void **state)
{
	AUTO(buf_release) struct buf t = text(
		"<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
		"<NextKeyMarker>p/a+b</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>"
		"<Version><Key>p/a+b</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest>"
		"<ETag>\"e2\"</ETag><Size>2</Size></Version>"
		"<Version><Key>p/a+b</Key><VersionId>v1</VersionId><IsLatest>false</IsLatest>"
		"<ETag>\"e1\"</ETag><Size>1</Size></Version>"
		"<DeleteMarker><Key>p/gone</Key><VersionId>v9</VersionId><IsLatest>true</IsLatest>"
		"</DeleteMarker>"
		"<Version><Key>p/gone</Key><VersionId>v8</VersionId><IsLatest>false</IsLatest></Version>"
		"<Version><Key>p/plain</Key><VersionId>null</VersionId><IsLatest>true</IsLatest>"
		"</Version></ListVersionsResult>");
	AUTO(fs_page_release) struct fs_page page = {0};
	(void)state;
	assert_int_equal(s3_list_parse(&t, "p/", &page, NULL), 0);
	assert_int_equal(page.entries.count, 2);
	assert_string_equal(page.entries.items[0].path, "a b");
	assert_string_equal(page.entries.items[0].version, "v2");
	assert_string_equal(page.entries.items[0].etag, "e2");
	assert_string_equal(page.entries.items[1].path, "plain");
	assert_null(page.entries.items[1].version);
	assert_string_equal(page.next, "p/a b\nv1");
}

static void refuses_other_documents(void **state)
{
	static const struct {
		const char *text;
		int code;
	} cases[] = {
		{"", ERR_CORRUPT},
		{"<ListBucketResult>", ERR_CORRUPT},
		{"<html><body>Log in</body></html>", ERR_FAIL},
		/* the rest of the listing is not known */
		{"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>", ERR_FAIL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_release) struct buf t = text(cases[i].text);
		AUTO(fs_page_release) struct fs_page page = {0};
		assert_int_equal(s3_list_parse(&t, "", &page, NULL), cases[i].code);
	}
}

static void reads_errors(void **state)
{
	AUTO(buf_release) struct buf t = text(
		"<Error><Code>C</Code><Message>M</Message><Region>r</Region></Error>");
	AUTO(buf_release) struct buf none = text("<html/>");
	AUTO(s3_error_release) struct s3_error e = {0}, empty = {0};
	(void)state;
	s3_error_parse(&t, &e);
	assert_string_equal(e.code, "C");
	assert_string_equal(e.message, "M");
	assert_string_equal(e.region, "r");
	s3_error_parse(&none, &empty);
	assert_null(empty.code);
}

static void finds_one_text(void **state)
{
	AUTO(buf_release) struct buf t = text("<R><UploadId>VX==</UploadId></R>");
	AUTO(mem_freep) char *id = s3_text_of(&t, "UploadId");
	(void)state;
	assert_string_equal(id, "VX==");
	assert_null(s3_text_of(&t, "ETag"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_listing),
		cmocka_unit_test(ends_a_listing),
		cmocka_unit_test(reads_a_listing_of_versions),
		cmocka_unit_test(refuses_other_documents),
		cmocka_unit_test(reads_errors),
		cmocka_unit_test(finds_one_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
