/*
 * Keys of a role, from the Security Token Service.
 * https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html
 */
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/str.h"
#include "fs/s3/credentials_int.h"
#include "net/http.h"
#include "net/xml.h"
#include "text/date.h"
#include "text/url.h"

void sts_add_field(struct buf *form, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(form, "%s%s=", form->len ? "&" : "", name);
	url_add_escaped(form, value, "");
}

/* What STS answers: keys, or why not. */
struct sts_answer {
	struct aws_keys keys;
	char *code, *message;
};

static void sts_answer_release(struct sts_answer *a)
{
	aws_keys_release(&a->keys);
	free(a->code);
	free(a->message);
}

static void keep(char **field, const char *text)
{
	free(*field);
	*field = mem_strdup(text);
}

static int on_element(void *arg, const char *path, const char *text, struct err *err)
{
	struct sts_answer *a = arg;
	(void)err;
	if (str_ends(path, "/Credentials/AccessKeyId"))
		keep(&a->keys.access_key, text);
	else if (str_ends(path, "/Credentials/SecretAccessKey"))
		keep(&a->keys.secret_key, text);
	else if (str_ends(path, "/Credentials/SessionToken"))
		keep(&a->keys.token, text);
	else if (str_ends(path, "/Credentials/Expiration"))
		(void)date_parse_iso(text, &a->keys.expires_s);
	else if (str_ends(path, "/Error/Code"))
		keep(&a->code, text);
	else if (str_ends(path, "/Error/Message"))
		keep(&a->message, text);
	return 0;
}

static int read_answer(
	const struct http_response *answer, const char *role, struct aws_keys *out, struct err *err)
{
	AUTO(sts_answer_release) struct sts_answer a = {0};
	const struct xml_reader to = {.element = on_element, .arg = &a};
	int r = xml_read(buf_str(&answer->body), answer->body.len, &to, NULL);
	if (http_is_ok(answer) && r == 0 && a.keys.access_key && a.keys.secret_key) {
		*out = TAKE(a.keys);
		return 1;
	}
	int code = http_code(answer->status);
	if (code != ERR_BUSY && code != ERR_BROKEN)
		code = ERR_AUTH;
	return err_set(err, code, "AWS refuses the role '%s': %s%s%s", role,
		a.code ? a.code : http_status_text(answer->status), a.message ? ": " : "",
		a.message ? a.message : "");
}

static char *sts_url(const struct aws_search *s)
{
	const char *endpoint = aws_env("AWS_ENDPOINT_URL_STS");
	endpoint = endpoint ? endpoint : aws_env("AWS_ENDPOINT_URL");
	if (endpoint)
		return mem_printf("%s%s", endpoint, str_ends(endpoint, "/") ? "" : "/");
	return mem_printf("https://sts.%s.amazonaws.com%s/", s->region,
		str_starts(s->region, "cn-") ? ".cn" : "");
}

int sts_ask(struct aws_search *s, const struct buf *form, const struct aws_keys *keys,
	const char *role, struct aws_keys *out, struct err *err)
{
	AUTO(strlist_release) struct strlist headers = STRLIST_INIT;
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(url_release) struct url u = {0};
	AUTO(mem_freep) char *url = sts_url(s);
	const struct byte_source body = {.fd = -1, .bytes = form->ptr, .size_bytes = form->len};
	char hash[SHA256_HEX + 1];
	struct http *http;

	int r = aws_search_http(s, &http, err);
	if (r == 0)
		r = url_parse(&u, url, err);
	if (r < 0)
		return r;
	strlist_add(&headers, "Content-Type: application/x-www-form-urlencoded; charset=utf-8");
	if (keys) {
		AUTO(mem_freep) char *host = u.port ? mem_printf("%s:%d", u.host, u.port)
						    : mem_strdup(u.host);
		sha256_hex(form->ptr, form->len, hash);
		sign_add_headers(&(struct sign){.method = "POST",
					 .host = host,
					 .path = u.path,
					 .query = "",
					 .body_sha256 = hash,
					 .region = s->region,
					 .service = "sts",
					 .time_s = time(NULL)},
			keys, &headers);
	}
	r = http_do(http,
		&(struct http_request){
			.method = "POST", .url = url, .headers = &headers, .body = &body},
		&answer, err);
	return r < 0 ? r : read_answer(&answer, role, out, err);
}

char *sts_session_name(const char *given)
{
	return given ? mem_strdup(given)
		     : mem_printf("cairn-%lld-%d", (long long)time(NULL), (int)getpid());
}

int aws_from_web_identity(
	struct aws_search *s, const char *profile, struct aws_keys *out, struct err *err)
{
	AUTO(buf_release) struct buf form = BUF_INIT, token = BUF_INIT;
	const char *path = aws_env("AWS_WEB_IDENTITY_TOKEN_FILE");
	const char *role = aws_env("AWS_ROLE_ARN");
	const char *name = aws_env("AWS_ROLE_SESSION_NAME");
	path = path ? path : aws_profile_get(s->files, profile, "web_identity_token_file");
	role = role ? role : aws_profile_get(s->files, profile, "role_arn");
	name = name ? name : aws_profile_get(s->files, profile, "role_session_name");
	if (!path)
		return 0;
	if (!role)
		return err_set(err, ERR_CONFIG, "AWS_WEB_IDENTITY_TOKEN_FILE needs AWS_ROLE_ARN");

	int r = file_read(path, &token, err);
	if (r < 0)
		return err_wrap(err, ERR_AUTH, "unable to read the web identity token");
	buf_rtrim(&token);
	AUTO(mem_freep) char *session = sts_session_name(name);
	sts_add_field(&form, "Action", "AssumeRoleWithWebIdentity");
	sts_add_field(&form, "Version", "2011-06-15");
	sts_add_field(&form, "RoleArn", role);
	sts_add_field(&form, "RoleSessionName", session);
	sts_add_field(&form, "WebIdentityToken", buf_str(&token));
	return sts_ask(s, &form, NULL, role, out, err);
}
