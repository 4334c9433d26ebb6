/*
 * Keys from servers that only this machine reaches: of a container (ECS, EKS) and of an instance.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
#include "base/alloc.h"
#include "base/file.h"
#include "base/str.h"
#include "fs/s3/credentials_int.h"
#include "net/http.h"
#include "text/url.h"

/* both name them alike */
static const char *const names[4] = {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"};

/* Ask a server near by: without a proxy, and with little patience. */
static int ask(struct aws_search *s, const char *method, const char *url, const char *header,
	unsigned timeout_ms, struct http_response *out, struct err *err)
{
	AUTO(strlist_release) struct strlist headers = STRLIST_INIT;
	struct http *http;
	int r = aws_search_http(s, &http, err);
	if (r < 0)
		return r;
	if (header)
		strlist_add(&headers, header);
	return http_do(http,
		&(struct http_request){.method = method,
			.url = url,
			.headers = &headers,
			.timeout_ms = timeout_ms,
			.no_proxy = true},
		out, err);
}

/* The token of the environment may be sent over plain HTTP to these only. */
static bool is_near(const struct url *u)
{
	static const char *const hosts[] = {
		"localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		if (str_eq(u->host, hosts[i]))
			return true;
	}
	return str_eq(u->scheme, "https") || str_starts(u->host, "127.");
}

static int container_url(char **out, struct err *err)
{
	AUTO(url_release) struct url u = {0};
	const char *relative = aws_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = aws_env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	if (!relative && !full)
		return 0;
	*out = relative ? mem_printf("http://169.254.170.2%s", relative) : mem_strdup(full);
	int r = url_parse(&u, *out, err);
	if (r < 0)
		return r;
	if (!is_near(&u))
		return err_set(err, ERR_CONFIG,
			"AWS_CONTAINER_CREDENTIALS_FULL_URI names the host '%s', which is neither this machine nor asked by https",
			u.host);
	return 1;
}

/* "Authorization: ..." or NULL. A token in a file is read each time: it is replaced from outside.
 */
static int container_header(char **out, struct err *err)
{
	AUTO(buf_release) struct buf token = BUF_INIT;
	const char *path = aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *given = aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	*out = NULL;
	if (path) {
		int r = file_read(path, &token, err);
		if (r < 0)
			return err_wrap(err, ERR_AUTH, "unable to read the container's token");
		buf_rtrim(&token);
		given = buf_str(&token);
	}
	if (given && strpbrk(given, "\r\n"))
		return err_set(err, ERR_AUTH, "the container's token has a line end");
	*out = given ? mem_printf("Authorization: %s", given) : NULL;
	return 0;
}

int aws_from_container(struct aws_search *s, struct aws_keys *out, struct err *err)
{
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(mem_freep) char *url = NULL;
	AUTO(mem_freep) char *header = NULL;
	int r = container_url(&url, err);
	if (r <= 0)
		return r;
	r = container_header(&header, err);
	if (r == 0)
		r = ask(s, "GET", url, header, 5000, &answer, err);
	if (r < 0)
		return r;
	if (!http_is_ok(&answer))
		return http_fail(&answer, err, "the container's server gives no keys: %s",
			http_status_text(answer.status));
	return aws_keys_parse(
		buf_str(&answer.body), answer.body.len, "the container's server", names, out, err);
}

/* A GET below the instance's server, with its token. Returns 1 with the body, 0: there is none. */
static int ask_instance(struct aws_search *s, const char *base, const char *path,
	const char *header, struct buf *out, struct err *err)
{
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(mem_freep) char *url = mem_printf("%s/%s", base, path);
	int r = ask(s, "GET", url, header, 2000, &answer, err);
	if (r < 0)
		return r;
	if (!http_is_ok(&answer))
		return 0;
	buf_addbuf(out, &answer.body);
	return 1;
}

/* A machine that is no instance has nobody at that address: that is no error, and it must not take
 * long. */
int aws_from_instance(struct aws_search *s, struct aws_keys *out, struct err *err)
{
	static const char path[] = "latest/meta-data/iam/security-credentials/";
	AUTO(http_response_release) struct http_response token = {0};
	AUTO(buf_release) struct buf role = BUF_INIT, text = BUF_INIT;
	const char *disabled = aws_env("AWS_EC2_METADATA_DISABLED");
	const char *given = aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	AUTO(mem_freep) char *lowered = str_lower(disabled ? disabled : "");
	if (str_eq(lowered, "true"))
		return 0;

	AUTO(mem_freep) char *base = mem_strdup(given ? given : "http://169.254.169.254");
	if (str_ends(base, "/"))
		base[strlen(base) - 1] = '\0';
	AUTO(mem_freep) char *token_url = mem_printf("%s/latest/api/token", base);
	int r = ask(s, "PUT", token_url, "X-aws-ec2-metadata-token-ttl-seconds: 21600", 1000,
		&token, NULL);
	if (r == ERR_CANCELLED)
		return err_set(err, r, "interrupted by the user");
	if (r < 0 || !http_is_ok(&token))
		return 0;

	buf_rtrim(&token.body);
	AUTO(mem_freep) char *header = mem_printf(
		"X-aws-ec2-metadata-token: %s", buf_str(&token.body));
	r = ask_instance(s, base, path, header, &role, err);
	if (r <= 0)
		return r;
	buf_truncate(&role, strcspn(role.ptr ? role.ptr : "", "\r\n"));
	AUTO(mem_freep) char *role_path = mem_printf("%s%s", path, buf_str(&role));
	r = role.len ? ask_instance(s, base, role_path, header, &text, err) : 0;
	return r <= 0 ? r
		      : aws_keys_parse(
				buf_str(&text), text.len, "the instance's server", names, out, err);
}
