/* The XML that Azure Blob Storage answers with, connection strings, and names of blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "fs/azure/answers.h"
#include "fs/azure/settings.h"

static struct buf text_of(const char *s)
{
	struct buf b = BUF_INIT;
	buf_adds(&b, s);
	return b;
}

/* As the service writes it: the ETag without quotes, a directory of a hierarchical namespace, an
 * older version, and the marker of the next page. */
static void reads_a_listing(void **state)
{
	AUTO(buf_release) struct buf text = text_of(
		"\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?>"
		"<EnumerationResults ServiceEndpoint=\"https://a.blob.core.windows.net/\" ContainerName=\"c\">"
		"<Prefix>p/</Prefix><MaxResults>5000</MaxResults><Blobs>"
		"<Blob><Name>p/d</Name><Properties><ResourceType>directory</ResourceType></Properties></Blob>"
		"<Blob><Name>p/d/x &amp; y</Name><Properties><Last-Modified>Sun, 06 Nov 1994 08:49:37 GMT</Last-Modified>"
		"<Etag>0x8D</Etag><Content-Length>12</Content-Length></Properties></Blob>"
		"<Blob><Name>p/v</Name><VersionId>2020</VersionId><Properties><Etag>\"0x8E\"</Etag></Properties></Blob>"
		"<Blob><Name>p/v</Name><VersionId>2021</VersionId><IsCurrentVersion>true</IsCurrentVersion>"
		"<Properties><Etag>\"0x8E\"</Etag></Properties></Blob>"
		"<Blob><Name>other</Name></Blob><Blob><Name>p/</Name></Blob>"
		"<BlobPrefix><Name>p/sub/</Name></BlobPrefix>"
		"</Blobs><NextMarker>2!4!x</NextMarker></EnumerationResults>");
	AUTO(fs_page_release) struct fs_page page = {0};
	(void)state;
	assert_int_equal(azure_list_parse(&text, "p/", &page, NULL), 0);
	assert_int_equal(page.entries.count, 3);
	const struct fs_entry *e = page.entries.items;
	assert_string_equal(e[0].path, "d/x & y");
	assert_int_equal(e[0].size_bytes, 12);
	assert_int_equal(e[0].mtime_s, 784111777);
	assert_string_equal(e[0].etag, "\"0x8D\"");
	assert_string_equal(e[1].path, "v");
	assert_string_equal(e[1].version, "2021");
	assert_string_equal(e[1].etag, "\"0x8E\"");
	assert_string_equal(e[2].path, "sub");
	assert_true(e[2].is_dir);
	assert_string_equal(page.next, "2!4!x");
}

static void refuses_what_is_no_listing(void **state)
{
	static const char *const texts[] = {
		"", "<html></html>", "<EnumerationResults>", "<!DOCTYPE x><EnumerationResults/>"};
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		AUTO(buf_release) struct buf text = text_of(texts[i]);
		AUTO(fs_page_release) struct fs_page page = {0};
		assert_int_equal(azure_list_parse(&text, "", &page, NULL), ERR_PARSE);
	}
}

static void reads_an_error(void **state)
{
	AUTO(buf_release) struct buf text = text_of(
		"<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code>"
		"<Message>Server failed.\nRequestId:1\nTime:2</Message>"
		"<AuthenticationErrorDetail>Too old</AuthenticationErrorDetail></Error>");
	AUTO(azure_error_release) struct azure_error e = {0};
	(void)state;
	azure_error_parse(&text, &e);
	assert_string_equal(e.code, "AuthenticationFailed");
	assert_string_equal(e.message, "Server failed.");
	assert_string_equal(e.detail, "Too old");
}

static void names_of_blocks_are_equally_long(void **state)
{
	static const char id[] = "0123456789abcdef0123456789abcdef";
	AUTO(mem_freep) char *first = azure_block_id(id, 1);
	AUTO(mem_freep) char *last = azure_block_id(id, 50000);
	(void)state;
	/* as long as those of DVC's library */
	assert_int_equal(strlen(first), 64);
	assert_int_equal(strlen(last), 64);
	assert_string_not_equal(first, last);
}

static void finds_the_blocks_of_an_upload(void **state)
{
	static const char id[] = "0123456789abcdef0123456789abcdef";
	static const char other[] = "0123456789abcdef0123456789abcdee";
	struct fs_part parts[2] = {0};
	AUTO(buf_release) struct buf text = BUF_INIT, none = text_of("<html/>");
	AUTO(mem_freep) char *second = azure_block_id(id, 2);
	AUTO(mem_freep) char *third = azure_block_id(id, 3), *foreign = azure_block_id(other, 1);
	(void)state;
	buf_addf(&text,
		"<BlockList><UncommittedBlocks><Block><Name>%s</Name><Size>7</Size></Block>"
		"<Block><Name>%s</Name><Size>7</Size></Block><Block><Name>%s</Name><Size>7</Size></Block>"
		"<Block><Name>eA==</Name><Size>7</Size></Block></UncommittedBlocks></BlockList>",
		second, third, foreign);
	assert_int_equal(azure_blocks_parse(&text, id, parts, 2, NULL), 0);
	assert_null(parts[0].tag);
	assert_string_equal(parts[1].tag, second);
	assert_int_equal(parts[1].size_bytes, 7);
	free(parts[1].tag);
	assert_int_equal(azure_blocks_parse(&none, id, parts, 2, NULL), ERR_FAIL);
}

static void takes_connection_strings_apart(void **state)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *map;
	(void)state;
	assert_int_equal(
		azure_connection_parse(&a,
			"DefaultEndpointsProtocol=https;ACCOUNTNAME=acc;AccountKey=a2V5==;;", &map,
			&err),
		0);
	assert_string_equal(value_get_str(map, "accountname"), "acc");
	assert_string_equal(value_get_str(map, "accountkey"), "a2V5==");
	assert_int_equal(azure_connection_parse(&a, "nonsense", &map, &err), ERR_CONFIG);
	assert_null(strstr(err_text(&err), "nonsense"));
	assert_non_null(strstr(err_text(&err), "either blank or malformed"));
	assert_int_equal(azure_connection_parse(&a, "AccountKey=x", &map, &err), ERR_CONFIG);
	assert_non_null(strstr(err_text(&err), "missing required connection details"));
}

static void knows_when_a_signature_ends(void **state)
{
	int64_t at_s = 0;
	(void)state;
	assert_true(azure_sas_expiry("?sv=2021&se=1994-11-06T08%3A49%3A37Z&sig=x", &at_s));
	assert_int_equal(at_s, 784111777);
	assert_false(azure_sas_expiry("sv=2021&sig=x", &at_s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_listing),
		cmocka_unit_test(refuses_what_is_no_listing),
		cmocka_unit_test(reads_an_error),
		cmocka_unit_test(names_of_blocks_are_equally_long),
		cmocka_unit_test(finds_the_blocks_of_an_upload),
		cmocka_unit_test(takes_connection_strings_apart),
		cmocka_unit_test(knows_when_a_signature_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
