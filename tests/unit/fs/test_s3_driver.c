/* The driver against a server that plays a script: what it sends, and what it makes of the answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fake_server.h"
#include "base/alloc.h"
#include "base/str.h"
#include "fs/fs.h"
#include "text/value.h"

#define OK_EMPTY    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define NOT_FOUND   "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
#define HEAD_DENIED "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
#define HELLO_ETAG  "\"5d41402abc4b2a76b9719d911017c592\""

struct scene {
	struct fake_server server;
	struct arena arena;
	struct fs *fs;
	struct err err;
	struct strlist texts; /* answers with their lengths */
};

/* An answer with a body. Lives as long as the scene. */
static const char *answer(struct scene *s, const char *head, const char *body)
{
	strlist_addf(&s->texts, "%s\r\nContent-Length: %zu\r\n\r\n%s", head, strlen(body), body);
	return s->texts.items[s->texts.count - 1];
}

static const char *failure(struct scene *s, const char *status, const char *code)
{
	AUTO(mem_freep) char *head = mem_printf("HTTP/1.1 %s", status);
	AUTO(mem_freep) char *body = mem_printf(
		"<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>No.</Message></Error>",
		code);
	return answer(s, head, body);
}

static void scene_begin(
	struct scene *s, const char *const *answers, const char *key, const char *option)
{
	fake_start(&s->server, answers);
	AUTO(mem_freep) char *endpoint = mem_printf("http://127.0.0.1:%d", s->server.port);
	struct value *options = value_map(&s->arena);
	value_set(&s->arena, options, "endpointurl", value_string(&s->arena, endpoint));
	value_set(&s->arena, options, "access_key_id", value_string(&s->arena, "AK"));
	value_set(&s->arena, options, "secret_access_key", value_string(&s->arena, "SK"));
	if (key)
		value_set(&s->arena, options, key, value_string(&s->arena, option));
	assert_int_equal(fs_open(&s->fs, NULL, "s3://bkt/pre/fix/", options, &s->err), 0);
}

static void scene_end(struct scene *s)
{
	fs_close(s->fs);
	arena_release(&s->arena);
	err_release(&s->err);
	fake_stop(&s->server);
	strlist_release(&s->server.requests);
	strlist_release(&s->texts);
}

static bool sent(const struct scene *s, size_t i, const char *text)
{
	return i < s->server.requests.count && strstr(s->server.requests.items[i], text);
}

static int add(void *arg, const void *bytes, size_t count, struct err *err)
{
	(void)err;
	buf_add(arg, bytes, count);
	return 0;
}

static const struct byte_source hello = {.fd = -1, .bytes = "hello", .size_bytes = 5};

static void tells_of_an_object(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nETag: \"abc-2\"\r\nx-amz-version-id: v1\r\n"
		"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
		NULL};
	AUTO(fs_stat_release) struct fs_stat st = {0};
	struct scene s = {0};
	(void)state;
	scene_begin(&s, answers, NULL, NULL);
	assert_int_equal(s.fs->driver->stat(s.fs, "a b/\xC3\xA9", "v1", &st, &s.err), 1);
	assert_int_equal(st.size_bytes, 12);
	assert_int_equal(st.mtime_s, 784111777);
	assert_string_equal(st.etag, "abc-2");
	assert_string_equal(st.version, "v1");
	assert_true(sent(&s, 0, "HEAD /bkt/pre/fix/a%20b/%C3%A9?versionId=v1 HTTP/1.1"));
	assert_true(sent(&s, 0, "Credential=AK/"));
	assert_true(sent(&s, 0, "/us-east-1/s3/aws4_request"));
	scene_end(&s);
}

/* Only the first missing object makes a request for the bucket. */
static void a_missing_object_is_not_a_missing_bucket(void **state)
{
	struct scene s = {0};
	(void)state;
	const char *answers[] = {
		NOT_FOUND, answer(&s, "HTTP/1.1 200 OK", "<ListBucketResult/>"), NOT_FOUND, NULL};
	scene_begin(&s, answers, NULL, NULL);
	assert_int_equal(s.fs->driver->stat(s.fs, "a", NULL, NULL, &s.err), 0);
	assert_int_equal(s.fs->driver->stat(s.fs, "b", NULL, NULL, &s.err), 0);
	assert_int_equal(s.server.requests.count, 3);
	scene_end(&s);

	s = (struct scene){0};
	const char *gone[] = {NOT_FOUND, failure(&s, "404 Not Found", "NoSuchBucket"), NULL};
	scene_begin(&s, gone, NULL, NULL);
	assert_int_equal(s.fs->driver->stat(s.fs, "a", NULL, NULL, &s.err), ERR_NO_PLACE);
	assert_string_equal(err_text(&s.err),
		"No.: An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: No.");
	scene_end(&s);
}

static void asks_why_a_head_is_refused(void **state)
{
	static const struct {
		const char *code;
		int ours;
		const char *plain;
	} cases[] = {
		{"AccessDenied", ERR_DENIED, "may not do that"},
		{"InvalidAccessKeyId", ERR_AUTH, "access key is not known"},
		{"SignatureDoesNotMatch", ERR_AUTH, "secret key"},
		{"RequestTimeTooSkewed", ERR_AUTH, "clock of this machine is wrong"},
		{"ExpiredToken", ERR_AUTH, "has expired"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene s = {0};
		const char *answers[] = {
			HEAD_DENIED, failure(&s, "403 Forbidden", cases[i].code), NULL};
		scene_begin(&s, answers, NULL, NULL);
		assert_int_equal(s.fs->driver->stat(s.fs, "a", NULL, NULL, &s.err), cases[i].ours);
		assert_non_null(strstr(s.err.plain, cases[i].plain));
		assert_string_equal(err_text(&s.err),
			"Forbidden: An error occurred (403) when calling the HeadObject operation: Forbidden");
		assert_true(sent(&s, 1, "Range: bytes=0-0"));
		scene_end(&s);
	}
}

static void repeats_with_the_region_that_is_named(void **state)
{
	struct scene s = {0};
	(void)state;
	const char *answers[] = {
		answer(&s, "HTTP/1.1 400 Bad Request",
			"<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region></Error>"),
		answer(&s, "HTTP/1.1 200 OK", "<ListBucketResult/>"), OK_EMPTY, NULL};
	AUTO(fs_page_release) struct fs_page page = {0};
	scene_begin(&s, answers, NULL, NULL);
	assert_int_equal(
		s.fs->driver->list(s.fs, &(struct fs_list){.prefix = ""}, &page, &s.err), 0);
	assert_true(sent(&s, 1, "/eu-west-1/s3/aws4_request"));
	assert_int_equal(s.fs->driver->stat(s.fs, "a", NULL, NULL, &s.err), 1);
	assert_true(sent(&s, 2, "/eu-west-1/s3/aws4_request"));
	scene_end(&s);
}

/* The ETag proves that what arrived is what was sent. A service with other ETags gets the MD5. */
static void checks_what_was_stored(void **state)
{
	static const char *const right[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: " HELLO_ETAG "\r\n\r\n", NULL};
	static const char *const wrong[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: \"5d41402abc4b2a76b9719d911017c593\"\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: \"5d41402abc4b2a76b9719d911017c593\"\r\n\r\n",
		NULL};
	const struct fs_put put = {.path = "x.dir", .from = hello};
	struct scene s = {0};
	AUTO(fs_stat_release) struct fs_stat st = {0};
	(void)state;
	scene_begin(&s, right, NULL, NULL);
	assert_int_equal(s.fs->driver->put(s.fs, &put, &st, &s.err), 0);
	assert_string_equal(st.etag, "5d41402abc4b2a76b9719d911017c592");
	assert_true(sent(&s, 0, "Content-Type: application/x-director"));
	/* without TLS the body is signed */
	assert_true(sent(&s, 0,
		"X-Amz-Content-Sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"));
	assert_false(sent(&s, 0, "Content-MD5"));
	scene_end(&s);

	s = (struct scene){0};
	scene_begin(&s, wrong, NULL, NULL);
	assert_int_equal(s.fs->driver->put(s.fs, &put, NULL, &s.err), ERR_CORRUPT);
	assert_int_equal(s.fs->driver->put(s.fs, &put, NULL, &s.err), 0);
	assert_true(sent(&s, 1, "Content-MD5: XUFAKrxLKna5cZ2REBfFkg=="));
	scene_end(&s);
}

static void gets_ranges(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\nContent-Range: bytes 1-3/5\r\n\r\nell",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\nContent-Range: bytes 0-1/5\r\n\r\nhe",
		NULL};
	static const struct {
		uint64_t offset, count;
		int code;
		const char *range, *bytes;
	} cases[] = {
		{1, 3, 0, "Range: bytes=1-3", "ell"}, {0, FS_REST, 0, NULL, "hello"},
		{9, FS_REST, 0, "Range: bytes=9-", ""},
		{2, 2, ERR_UNSUPPORTED, "Range: bytes=2-3", ""},
		{2, 2, ERR_BROKEN, "Range: bytes=2-3", ""}, /* another range arrives */
	};
	struct scene s = {0};
	(void)state;
	scene_begin(&s, answers, NULL, NULL);
	for (size_t i = 0, request = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(fs_stat_release) struct fs_stat st = {0};
		const struct byte_sink sink = {add, &got};
		const struct fs_get get = {
			.path = "a", .offset = cases[i].offset, .count = cases[i].count};
		assert_int_equal(s.fs->driver->get(s.fs, &get, &sink, &st, &s.err), cases[i].code);
		assert_string_equal(buf_str(&got), cases[i].bytes);
		assert_int_equal(st.size_bytes, cases[i].code ? 0 : 5);
		assert_true(cases[i].range ? sent(&s, request, cases[i].range)
					   : !sent(&s, request, "Range"));
		/* a range behind the end makes a HEAD, for the size */
		request += i == 2 ? 2 : 1;
	}
	scene_end(&s);
}

static void lists_parts_and_uploads(void **state)
{
	struct scene s = {0};
	(void)state;
	const char *answers[] = {
		answer(&s, "HTTP/1.1 200 OK",
			"<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>"
			"<Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag><Size>5</Size></Part></ListPartsResult>"),
		answer(&s, "HTTP/1.1 200 OK",
			"<ListPartsResult><IsTruncated>false</IsTruncated>"
			"<Part><PartNumber>3</PartNumber><ETag>\"c\"</ETag><Size>2</Size></Part>"
			"<Part><PartNumber>4</PartNumber><ETag>\"d\"</ETag><Size>2</Size></Part></ListPartsResult>"),
		answer(&s, "HTTP/1.1 200 OK",
			"<ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
			"<NextKeyMarker>pre/fix/a+b</NextKeyMarker><NextUploadIdMarker>U</NextUploadIdMarker>"
			"<Upload><Key>pre/fix/a+b</Key><UploadId>U</UploadId><Initiated>1994-11-06T08:49:37.000Z</Initiated></Upload>"
			"<Upload><Key>other/a</Key><UploadId>V</UploadId></Upload></ListMultipartUploadsResult>"),
		answer(&s, "HTTP/1.1 200 OK", "<ListMultipartUploadsResult/>"),
		answer(&s, "HTTP/1.1 200 OK", "<html/>"), NULL};
	const struct fs_put put = {.path = "a", .from = hello};
	struct fs_part parts[3] = {0};
	AUTO(fs_page_release) struct fs_page page = {0}, last = {0};
	scene_begin(&s, answers, NULL, NULL);
	assert_int_equal(s.fs->driver->put_parts(s.fs, &put, "id", parts, 3, &s.err), 0);
	assert_string_equal(parts[0].tag, "\"a\"");
	assert_null(parts[1].tag);
	assert_int_equal(parts[2].size_bytes, 2);
	assert_true(sent(&s, 1, "part-number-marker=1"));
	free(parts[0].tag);
	free(parts[2].tag);

	struct fs_list what = {.prefix = "x", .flat = true};
	assert_int_equal(s.fs->driver->put_list(s.fs, &what, &page, &s.err), 0);
	assert_true(sent(&s, 2, "prefix=pre%2Ffix%2Fx"));
	assert_int_equal(page.entries.count, 1);
	assert_string_equal(page.entries.items[0].path, "a b");
	assert_string_equal(page.entries.items[0].version, "U");
	assert_int_equal(page.entries.items[0].mtime_s, 784111777);
	what.token = page.next;
	assert_int_equal(s.fs->driver->put_list(s.fs, &what, &last, &s.err), 0);
	assert_true(sent(&s, 3, "key-marker=pre%2Ffix%2Fa%20b"));
	assert_true(sent(&s, 3, "upload-id-marker=U"));
	assert_null(last.next);
	assert_int_equal(s.fs->driver->put_parts(s.fs, &put, "id", parts, 3, &s.err), ERR_FAIL);
	scene_end(&s);
}

/* S3 may begin with 200 and find out later that it fails. */
static void finds_errors_in_successes(void **state)
{
	struct scene s = {0};
	(void)state;
	const char *answers[] = {failure(&s, "200 OK", "InternalError"),
		answer(&s, "HTTP/1.1 200 OK",
			"<DeleteResult><Error><Key>pre/fix/b</Key><Code>AccessDenied</Code><Message>No.</Message></Error></DeleteResult>"),
		failure(&s, "501 Not Implemented", "NotImplemented"), OK_EMPTY, NOT_FOUND, NULL};
	const struct fs_put put = {.path = "a", .from = hello};
	const struct fs_part parts[] = {{5, (char *)"\"e\""}};
	const char *const paths[] = {"a<", "b"};
	scene_begin(&s, answers, NULL, NULL);
	assert_int_equal(
		s.fs->driver->put_end(s.fs, &put, "id", parts, 1, NULL, &s.err), ERR_BROKEN);
	assert_true(sent(&s, 0, "<PartNumber>1</PartNumber><ETag>&#34;e&#34;</ETag>"));
	assert_int_equal(s.fs->driver->remove(s.fs, paths, 2, &s.err), ERR_DENIED);
	assert_non_null(strstr(s.err.plain, "s3://bkt/pre/fix/b"));
	assert_true(sent(&s, 1, "<Key>pre/fix/a&#60;</Key>"));
	assert_true(sent(&s, 1, "Content-MD5: "));
	/* this service removes one by one */
	assert_int_equal(s.fs->driver->remove(s.fs, paths, 2, &s.err), 0);
	assert_true(sent(&s, 3, "DELETE /bkt/pre/fix/a%3C "));
	scene_end(&s);
}

static void says_how_long_to_wait(void **state)
{
	struct scene s = {0};
	(void)state;
	const char *answers[] = {
		answer(&s, "HTTP/1.1 503 Slow Down\r\nRetry-After: 2",
			"<Error><Code>SlowDown</Code><Message>Reduce.</Message></Error>"),
		NULL};
	const struct fs_put put = {.path = "a", .from = hello};
	scene_begin(&s, answers, NULL, NULL);
	assert_int_equal(s.fs->driver->put(s.fs, &put, NULL, &s.err), ERR_BUSY);
	assert_int_equal(err_wait_ms(&s.err), 2000);
	scene_end(&s);
}

static void sends_options(void **state)
{
	static const struct {
		const char *key, *value, *header;
	} cases[] = {
		{"sse", "AES256", "x-amz-server-side-encryption: AES256"},
		{"sse_kms_key_id", "k", "x-amz-server-side-encryption-aws-kms-key-id: k"},
		{"acl", "public-read", "x-amz-acl: public-read"},
		{"grant_read", "id=1, id=2", "x-amz-grant-read: id=1, id=2"},
		{"sse_customer_key", "Zm9v",
			"x-amz-server-side-encryption-customer-key-MD5: rL0Y20zC+Fzt72VPzMSk2A=="},
		{"session_token", "TOK", "X-Amz-Security-Token: TOK"},
		{"region", "eu-central-1", "/eu-central-1/s3/"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static const char *const answers[] = {OK_EMPTY, NULL};
		const struct fs_put put = {.path = "a", .from = hello};
		struct scene s = {0};
		scene_begin(&s, answers, cases[i].key, cases[i].value);
		assert_int_equal(s.fs->driver->put(s.fs, &put, NULL, &s.err), 0);
		if (!sent(&s, 0, cases[i].header))
			fail_msg("%s: %s", cases[i].key, s.server.requests.items[0]);
		scene_end(&s);
	}
}

static void sends_nothing_of_an_anonymous_user(void **state)
{
	static const char *const answers[] = {OK_EMPTY, NULL};
	struct scene s = {0};
	(void)state;
	scene_begin(&s, answers, "allow_anonymous_login", "true");
	assert_int_equal(s.fs->driver->stat(s.fs, "a", NULL, NULL, &s.err), 1);
	assert_false(sent(&s, 0, "Authorization"));
	scene_end(&s);
}

static void refuses_options(void **state)
{
	static const struct {
		const char *key[2];
		int code;
		const char *message;
	} cases[] = {
		{{"acl", "grant_read"}, ERR_CONFIG, "`acl` and `grant_*` AWS S3 config options"},
		{{"sse_kms_key_id", "sse_customer_key"}, ERR_CONFIG, "mutually exclusive"},
		{{"sse_customer_key"}, ERR_CONFIG, "base64"},
		{{"access_key_id"}, ERR_AUTH,
			"Partial credentials found in explicit, missing: aws_secret_access_key"},
		{{"profile"}, ERR_AUTH, "The config profile (x*) could not be found"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		struct value *options = value_map(&a);
		struct fs *fs;
		for (size_t k = 0; k < 2 && cases[i].key[k]; k++)
			value_set(&a, options, cases[i].key[k], value_string(&a, "x*"));
		assert_int_equal(fs_open(&fs, NULL, "s3://bkt", options, &err), cases[i].code);
		assert_non_null(strstr(err_text(&err), cases[i].message));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_of_an_object),
		cmocka_unit_test(a_missing_object_is_not_a_missing_bucket),
		cmocka_unit_test(asks_why_a_head_is_refused),
		cmocka_unit_test(repeats_with_the_region_that_is_named),
		cmocka_unit_test(checks_what_was_stored),
		cmocka_unit_test(gets_ranges),
		cmocka_unit_test(lists_parts_and_uploads),
		cmocka_unit_test(finds_errors_in_successes),
		cmocka_unit_test(says_how_long_to_wait),
		cmocka_unit_test(sends_options),
		cmocka_unit_test(sends_nothing_of_an_anonymous_user),
		cmocka_unit_test(refuses_options),
	};
	/* nothing of the user who runs this */
	(void)setenv("HOME", "/nonexistent", 1);
	(void)setenv("no_proxy", "127.0.0.1", 1);
	static const char *const variables[] = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE",
		"AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
		"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"};
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		(void)unsetenv(variables[i]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
