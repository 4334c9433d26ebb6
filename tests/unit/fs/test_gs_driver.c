/* The driver against a server that plays a script: uploads, copies, logins, and what it makes of
 * refusals. What the emulator can show is in tests/cli/test_remote_gs.py. */
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
#include "fs/gs/gs_int.h"
#include "fs/gs/login.h"
#include "text/value.h"

#define EMPTY "\r\nContent-Length: 0\r\n\r\n"
#define OBJECT                                                                                     \
	"{\"name\": \"x\", \"generation\": \"7\", \"etag\": \"CJ+8tK3fiYoDEAE=\", \"md5Hash\": \"%s\"}"
#define HELLO "XUFAKrxLKna5cZ2REBfFkg=="

/* made for this test alone */
static const char key_pem[] = "-----BEGIN PRIVATE KEY-----\n"
			      "MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBANGyGGPMpT+qIr2d\n"
			      "XCmTjloEbG9pxSQushtRyE+RZT3PYvi5MH2e6Cz3eScguYSjpvUY6wQ9AyqF11Hu\n"
			      "C3G8ba41kO/jYV6hp284OctJ0CJr16AHgUq76sJK5FvinYnTCgXE9V5H+PLr+kqg\n"
			      "6T8lGqrLkfHiMvN8QIC9zDFNYvcBAgMBAAECgYEAwFMj44Symy2kJ1zIRqm7Cfy8\n"
			      "p4LO+VyKplvf6Hpl7Mbk81KGkvDH6VYgnC57eJfQbUOpaX28Bagz0EUP4gT8Yf5g\n"
			      "c5tScVLnW1EhmKVvJwTCtgfhL9PObO8XxjpO8flPoawi9kahLgKxLxBNw+ln9Hmd\n"
			      "yFvzx5kg6tZNWRFaWPECQQDp2noP1IeUYwb9sAcI8nLT4Jfkg1D+7OpZHpWKtUUZ\n"
			      "emv5P/NiNXVWtKgbC2Bxw9FwY3F9jxF36lFZFQ8ZgZYzAkEA5Y3wsOPkKe+Xq/55\n"
			      "Am4MDGGzB+QiF6FribJUwWgA0Xj/kd5lWqIHdLyW+7OAHsTTUZkJSXvz0NFN8To+\n"
			      "z8eB+wJACJw3tE+B8m+2+S47BBRRMAXr8cj3+XrlogRjQykrcyWzxgiZwHrxaBDc\n"
			      "w6omkenA01+F9TaIUR76gcoptSm1SwJBAI8un8jV/MUjiulfCr+3QJCgh/kOFS3E\n"
			      "I715nGAerRP7cv3bSEDl+9yWnV5WMj3+6whkemR5ijTfuMwUVoVnne0CQQDaGTJR\n"
			      "D31beepEubzSqgCCJ7bJqHVnQuoQtuwIXIEh52cTKfkuwV3bsvPRlCOEltnSvqIH\n"
			      "veEy5qUSus156ZT9\n"
			      "-----END PRIVATE KEY-----\n";

static const char expected_jwt[] =
	"eyJhbGciOiAiUlMyNTYiLCAidHlwIjogIkpXVCIsICJraWQiOiAiazEifQ.eyJpc3MiOiAiYUBiIiwgI"
	"nNjb3BlIjogImh0dHBzOi8vd3d3Lmdvb2dsZWFwaXMuY29tL2F1dGgvZGV2c3RvcmFnZS5mdWxsX2Nvb"
	"nRyb2wiLCAiYXVkIjogImh0dHBzOi8vb2F1dGgyLmdvb2dsZWFwaXMuY29tL3Rva2VuIiwgImlhdCI6I"
	"Dc4NDExMTc3NywgImV4cCI6IDc4NDExNTM3N30.sloQsFjnsRVe9U76V6VgikO5YoUDTs1jL2SBgs-rG"
	"leAcrQNbQERRJ8uT-z3YfhJcQ7xp0zPmbW1rQjfhE1erlku96SpWG1UPnEtdUJFUeQtWiXbUYPFRvWAu"
	"eIwUrm5WKuWnYmLr1c14BhvwAhcCji2Y2xRrjUSsmk7qNgvBiQ";

struct scene {
	struct fake_server server;
	struct arena arena;
	struct fs *fs;
	struct err err;
	struct strlist texts; /* answers with their lengths */
};

static const char *answer(struct scene *s, const char *status, const char *body)
{
	strlist_addf(&s->texts, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status,
		strlen(body), body);
	return s->texts.items[s->texts.count - 1];
}

static const char *object(struct scene *s, const char *md5)
{
	AUTO(mem_freep) char *body = mem_printf(OBJECT, md5);
	return answer(s, "200 OK", body);
}

static void scene_begin(struct scene *s, const char *const *answers)
{
	fake_start(&s->server, answers);
	AUTO(mem_freep) char *endpoint = mem_printf("http://127.0.0.1:%d/", s->server.port);
	struct value *map = value_map(&s->arena);
	value_set(&s->arena, map, "endpointurl", value_string(&s->arena, endpoint));
	value_set(&s->arena, map, "allow_anonymous_login", value_string(&s->arena, "true"));
	assert_int_equal(fs_open(&s->fs, NULL, "gs://bkt/pre/fix/", map, &s->err), 0);
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

static const struct byte_source hello = {.fd = -1, .bytes = "hello", .size_bytes = 5};

static void sends_a_small_file_with_its_md5(void **state)
{
	struct scene s = {0};
	AUTO(fs_stat_release) struct fs_stat st = {0};
	(void)state;
	const char *answers[] = {object(&s, HELLO), object(&s, "XUFAKrxLKna5cZ2REBfFkw=="), NULL};
	scene_begin(&s, answers);
	const struct fs_put put = {.path = "a \"b\".dir", .from = hello};
	assert_int_equal(s.fs->driver->put(s.fs, &put, &st, &s.err), 0);
	assert_string_equal(st.etag, "089fbcb4addf898a031001");
	assert_string_equal(st.version, "7");
	assert_int_equal(st.size_bytes, 5);
	assert_true(sent(&s, 0, "POST /upload/storage/v1/b/bkt/o?uploadType=multipart HTTP/1.1"));
	assert_true(sent(&s, 0, "boundary=5d41402abc4b2a76b9719d911017c592\r\n"));
	assert_true(sent(&s, 0,
		"{\"name\": \"pre/fix/a \\\"b\\\".dir\", \"md5Hash\": \"" HELLO
		"\", \"contentType\": \"application/x-director\"}"));
	assert_true(sent(&s, 0, "\r\n\r\nhello\r\n--5d41402abc4b2a76b9719d911017c592--\r\n"));
	/* the server has stored something else */
	assert_int_equal(s.fs->driver->put(s.fs, &put, NULL, &s.err), ERR_CORRUPT);
	scene_end(&s);
}

/* Of a chunk that is interrupted by an error of the server, what has arrived is not sent again. */
static void goes_on_with_an_upload(void **state)
{
	enum { TOTAL = 6 * 1024 * 1024, ARRIVED = 5 * 1024 * 1024 };
	AUTO(mem_freep) char *bytes = mem_zalloc(TOTAL);
	struct scene s = {0};
	(void)state;
	const struct fs_put put = {
		.path = "a", .from = {.fd = -1, .bytes = bytes, .size_bytes = TOTAL}};
	const char *answers[] = {
		"HTTP/1.1 200 OK\r\nLocation: http://elsewhere.invalid/upload/storage/v1/b/bkt/o?upload_id=u" EMPTY,
		"HTTP/1.1 503 Busy" EMPTY,
		"HTTP/1.1 308 Resume Incomplete\r\nRange: bytes=0-5242879" EMPTY,
		answer(&s, "200 OK", "{\"name\": \"x\"}"), NULL};
	scene_begin(&s, answers);
	assert_int_equal(s.fs->driver->put(s.fs, &put, NULL, &s.err), 0);
	assert_true(sent(&s, 0, "X-Upload-Content-Length: 6291456\r\n"));
	assert_true(sent(&s, 1, "PUT /upload/storage/v1/b/bkt/o?upload_id=u HTTP/1.1"));
	assert_true(sent(&s, 1, "Content-Range: bytes 0-6291455/6291456\r\n"));
	assert_true(sent(&s, 2, "Content-Range: bytes */6291456\r\n"));
	assert_true(sent(&s, 3, "Content-Range: bytes 5242880-6291455/6291456\r\n"));
	scene_end(&s);
}

static void ignore_session(void *arg, const char *id)
{
	(void)arg, (void)id;
}

/* A repository may bring files that claim to remember a session: of a bucket of the attacker. */
static void goes_on_with_sessions_of_its_bucket_only(void **state)
{
	enum { TOTAL = 6 * 1024 * 1024 };
	AUTO(mem_freep) char *bytes = mem_zalloc(TOTAL);
	struct scene s = {0};
	(void)state;
	const char *answers[] = {
		"HTTP/1.1 200 OK\r\nLocation: http://elsewhere.invalid/upload/storage/v1/b/bkt/o?upload_id=u" EMPTY,
		answer(&s, "200 OK", "{\"name\": \"x\"}"), NULL};
	scene_begin(&s, answers);
	const struct gs *g = s.fs->handle;
	AUTO(mem_freep) char *id = mem_printf(
		"%s/upload/storage/v1/b/evil/o?upload_id=x", g->endpoint);
	const struct fs_session session = {id, ignore_session, NULL};
	const struct fs_put put = {.path = "a",
		.from = {.fd = -1, .bytes = bytes, .size_bytes = TOTAL},
		.session = &session};
	assert_int_equal(s.fs->driver->put_abort(s.fs, "a", id, &s.err), 0); /* asks nobody */
	assert_int_equal(s.fs->driver->put(s.fs, &put, NULL, &s.err), 0);
	assert_true(sent(&s, 0, "POST /upload/storage/v1/b/bkt/o?uploadType=resumable"));
	assert_true(sent(&s, 1, "PUT /upload/storage/v1/b/bkt/o?upload_id=u HTTP/1.1"));
	scene_end(&s);
}

static void copies_in_steps(void **state)
{
	struct scene s = {0};
	(void)state;
	const char *answers[] = {
		answer(&s, "200 OK", "{\"done\": false, \"rewriteToken\": \"t/1\"}"),
		answer(&s, "200 OK", "{\"done\": true}"), NULL};
	scene_begin(&s, answers);
	assert_int_equal(s.fs->driver->copy(s.fs, "a/b", "c", &s.err), 0);
	assert_true(sent(&s, 0,
		"POST /storage/v1/b/bkt/o/pre%2Ffix%2Fa%2Fb/rewriteTo/b/bkt/o/pre%2Ffix%2Fc HTTP/1.1"));
	assert_true(sent(&s, 1, "/o/pre%2Ffix%2Fc?rewriteToken=t%2F1 HTTP/1.1"));
	scene_end(&s);
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *status, *message, *reason;
		int code;
		const char *plain;
	} cases[] = {
		{"401 Unauthorized", "Anonymous caller does not have access.", "required", ERR_AUTH,
			"gs://bkt/pre/fix/a: Anonymous caller does not have access. (401)"},
		{"403 Forbidden", "x does not have storage.objects.get access", "forbidden",
			ERR_DENIED, "does not have storage.objects.get access"},
		{"403 Forbidden", "Slow.", "userRateLimitExceeded", ERR_BUSY, "too many requests"},
		{"404 Not Found", "The specified bucket does not exist.", "notFound", ERR_NO_PLACE,
			"gs://bkt/pre/fix/a: the bucket does not exist"},
		{"503 Busy", "Later.", "backendError", ERR_BUSY, "too many requests"},
		{"500 Oops", "Sorry.", "internalError", ERR_BROKEN, "Sorry."},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene s = {0};
		AUTO(mem_freep) char *body = mem_printf(
			"{\"error\": {\"message\": \"%s\", \"errors\": [{\"reason\": \"%s\"}]}}",
			cases[i].message, cases[i].reason);
		const char *answers[] = {answer(&s, cases[i].status, body), NULL};
		scene_begin(&s, answers);
		assert_int_equal(s.fs->driver->stat(s.fs, "a", NULL, NULL, &s.err), cases[i].code);
		assert_non_null(strstr(s.err.plain, cases[i].plain));
		scene_end(&s);
	}
}

/* Only the first missing object makes a request for the bucket. */
static void a_missing_object_is_not_a_missing_bucket(void **state)
{
	struct scene s = {0};
	(void)state;
	const char *answers[] = {"HTTP/1.1 404 Not Found" EMPTY, answer(&s, "200 OK", "{}"),
		"HTTP/1.1 404 Not Found" EMPTY, NULL};
	scene_begin(&s, answers);
	assert_int_equal(s.fs->driver->stat(s.fs, "a", "12", NULL, &s.err), 0);
	assert_int_equal(s.fs->driver->stat(s.fs, "b", NULL, NULL, &s.err), 0);
	assert_true(sent(&s, 0, "/o/pre%2Ffix%2Fa?generation=12 HTTP/1.1"));
	scene_end(&s);
}

/* The signature was made by Python's cryptography, and PyJWT takes the token. */
static void signs_the_published_form(void **state)
{
	const struct gs_login l = {.kind = GS_SERVICE_ACCOUNT,
		.email = (char *)"a@b",
		.key = (char *)key_pem,
		.key_id = (char *)"k1",
		.token_uri = (char *)"https://oauth2.googleapis.com/token"};
	AUTO(buf_release) struct buf text = BUF_INIT;
	(void)state;
	assert_int_equal(gs_add_assertion(&l, 784111777, &text, NULL), 0);
	assert_string_equal(text.ptr, expected_jwt);
}

/* The metadata server is known by a header, since some networks answer at any address. */
static void asks_the_machine(void **state)
{
	struct scene s = {0};
	AUTO(gs_login_release) struct gs_login l = {0};
	AUTO(gs_login_release) struct gs_login other = {0};
	AUTO(oauth_token_release) struct oauth_token token = {0}, none = {0};
	(void)state;
	const char *answers[] = {"HTTP/1.1 200 OK\r\nMetadata-Flavor: Google" EMPTY,
		answer(&s, "200 OK", "{\"access_token\": \"t\", \"expires_in\": 3599}"),
		"!HTTP/1.1 200 OK" EMPTY, NULL};
	fake_start(&s.server, answers);
	AUTO(mem_freep) char *host = mem_printf("127.0.0.1:%d", s.server.port);
	setenv("GCE_METADATA_HOST", host, 1);
	unsetenv("NO_GCE_CHECK");
	assert_int_equal(gs_login_ask(&l, &token, &s.err), 0);
	assert_string_equal(token.text, "t");
	assert_true(sent(&s, 1, "/computeMetadata/v1/instance/service-accounts/default/token"));
	assert_true(sent(&s, 1, "Metadata-Flavor: Google"));
	gs_login_release(&l);

	assert_int_equal(gs_login_ask(&other, &none, &s.err), ERR_AUTH);
	assert_non_null(strstr(err_text(&s.err), "there are no credentials"));
	setenv("NO_GCE_CHECK", "true", 1);
	assert_int_equal(gs_login_ask(&other, &none, &s.err), ERR_AUTH);
	assert_int_equal(s.server.requests.count, 3);
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_a_small_file_with_its_md5),
		cmocka_unit_test(goes_on_with_an_upload),
		cmocka_unit_test(goes_on_with_sessions_of_its_bucket_only),
		cmocka_unit_test(copies_in_steps),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(a_missing_object_is_not_a_missing_bucket),
		cmocka_unit_test(signs_the_published_form),
		cmocka_unit_test(asks_the_machine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
