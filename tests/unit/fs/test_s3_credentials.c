/* Where keys come from: files in a temporary directory, a made-up environment, and servers that
 * play a script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fake_server.h"
#include "../tmpdir.h"
#include "base/alloc.h"
#include "base/strlist.h"
#include "fs/s3/credentials.h"

extern char **environ;

/* An environment of its own for each case. */
struct scene {
	struct tmpdir dir;
	struct err err;
	struct aws_files files;
	struct aws_keys keys;
};

static void scene_begin(struct scene *s, const char *config, const char *credentials)
{
	*s = (struct scene){.dir = tmpdir_make()};
	AUTO(mem_freep) char *path = mem_strdup(getenv("PATH"));
	clearenv();
	(void)setenv("PATH", path, 1);
	(void)setenv("HOME", s->dir.path, 1);
	(void)setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	if (config)
		tmpdir_write(&s->dir, ".aws/config", config);
	if (credentials)
		tmpdir_write(&s->dir, ".aws/credentials", credentials);
}

static void scene_end(struct scene *s)
{
	aws_keys_release(&s->keys);
	aws_files_release(&s->files);
	err_release(&s->err);
	tmpdir_release(&s->dir);
}

/* Look for keys as a remote with these options does. Returns the code. */
static int look(struct scene *s, const char *profile)
{
	struct aws_credentials *c = NULL;
	aws_files_release(&s->files);
	aws_keys_release(&s->keys);
	int r = aws_files_load(&s->files, NULL, NULL, &s->err);
	if (r == 0)
		r = aws_credentials_new(&c,
			&(struct aws_credentials_opts){
				.profile = profile, .files = &s->files, .region = "us-east-1"},
			&s->err);
	if (r == 0)
		r = aws_credentials_get(c, &s->keys, &s->err);
	aws_credentials_free(c);
	return r;
}

static const char two_profiles[] = "# comment\n[default]\naws_access_key_id = D1\n"
				   "aws_secret_access_key=D2#/+\n\n"
				   "[Other]\naws_access_key_id=O1\naws_secret_access_key = O2\n"
				   "aws_session_token = O3\n";

static void takes_the_first_source(void **state)
{
	static const struct {
		const char *name;
		const char *variables[4]; /* NAME=value */
		const char *profile, *config, *credentials, *access_key, *secret_key;
	} cases[] = {
		{"the credentials file", {NULL}, NULL, NULL, two_profiles, "D1", "D2#/+"},
		{"a profile of the configuration", {NULL}, "Other", NULL, two_profiles, "O1", "O2"},
		{"a profile of the environment", {"AWS_PROFILE=Other"}, NULL, NULL, two_profiles,
			"O1", "O2"},
		{"keys of the environment, not its profile",
			{"AWS_PROFILE=Other", "AWS_ACCESS_KEY_ID=E1", "AWS_SECRET_ACCESS_KEY=E2"},
			NULL, NULL, two_profiles, "E1", "E2"},
		{"a profile of the configuration, not the environment",
			{"AWS_ACCESS_KEY_ID=E1", "AWS_SECRET_ACCESS_KEY=E2"}, "Other", NULL,
			two_profiles, "O1", "O2"},
		{"keys in the configuration file", {NULL}, "c",
			"[profile c]\naws_access_key_id=C1\naws_secret_access_key=C2\n", NULL, "C1",
			"C2"},
		{"a program", {NULL}, "p",
			"[profile p]\ncredential_process = printf '{\"Version\": 1, \"AccessKeyId\": \"P1\", \"SecretAccessKey\": \"P2\"}'\n",
			NULL, "P1", "P2"},
		{"the credentials file before a program", {NULL}, NULL,
			"[default]\ncredential_process = false\n", two_profiles, "D1", "D2#/+"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene s;
		print_message("%s\n", cases[i].name);
		scene_begin(&s, cases[i].config, cases[i].credentials);
		for (size_t k = 0; k < 4 && cases[i].variables[k]; k++)
			(void)putenv((char *)cases[i].variables[k]);
		assert_int_equal(look(&s, cases[i].profile), 0);
		assert_string_equal(s.keys.access_key, cases[i].access_key);
		assert_string_equal(s.keys.secret_key, cases[i].secret_key);
		scene_end(&s);
	}
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *profile, *config, *message;
		int code;
	} cases[] = {
		{NULL, NULL, "Unable to locate credentials", ERR_AUTH},
		{"nosuch", NULL, "The config profile (nosuch) could not be found", ERR_AUTH},
		{NULL, "[default]\naws_access_key_id=x\n",
			"Partial credentials found in config-file, missing: aws_secret_access_key",
			ERR_AUTH},
		{NULL, "[default\n", "at line 1", ERR_CONFIG},
		{NULL, "key = value\n", "at line 1", ERR_CONFIG},
		{NULL, "[default]\ncredential_process = sh -c 'echo sorry >&2; exit 3'\n",
			"status 3: sorry", ERR_AUTH},
		{NULL, "[default]\ncredential_process = echo secret\n", "not JSON", ERR_AUTH},
		{NULL, "[default]\ncredential_process = /nonexistent/x\n", "credential_process",
			ERR_AUTH},
		{NULL, "[default]\nrole_arn=a\nsource_profile=b\n[profile b]\nrole_arn=b\nsource_profile=default\n",
			"in a circle", ERR_CONFIG},
		{NULL, "[default]\nsso_session=s\nsso_account_id=1\nsso_role_name=r\n[sso-session s]\nsso_region=us-east-1\n",
			"single sign-on", ERR_AUTH},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene s;
		scene_begin(&s, cases[i].config, NULL);
		assert_int_equal(look(&s, cases[i].profile), cases[i].code);
		if (!strstr(err_text(&s.err), cases[i].message))
			fail_msg("%s", err_text(&s.err));
		scene_end(&s);
	}
}

static void keeps_blocks_and_names(void **state)
{
	struct scene s;
	(void)state;
	scene_begin(&s,
		"[profile \"two words\"]\nregion = eu-west-1\ns3 =\n  addressing_style = virtual\n"
		"  max_queue_size = 1\noutput = json\n[services x]\ns3 = \n  endpoint_url = http://h\n",
		NULL);
	assert_int_equal(aws_files_load(&s.files, NULL, NULL, &s.err), 0);
	assert_string_equal(aws_profile_get(&s.files, "two words", "region"), "eu-west-1");
	assert_string_equal(aws_profile_get(&s.files, "two words", "output"), "json");
	assert_string_equal(
		value_get_str(value_get(aws_config_profile(&s.files, "two words"), "s3"),
			"addressing_style"),
		"virtual");
	assert_string_equal(
		value_get_str(value_get(aws_config_section(&s.files, "services", "x"), "s3"),
			"endpoint_url"),
		"http://h");
	scene_end(&s);
}

#define JSON_KEYS                                                                                               \
	"HTTP/1.1 200 OK\r\nContent-Length: 111\r\n\r\n{\"AccessKeyId\": \"J1\", \"SecretAccessKey\": \"J2\", " \
	"\"Token\": \"J3\", \"Expiration\": \"2100-01-01T00:00:00Z\", \"Code\": \"\"}"
#define STS_KEYS                                                                                                   \
	"!HTTP/1.1 200 OK\r\n\r\n<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>S1</AccessKeyId>" \
	"<SecretAccessKey>S2</SecretAccessKey><SessionToken>S3</SessionToken>"                                     \
	"<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"

static void set_address(const char *variable, const struct fake_server *server, const char *path)
{
	AUTO(mem_freep) char *url = mem_printf("http://127.0.0.1:%d%s", server->port, path);
	(void)setenv(variable, url, 1);
}

static void server_end(struct fake_server *s)
{
	fake_stop(s);
	strlist_release(&s->requests);
}

static void asks_the_container(void **state)
{
	static const char *const answers[] = {JSON_KEYS, NULL};
	struct fake_server server;
	struct scene s;
	(void)state;
	scene_begin(&s, NULL, NULL);
	fake_start(&server, answers);
	set_address("AWS_CONTAINER_CREDENTIALS_FULL_URI", &server, "/keys");
	(void)setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "T", 1);
	assert_int_equal(look(&s, NULL), 0);
	assert_string_equal(s.keys.access_key, "J1");
	assert_string_equal(s.keys.token, "J3");
	assert_int_equal(s.keys.expires_s, 4102444800);
	assert_non_null(strstr(server.requests.items[0], "Authorization: T\r\n"));

	/* the token goes to nobody else */
	(void)setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/", 1);
	assert_int_equal(look(&s, NULL), ERR_CONFIG);
	server_end(&server);
	scene_end(&s);
}

static void asks_the_instance(void **state)
{
	static const char *const answers[] = {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nTOK",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nrole\n", JSON_KEYS, NULL};
	struct fake_server server;
	struct scene s;
	(void)state;
	scene_begin(&s, NULL, NULL);
	fake_start(&server, answers);
	(void)unsetenv("AWS_EC2_METADATA_DISABLED");
	set_address("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server, "/");
	assert_int_equal(look(&s, NULL), 0);
	assert_string_equal(s.keys.access_key, "J1");
	assert_non_null(strstr(server.requests.items[0], "PUT /latest/api/token"));
	assert_non_null(strstr(server.requests.items[2],
		"GET /latest/meta-data/iam/security-credentials/role HTTP"));
	assert_non_null(strstr(server.requests.items[2], "X-aws-ec2-metadata-token: TOK"));
	server_end(&server);
	scene_end(&s);
}

static void assumes_a_role(void **state)
{
	static const char *const answers[] = {STS_KEYS, NULL};
	struct fake_server server;
	struct scene s;
	(void)state;
	scene_begin(&s, "[profile r]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = Other\n",
		two_profiles);
	fake_start(&server, answers);
	set_address("AWS_ENDPOINT_URL_STS", &server, "");
	if (look(&s, "r") != 0)
		fail_msg("%s", err_text(&s.err));
	assert_string_equal(s.keys.access_key, "S1");
	assert_string_equal(s.keys.token, "S3");
	assert_non_null(strstr(server.requests.items[0], "Credential=O1/"));
	assert_non_null(strstr(server.requests.items[0], "/us-east-1/sts/aws4_request"));
	assert_non_null(
		strstr(server.requests.items[0], "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx"));
	server_end(&server);
	scene_end(&s);
}

static void trades_a_web_identity(void **state)
{
	static const char *const answers[] = {STS_KEYS, NULL};
	struct fake_server server;
	struct scene s;
	(void)state;
	scene_begin(&s, NULL, NULL);
	fake_start(&server, answers);
	tmpdir_write(&s.dir, "token", "JWT\n");
	AUTO(mem_freep) char *path = tmpdir_at(&s.dir, "token");
	set_address("AWS_ENDPOINT_URL_STS", &server, "");
	(void)setenv("AWS_WEB_IDENTITY_TOKEN_FILE", path, 1);
	(void)setenv("AWS_ROLE_ARN", "arn", 1);
	assert_int_equal(look(&s, NULL), 0);
	assert_string_equal(s.keys.access_key, "S1");
	assert_non_null(strstr(server.requests.items[0], "WebIdentityToken=JWT"));
	assert_null(strstr(server.requests.items[0], "Authorization"));
	server_end(&server);
	scene_end(&s);
}

static void uses_a_single_sign_on(void **state)
{
	static const char *const answers[] = {
		"!HTTP/1.1 200 OK\r\n\r\n{\"roleCredentials\": {\"accessKeyId\": \"K1\", \"secretAccessKey\": \"K2\", \"sessionToken\": \"K3\", \"expiration\": 4102444800000}}",
		NULL};
	struct fake_server server;
	struct scene s;
	(void)state;
	scene_begin(&s,
		"[default]\nsso_session=s\nsso_account_id=1\nsso_role_name=r\n[sso-session s]\nsso_region=us-east-1\n",
		NULL);
	fake_start(&server, answers);
	/* SHA-1 of "s" */
	tmpdir_write(&s.dir, ".aws/sso/cache/a0f1490a20d0211c997b44bc357e1972deab8ae3.json",
		"{\"accessToken\": \"TOK\", \"expiresAt\": \"2100-01-01T00:00:00UTC\"}");
	set_address("AWS_ENDPOINT_URL_SSO", &server, "");
	if (look(&s, NULL) != 0)
		fail_msg("%s", err_text(&s.err));
	assert_string_equal(s.keys.access_key, "K1");
	assert_int_equal(s.keys.expires_s, 4102444800);
	assert_non_null(strstr(server.requests.items[0], "x-amz-sso_bearer_token: TOK"));
	server_end(&server);
	scene_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_first_source),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(keeps_blocks_and_names),
		cmocka_unit_test(asks_the_container),
		cmocka_unit_test(asks_the_instance),
		cmocka_unit_test(assumes_a_role),
		cmocka_unit_test(trades_a_web_identity),
		cmocka_unit_test(uses_a_single_sign_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
