/* The driver against a server that plays a script: tokens, versions, copies, and what it makes of
 * refusals. What azurite can show is in tests/cli/test_remote_azure.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../fake_server.h"
#include "base/alloc.h"
#include "base/str.h"
#include "fs/azure/identity.h"
#include "fs/fs.h"
#include "text/value.h"

#define EMPTY "\r\nContent-Length: 0\r\n\r\n"
#define DATE  "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT"
#define TOKEN "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"first\"}"
#define TOKEN_TWO                                                                                  \
	"{\"token_type\":\"Bearer\",\"expires_on\":\"4102444800\",\"access_token\":\"second\"}"

struct scene {
	struct fake_server server;
	struct arena arena;
	struct fs *fs;
	struct err err;
	struct strlist texts; /* answers with their lengths */
};

static const char *answer(struct scene *s, const char *status, const char *body)
{
	/* closed, since the server has one connection at a time */
	strlist_addf(&s->texts, "!HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status,
		strlen(body), body);
	return s->texts.items[s->texts.count - 1];
}

/* `options`: pairs of keys and values, NULL-ended */
static void scene_begin(
	struct scene *s, const char *const *answers, const char *const *options, int expected)
{
	unsetenv("AZURE_STORAGE_CONNECTION_STRING");
	setenv("HOME", "/nonexistent", 1);
	fake_start(&s->server, answers);
	AUTO(mem_freep) char *connection = mem_printf(
		"AccountName=acc;BlobEndpoint=http://127.0.0.1:%d/acc", s->server.port);
	AUTO(mem_freep) char *authority = mem_printf("http://127.0.0.1:%d", s->server.port);
	setenv("AZURE_AUTHORITY_HOST", authority, 1);
	struct value *map = value_map(&s->arena);
	value_set(&s->arena, map, "connection_string", value_string(&s->arena, connection));
	for (size_t i = 0; options && options[i]; i += 2)
		value_set(&s->arena, map, options[i], value_string(&s->arena, options[i + 1]));
	assert_int_equal(fs_open(&s->fs, NULL, "azure://cont/pre/fix", map, &s->err), expected);
}

static void scene_end(struct scene *s)
{
	fs_close(s->fs); /* NULL where open() has failed */
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

static const char *const principal[] = {
	"tenant_id", "ten/ant", "client_id", "id", "client_secret", "s&cret", NULL};
static const char *const key[] = {"account_key", "a2V5", NULL};
static const char *const expired[] = {
	"sas_token", "?sv=2021-06-08&se=1990-01-01T00%3A00%3A00Z&sp=r&sig=c2lnbmF0dXJl", NULL};

/* A refused token is made anew, once. */
static void logs_in_as_a_service_principal(void **state)
{
	struct scene s = {0};
	(void)state;
	const char *answers[] = {answer(&s, "200 OK", TOKEN), "!HTTP/1.1 401 Unauthorized" EMPTY,
		answer(&s, "200 OK", TOKEN_TWO), "HTTP/1.1 200 OK\r\nETag: \"0x1\"" EMPTY,
		"HTTP/1.1 200 OK\r\nETag: \"0x1\"" EMPTY, NULL};
	scene_begin(&s, answers, principal, 0);
	assert_int_equal(s.fs->driver->stat(s.fs, "a b", NULL, NULL, &s.err), 1);
	assert_int_equal(s.fs->driver->stat(s.fs, "c", NULL, NULL, &s.err), 1);
	assert_true(sent(&s, 0, "POST /ten%2Fant/oauth2/v2.0/token HTTP/1.1"));
	assert_true(sent(&s, 0,
		"grant_type=client_credentials&client_id=id&scope=https%3A%2F%2Fstorage.azure.com%2F.default&client_secret=s%26cret"));
	assert_true(sent(&s, 1, "HEAD /acc/cont/pre/fix/a%20b HTTP/1.1"));
	assert_true(sent(&s, 1, "Authorization: Bearer first"));
	assert_true(sent(&s, 3, "Authorization: Bearer second"));
	assert_true(sent(&s, 4, "Authorization: Bearer second"));
	scene_end(&s);
}

static void says_why_a_login_is_refused(void **state)
{
	struct scene s = {0};
	(void)state;
	const char *answers[] = {
		answer(&s, "401 Unauthorized",
			"{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret provided.\\r\\nTrace ID: 1\"}"),
		NULL};
	scene_begin(&s, answers, principal, 0);
	assert_int_equal(s.fs->driver->stat(s.fs, "a", NULL, NULL, &s.err), ERR_AUTH);
	assert_non_null(strstr(err_text(&s.err),
		"invalid_client: AADSTS7000215: Invalid client secret provided."));
	assert_null(strstr(err_text(&s.err), "Trace"));
	assert_null(strstr(err_text(&s.err), "s&cret"));
	scene_end(&s);
}

static void needs_all_of_a_principal(void **state)
{
	static const char *const none[] = {NULL};
	static const char *const half[] = {"tenant_id", "t", "client_id", "i", NULL};
	struct scene s = {0};
	(void)state;
	scene_begin(&s, none, half, ERR_CONFIG);
	assert_non_null(strstr(err_text(&s.err), "client_secret is missing"));
	scene_end(&s);
}

/* A server of the machine gives tokens, after it was seen to be there. */
static void asks_the_instance(void **state)
{
	struct scene s = {0};
	(void)state;
	const char *answers[] = {
		"HTTP/1.1 400 Bad Request" EMPTY, answer(&s, "200 OK", TOKEN), NULL};
	static const char *const names[] = {"AZURE_TENANT_ID", "AZURE_CLIENT_ID",
		"AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	fake_start(&s.server, answers);
	AUTO(mem_freep) char *host = mem_printf("http://127.0.0.1:%d", s.server.port);
	setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", host, 1);
	AUTO(azure_identity_release) struct azure_identity identity = {0};
	AUTO(oauth_token_release) struct oauth_token token = {0};
	assert_int_equal(azure_identity_ask(&identity, &token, &s.err), 0);
	assert_string_equal(token.text, "first");
	assert_false(sent(&s, 0, "Metadata: true"));
	assert_true(sent(&s, 1,
		"GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com HTTP/1.1"));
	assert_true(sent(&s, 1, "Metadata: true"));
	unsetenv("AZURE_POD_IDENTITY_AUTHORITY_HOST");
	scene_end(&s);
}

/* Kubernetes puts a signed token into a file, which is exchanged. */
static void exchanges_the_token_of_a_workload(void **state)
{
	char path[] = "/tmp/test-azure-XXXXXX";
	struct scene s = {0};
	(void)state;
	int fd = mkstemp(path);
	assert_int_equal(write(fd, "signed\n", 7), 7);
	close(fd);
	const char *answers[] = {answer(&s, "200 OK", TOKEN), NULL};
	fake_start(&s.server, answers);
	AUTO(mem_freep) char *authority = mem_printf("http://127.0.0.1:%d/", s.server.port);
	setenv("AZURE_AUTHORITY_HOST", authority, 1);
	setenv("AZURE_TENANT_ID", "t", 1);
	setenv("AZURE_CLIENT_ID", "i", 1);
	setenv("AZURE_FEDERATED_TOKEN_FILE", path, 1);
	AUTO(azure_identity_release) struct azure_identity identity = {0};
	AUTO(oauth_token_release) struct oauth_token token = {0};
	assert_int_equal(azure_identity_ask(&identity, &token, &s.err), 0);
	assert_true(sent(&s, 0, "POST /t/oauth2/v2.0/token HTTP/1.1"));
	assert_true(sent(&s, 0, "&client_assertion=signed"));
	unsetenv("AZURE_TENANT_ID");
	unsetenv("AZURE_CLIENT_ID");
	unsetenv("AZURE_FEDERATED_TOKEN_FILE");
	unlink(path);
	scene_end(&s);
}

/* A program of that name on PATH stands for the CLI of Azure. */
static void asks_the_cli(void **state)
{
	char dir[] = "/tmp/test-azure-XXXXXX";
	static const char script[] =
		"#!/bin/sh\n[ \"$*\" = 'account get-access-token --output json --resource https://storage.azure.com' ] || exit 3\n"
		"echo '{\"accessToken\": \"of the cli\", \"expires_on\": 4102444800}'\n";
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(azure_identity_release) struct azure_identity identity = {
		.no_environment = true, .no_managed = true};
	AUTO(oauth_token_release) struct oauth_token token = {0}, none = {0};
	(void)state;
	assert_non_null(mkdtemp(dir));
	AUTO(mem_freep) char *path = mem_printf("%s/az", dir);
	AUTO(mem_freep) char *old = mem_strdup(getenv("PATH"));
	AUTO(mem_freep) char *search = mem_printf("%s:/bin:/usr/bin", dir);
	FILE *f = fopen(path, "w");
	assert_true(fputs(script, f) >= 0 && fclose(f) == 0 && chmod(path, 0755) == 0);
	setenv("PATH", search, 1);
	assert_int_equal(azure_identity_ask(&identity, &token, &err), 0);
	assert_string_equal(token.text, "of the cli");

	assert_int_equal(truncate(path, 10), 0);
	f = fopen(path, "a");
	assert_true(
		fputs("echo \"Please run 'az login'\" >&2; exit 1\n", f) >= 0 && fclose(f) == 0);
	assert_int_equal(azure_identity_ask(&identity, &none, &err), ERR_AUTH);
	assert_non_null(strstr(err_text(&err), "az ends with status 1: Please run 'az login'"));
	setenv("PATH", old, 1);
	unlink(path);
	rmdir(dir);
}

static void tells_of_a_version_where_it_is_asked_to(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nETag: \"0x1\"\r\nx-ms-version-id: 2024-01-01T00:00:00.0000000Z" EMPTY,
		"HTTP/1.1 200 OK\r\nETag: \"0x1\"\r\nx-ms-version-id: 2024-01-01T00:00:00.0000000Z" EMPTY,
		NULL};
	static const char *const aware[] = {
		"account_key", "a2V5", "version_aware", "true", "timeout", "7", NULL};
	for (int i = 0; i < 2; i++) {
		struct scene s = {0};
		AUTO(fs_stat_release) struct fs_stat st = {0};
		scene_begin(&s, answers + i, i ? aware : key, 0);
		assert_int_equal(s.fs->driver->stat(s.fs, "a", "v1", &st, &s.err), 1);
		assert_string_equal(st.etag, "\"0x1\"");
		assert_true(i ? str_eq(st.version, "2024-01-01T00:00:00.0000000Z") : !st.version);
		assert_true(sent(&s, 0, i ? "?versionid=v1&timeout=7 HTTP" : "?versionid=v1 HTTP"));
		assert_true(sent(&s, 0, "Authorization: SharedKey acc:"));
		scene_end(&s);
	}
	(void)state;
}

/* The reason of a refusal, also without a body. */
static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *answer;
		const char *const *options;
		int code;
		const char *plain;
	} cases[] = {
		{"HTTP/1.1 403 Forbidden" DATE EMPTY, key, ERR_DENIED, "may not do that"},
		{"HTTP/1.1 403 Forbidden\r\nx-ms-error-code: AuthenticationFailed" DATE EMPTY, key,
			ERR_AUTH, "clock of this machine is wrong"},
		{"HTTP/1.1 403 Forbidden\r\nx-ms-error-code: AuthenticationFailed" EMPTY, key,
			ERR_AUTH, "the key does not fit to the account 'acc'"},
		{"HTTP/1.1 403 Forbidden\r\nx-ms-error-code: AuthenticationFailed" DATE EMPTY,
			expired, ERR_AUTH, "the SAS token expired at 1990-01-01T00:00:00Z"},
		{"HTTP/1.1 404 Not Found\r\nx-ms-error-code: ContainerNotFound" EMPTY, key,
			ERR_NO_PLACE, "the container does not exist"},
		{"HTTP/1.1 404 Not Found\r\nx-ms-error-code: ResourceNotFound" EMPTY, NULL,
			ERR_AUTH, "not public"},
		{"HTTP/1.1 503 Busy\r\nx-ms-error-code: ServerBusy\r\nRetry-After: 3" EMPTY, key,
			ERR_BUSY, "too many requests"},
		{"HTTP/1.1 500 Oops" EMPTY, key, ERR_BROKEN, "Internal Server Error"},
		{"HTTP/1.1 404 Not Found\r\nx-ms-error-code: BlobNotFound" EMPTY, key, 0, NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *answers[] = {cases[i].answer, NULL};
		struct scene s = {0};
		scene_begin(&s, answers, cases[i].options, 0);
		assert_int_equal(s.fs->driver->stat(s.fs, "a", NULL, NULL, &s.err), cases[i].code);
		if (cases[i].plain)
			assert_non_null(strstr(s.err.plain, cases[i].plain));
		if (cases[i].code == ERR_BUSY)
			assert_int_equal(err_wait_ms(&s.err), 3000);
		assert_null(strstr(err_text(&s.err), "c2lnbmF0dXJl"));
		scene_end(&s);
	}
}

static void waits_for_a_copy(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 202 Accepted\r\nx-ms-copy-status: pending" EMPTY,
		"HTTP/1.1 200 OK\r\nx-ms-copy-status: pending" EMPTY,
		"HTTP/1.1 200 OK\r\nx-ms-copy-status: success" EMPTY, NULL};
	struct scene s = {0};
	(void)state;
	scene_begin(&s, answers, key, 0);
	assert_int_equal(s.fs->driver->copy(s.fs, "a b", "c", &s.err), 0);
	assert_true(sent(&s, 0, "PUT /acc/cont/pre/fix/c HTTP/1.1"));
	assert_true(sent(&s, 0, "/acc/cont/pre/fix/a%20b\r\n"));
	assert_int_equal(s.server.requests.count, 3);
	scene_end(&s);
}

static void sends_secrets_only_where_nobody_reads_them(void **state)
{
	struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *map = value_map(&a);
	struct fs *fs;
	(void)state;
	value_set(&a, map, "connection_string",
		value_string(&a, "AccountName=a;BlobEndpoint=http://example.com"));
	for (size_t i = 0; principal[i]; i += 2)
		value_set(&a, map, principal[i], value_string(&a, principal[i + 1]));
	assert_int_equal(fs_open(&fs, NULL, "azure://cont", map, &err), ERR_CONFIG);
	assert_non_null(strstr(err_text(&err), "neither this machine nor asked by https"));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_in_as_a_service_principal),
		cmocka_unit_test(says_why_a_login_is_refused),
		cmocka_unit_test(needs_all_of_a_principal),
		cmocka_unit_test(asks_the_instance),
		cmocka_unit_test(exchanges_the_token_of_a_workload),
		cmocka_unit_test(asks_the_cli),
		cmocka_unit_test(tells_of_a_version_where_it_is_asked_to),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(waits_for_a_copy),
		cmocka_unit_test(sends_secrets_only_where_nobody_reads_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
