/* The client against a server that plays a script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fake_server.h"
#include "base/alloc.h"
#include "base/ctx.h"
#include "net/http.h"

struct scene {
	struct fake_server server;
	struct http *http;
	struct http_response answer;
	struct err err;
	char *url;
};

static void scene_begin(struct scene *s, const char *const *answers, const struct http_opts *opts)
{
	const struct http_opts usual = {.read_timeout_ms = 5000};
	*s = (struct scene){0};
	fake_start(&s->server, answers);
	assert_int_equal(http_new(&s->http, opts ? opts : &usual, &s->err), 0);
	s->url = mem_printf("http://127.0.0.1:%d/a", s->server.port);
}

static void scene_end(struct scene *s)
{
	http_free(s->http);
	http_response_release(&s->answer);
	err_release(&s->err);
	fake_stop(&s->server);
	strlist_release(&s->server.requests);
	free(s->url);
}

static int add(void *arg, const void *bytes, size_t count, struct err *err)
{
	(void)err;
	buf_add(arg, bytes, count);
	return 0;
}

static int refuse(void *arg, const void *bytes, size_t count, struct err *err)
{
	(void)arg;
	(void)bytes;
	(void)count;
	return err_set(err, ERR_IO, "disk full");
}

static void gets_into_a_sink_and_keeps_the_connection(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"x\"\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL};
	AUTO(buf_release) struct buf body = BUF_INIT;
	const struct byte_sink sink = {add, &body};
	struct scene s;
	(void)state;
	scene_begin(&s, answers, NULL);
	const struct http_request get = {.method = "GET", .url = s.url, .to = &sink};
	assert_int_equal(http_do(s.http, &get, &s.answer, &s.err), 0);
	assert_int_equal(s.answer.status, 200);
	assert_int_equal(s.answer.length_bytes, 5);
	assert_string_equal(http_header(&s.answer, "etag"), "\"x\"");
	assert_null(http_header(&s.answer, "eta"));
	assert_string_equal(buf_str(&body), "hello");
	assert_non_null(strstr(s.server.requests.items[0], "User-Agent: cairn/"));
	http_response_release(&s.answer);
	assert_int_equal(http_do(s.http, &get, &s.answer, &s.err), 0);
	scene_end(&s);
}

/* The server has closed the idle connection, and the body is sent a second time. */
static void puts_again_on_a_new_connection(void **state)
{
	static const char *const answers[] = {"!HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", NULL};
	const struct byte_source body = {.fd = -1, .bytes = "xhello", .offset = 1, .size_bytes = 5};
	struct scene s;
	(void)state;
	scene_begin(&s, answers, NULL);
	const struct http_request put = {.method = "PUT", .url = s.url, .body = &body};
	for (int i = 0; i < 2; i++) {
		http_response_release(&s.answer);
		assert_int_equal(http_do(s.http, &put, &s.answer, &s.err), 0);
	}
	assert_int_equal(s.answer.status, 201);
	assert_non_null(strstr(s.server.requests.items[1], "\r\n\r\nhello"));
	assert_null(strstr(s.server.requests.items[1], "Expect"));
	scene_end(&s);
}

static void posts_nothing_with_a_length(void **state)
{
	static const char *const answers[] = {"HTTP/1.1 204 No Content\r\n\r\n", NULL};
	struct scene s;
	(void)state;
	scene_begin(&s, answers, NULL);
	const struct http_request post = {.method = "POST", .url = s.url};
	assert_int_equal(http_do(s.http, &post, &s.answer, &s.err), 0);
	assert_non_null(strstr(s.server.requests.items[0], "POST /a HTTP/1.1"));
	assert_non_null(strstr(s.server.requests.items[0], "Content-Length: 0"));
	scene_end(&s);
}

/* Another port is another origin: it sees no credentials. */
static void follows_without_secrets(void **state)
{
	static const char *const there[] = {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", NULL};
	AUTO(strlist_release) struct strlist headers = STRLIST_INIT, secrets = STRLIST_INIT;
	struct fake_server other;
	struct scene s;
	(void)state;
	strlist_add(&headers, "Authorization: Bearer abc");
	strlist_add(&headers, "X-Plain: 1");
	strlist_add(&secrets, "X-Token: abc");
	fake_start(&other, there);
	AUTO(mem_freep) char *moved = mem_printf(
		"HTTP/1.1 307 Go\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:%d/b\r\n\r\n",
		other.port);
	const char *const answers[] = {
		"HTTP/1.1 302 Go\r\nContent-Length: 0\r\nLocation: /same\r\n\r\n", moved, NULL};
	scene_begin(&s, answers, NULL);
	const struct http_request get = {.method = "GET",
		.url = s.url,
		.headers = &headers,
		.secret_headers = &secrets,
		.redirects = 5};
	assert_int_equal(http_do(s.http, &get, &s.answer, &s.err), 0);
	assert_string_equal(buf_str(&s.answer.body), "ok");
	assert_non_null(strstr(s.server.requests.items[1], "GET /same"));
	assert_non_null(strstr(s.server.requests.items[1], "Bearer abc"));
	assert_null(strstr(other.requests.items[0], "abc"));
	assert_non_null(strstr(other.requests.items[0], "X-Plain"));
	assert_non_null(strstr(s.answer.url, "/b"));
	scene_end(&s);
	fake_stop(&other);
	strlist_release(&other.requests);
}

static void returns_a_redirect_that_is_not_wanted(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 301 Go\r\nContent-Length: 3\r\nLocation: /same\r\n\r\nxml", NULL};
	struct scene s;
	(void)state;
	scene_begin(&s, answers, NULL);
	const struct http_request get = {.method = "GET", .url = s.url};
	assert_int_equal(http_do(s.http, &get, &s.answer, &s.err), 0);
	assert_int_equal(s.answer.status, 301);
	assert_string_equal(buf_str(&s.answer.body), "xml");
	scene_end(&s);
}

static void fails_with_codes(void **state)
{
	static const char *const cut[] = {
		"!HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", NULL};
	static const char *const whole[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", NULL};
	static const char *const none[] = {NULL};
	static const char *const closed[] = {"!", NULL};
	static const char *const other[] = {"hello\r\n\r\n", NULL};
	const struct byte_sink full = {refuse, NULL};
	static const struct {
		const char *name;
		const char *const *answers;
		bool full, stop;
		int code;
		const char *message;
	} cases[] = {
		{"shorter than announced", cut, .code = ERR_BROKEN, .message = "connection to"},
		{"closed without an answer", closed, .code = ERR_BROKEN,
			.message = "connection to"},
		{"no HTTP", other, .code = ERR_BROKEN, .message = "does not answer in HTTP"},
		{"the sink refuses", whole, .full = true, .code = ERR_IO, .message = "disk full"},
		{"stopped", none, .stop = true, .code = ERR_CANCELLED, .message = "interrupted"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene s;
		atomic_bool stop = cases[i].stop;
		const struct ctx ctx = {.stop = &stop, .out_fd = -1, .err_fd = -1};
		const struct http_opts opts = {.ctx = &ctx};
		print_message("%s\n", cases[i].name);
		scene_begin(&s, cases[i].answers, &opts);
		const struct http_request get = {
			.method = "GET", .url = s.url, .to = cases[i].full ? &full : NULL};
		assert_int_equal(http_do(s.http, &get, &s.answer, &s.err), cases[i].code);
		assert_non_null(strstr(err_text(&s.err), cases[i].message));
		scene_end(&s);
	}
}

/* A server may send the reason of a failure without an end. */
static void the_body_of_an_error_is_bounded(void **state)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct scene s;
	(void)state;
	buf_adds(&text, "HTTP/1.1 500 Oops\r\n\r\n");
	for (int i = 0; i < 70 << 20; i++)
		buf_addc(&text, 'x');
	const char *const answers[] = {text.ptr, NULL};
	scene_begin(&s, answers, NULL);
	const struct http_request get = {.method = "GET", .url = s.url};
	assert_int_equal(http_do(s.http, &get, &s.answer, &s.err), ERR_FAIL);
	assert_non_null(strstr(err_text(&s.err), "too long"));
	scene_end(&s);
}

static void refused_is_broken(void **state)
{
	struct http *http;
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(http_response_release) struct http_response answer = {0};
	struct fake_server s;
	static const char *const none[] = {NULL};
	(void)state;
	fake_start(&s, none);
	fake_stop(&s); /* the port is free again */
	AUTO(mem_freep) char *url = mem_printf("http://u:secret@127.0.0.1:%d/?sig=1", s.port);
	assert_int_equal(http_new(&http, &(struct http_opts){0}, &err), 0);
	const struct http_request get = {.method = "GET", .url = url};
	assert_int_equal(http_do(http, &get, &answer, &err), ERR_BROKEN);
	assert_non_null(strstr(err_text(&err), "Connection refused"));
	assert_null(strstr(err_text(&err), "secret"));
	http_free(http);
}

static void statuses_have_codes(void **state)
{
	static const struct {
		int status;
		const char *retry_after;
		int code;
		unsigned wait_ms;
	} cases[] = {
		{401, NULL, ERR_AUTH, 0},
		{403, NULL, ERR_DENIED, 0},
		{404, NULL, ERR_NOT_FOUND, 0},
		{400, NULL, ERR_FAIL, 0},
		{500, NULL, ERR_BROKEN, 0},
		{503, NULL, ERR_BUSY, 0},
		{503, "Retry-After: 7", ERR_BUSY, 7000},
		{429, "Retry-After: Sun, 06 Nov 1994 08:49:40 GMT", ERR_BUSY, 3000},
		{429, "Retry-After: Sun, 06 Nov 1994 08:40:00 GMT", ERR_BUSY, 0},
		{429, "Retry-After: 999999999", ERR_BUSY, 3600 * 1000},
		{429, "Retry-After: soon", ERR_BUSY, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(http_response_release) struct http_response r = {.status = cases[i].status};
		AUTO(err_release) struct err err = ERR_INIT;
		strlist_add(&r.headers, "Date: Sun, 06 Nov 1994 08:49:37 GMT");
		if (cases[i].retry_after)
			strlist_add(&r.headers, cases[i].retry_after);
		assert_int_equal(http_fail(&r, &err, "x"), cases[i].code);
		assert_int_equal(err_wait_ms(&err), cases[i].wait_ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gets_into_a_sink_and_keeps_the_connection),
		cmocka_unit_test(puts_again_on_a_new_connection),
		cmocka_unit_test(posts_nothing_with_a_length),
		cmocka_unit_test(follows_without_secrets),
		cmocka_unit_test(returns_a_redirect_that_is_not_wanted),
		cmocka_unit_test(fails_with_codes),
		cmocka_unit_test(the_body_of_an_error_is_bounded),
		cmocka_unit_test(refused_is_broken),
		cmocka_unit_test(statuses_have_codes),
	};
	(void)setenv("no_proxy", "127.0.0.1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
