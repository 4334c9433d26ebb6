/* Keys that a program of this machine gives: credential_process, and the cache of `aws sso login`.
 */
#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "fs/s3/credentials_int.h"
#include "net/crypto.h"
#include "net/http.h"
#include "text/date.h"
#include "text/json.h"
#include "text/url.h"

int aws_from_process(
	struct aws_search *s, const char *profile, struct aws_keys *out, struct err *err)
{
	static const char *const names[4] = {
		"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"};
	AUTO(strlist_release) struct strlist argv = STRLIST_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT, complaint = BUF_INIT;
	const char *command = aws_profile_get(s->files, profile, "credential_process");
	if (!command)
		return 0;
	if (!proc_split(command, &argv) || !argv.count)
		return err_set(err, ERR_CONFIG,
			"credential_process of profile '%s' is not a command", profile);

	const struct proc_opts opts = {.out = &text, .err_out = &complaint, .ends_with_us = true};
	int r = proc_run(strlist_argv(&argv), &opts, err);
	if (r < 0)
		return err_wrap(err, ERR_AUTH, "credential_process of profile '%s'", profile);
	buf_rtrim(&complaint);
	if (r > 0)
		return err_set(err, ERR_AUTH,
			"credential_process of profile '%s' failed with status %d: %s", profile, r,
			buf_str(&complaint));
	return aws_keys_parse(buf_str(&text), text.len, "credential_process", names, out, err);
}

/* The token that `aws sso login` has left: a file named after the SHA-1 of the session's name or,
 * in the older form of profiles, of the start URL. */
static int read_sso_token(const char *name, const char *profile, char **out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf path = BUF_INIT, text = BUF_INIT;
	unsigned char digest[SHA1_BYTES];
	struct value *v;
	int64_t expires_s = 0;
	const char *home = getenv("HOME");

	int r = crypto_sha1(name, strlen(name), digest, err);
	if (r < 0)
		return r;
	buf_addf(&path, "%s/.aws/sso/cache/", home ? home : "");
	for (size_t i = 0; i < sizeof(digest); i++)
		buf_addf(&path, "%02x", digest[i]);
	buf_adds(&path, ".json");

	if (file_read(path.ptr, &text, NULL) == 0 &&
		json_parse(&a, buf_str(&text), text.len, &v, NULL) == 0 &&
		value_get_str(v, "accessToken") && value_get_str(v, "expiresAt") &&
		date_parse_iso(value_get_str(v, "expiresAt"), &expires_s) &&
		expires_s > time(NULL)) {
		*out = mem_strdup(value_get_str(v, "accessToken"));
		return 0;
	}
	(void)err_set(err, ERR_AUTH, "the single sign-on of profile '%s' is missing or has expired",
		profile);
	err_hint(err, "Log in with:\n    aws sso login --profile %s", profile);
	return ERR_AUTH;
}

static int ask_sso(struct aws_search *s, const char *region, const char *account, const char *role,
	const char *token, struct aws_keys *out, struct err *err)
{
	static const char *const names[4] = {
		"accessKeyId", "secretAccessKey", "sessionToken", "expiration"};
	AUTO(strlist_release) struct strlist secrets = STRLIST_INIT;
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(buf_release) struct buf url = BUF_INIT;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct http *http;
	struct value *v;

	const char *endpoint = aws_env("AWS_ENDPOINT_URL_SSO");
	if (endpoint)
		buf_adds(&url, endpoint);
	else
		buf_addf(&url, "https://portal.sso.%s.amazonaws.com", region);
	buf_adds(&url, "/federation/credentials?account_id=");
	url_add_escaped(&url, account, "");
	buf_adds(&url, "&role_name=");
	url_add_escaped(&url, role, "");
	strlist_addf(&secrets, "x-amz-sso_bearer_token: %s", token);

	int r = aws_search_http(s, &http, err);
	if (r == 0)
		r = http_do(http,
			&(struct http_request){
				.method = "GET", .url = url.ptr, .secret_headers = &secrets},
			&answer, err);
	if (r < 0)
		return r;
	if (!http_is_ok(&answer))
		return http_fail(&answer, err, "the single sign-on of AWS refuses role '%s': %s",
			role, http_status_text(answer.status));
	if (json_parse(&a, buf_str(&answer.body), answer.body.len, &v, NULL) < 0)
		v = NULL;
	AUTO(buf_release) struct buf inner = BUF_INIT;
	const struct value *keys = value_get(v, "roleCredentials");
	if (keys)
		(void)json_write(&inner, keys, NULL, NULL);
	return aws_keys_parse(
		buf_str(&inner), inner.len, "the single sign-on of AWS", names, out, err);
}

int aws_from_sso(struct aws_search *s, const char *profile, struct aws_keys *out, struct err *err)
{
	const char *session_name = aws_profile_get(s->files, profile, "sso_session");
	const char *start_url = aws_profile_get(s->files, profile, "sso_start_url");
	const char *region = aws_profile_get(s->files, profile, "sso_region");
	const char *account = aws_profile_get(s->files, profile, "sso_account_id");
	const char *role = aws_profile_get(s->files, profile, "sso_role_name");
	AUTO(mem_freep) char *token = NULL;
	if ((!session_name && !start_url) || !account || !role)
		return 0;

	if (session_name) {
		const struct value *session = aws_config_section(
			s->files, "sso-session", session_name);
		region = value_get_str(session, "sso_region");
	}
	if (!region)
		return err_set(err, ERR_CONFIG, "sso_region of profile '%s' is not set", profile);
	int r = read_sso_token(session_name ? session_name : start_url, profile, &token, err);
	return r < 0 ? r : ask_sso(s, region, account, role, token, out, err);
}
