/* What the sources of keys share: the environment, pairs, and the JSON that most answer with. */
#include "base/alloc.h"
#include "fs/s3/credentials_int.h"
#include "net/http.h"
#include "text/date.h"
#include "text/json.h"

const char *aws_env(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

const char *aws_ca_bundle(void)
{
	const char *bundle = aws_env("AWS_CA_BUNDLE");
	return bundle ? bundle : aws_env("REQUESTS_CA_BUNDLE");
}

/* One key of a pair is of no use. `what` is botocore's name of the source. */
static int partial(const char *what, const char *missing, struct err *err)
{
	(void)err_set(err, ERR_AUTH, "Partial credentials found in %s, missing: %s", what, missing);
	return err_plain(
		err, ERR_AUTH, "only one key of a pair is set: %s is missing (%s)", missing, what);
}

int aws_take_pair(const char *access_key, const char *secret_key, const char *token,
	const char *what, const char *const names[2], struct aws_keys *out, struct err *err)
{
	if (!access_key && !secret_key)
		return 0;
	if (!access_key || !secret_key)
		return partial(what, access_key ? names[1] : names[0], err);
	out->access_key = mem_strdup(access_key);
	out->secret_key = mem_strdup(secret_key);
	out->token = token && *token ? mem_strdup(token) : NULL;
	return 1;
}

const char *const aws_key_names[2] = {"aws_access_key_id", "aws_secret_access_key"};

int aws_from_environment(struct aws_keys *out, struct err *err)
{
	static const char *const names[2] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"};
	const char *token = aws_env("AWS_SESSION_TOKEN");
	/* a secret key alone does not count, as in botocore */
	if (!aws_env(names[0]))
		return 0;
	return aws_take_pair(aws_env(names[0]), aws_env(names[1]),
		token ? token : aws_env("AWS_SECURITY_TOKEN"), "env", names, out, err);
}

int aws_from_section(
	const struct value *section, const char *what, struct aws_keys *out, struct err *err)
{
	const char *access_key = value_get_str(section, aws_key_names[0]);
	const char *token = value_get_str(section, "aws_session_token");
	if (!access_key || !*access_key)
		return 0;
	return aws_take_pair(access_key, value_get_str(section, aws_key_names[1]),
		token ? token : value_get_str(section, "aws_security_token"), what, aws_key_names,
		out, err);
}

static char *copy(const struct value *map, const char *key)
{
	const char *text = value_get_str(map, key);
	return text && *text ? mem_strdup(text) : NULL;
}

int aws_keys_parse(const char *text, size_t len, const char *what, const char *const names[4],
	struct aws_keys *out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(aws_keys_release) struct aws_keys keys = {0};
	struct value *v;
	if (json_parse(&a, text, len, &v, NULL) < 0)
		return err_set(err, ERR_AUTH, "%s gives something that is not JSON", what);

	keys.access_key = copy(v, names[0]);
	keys.secret_key = copy(v, names[1]);
	keys.token = copy(v, names[2]);
	if (!keys.access_key || !keys.secret_key)
		return err_set(err, ERR_AUTH, "%s gives no keys", what);

	const struct value *expires = value_get(v, names[3]);
	/* a number is in milliseconds (SSO) */
	if (value_is(expires, VALUE_INT))
		keys.expires_s = (int64_t)(value_number(expires) / 1000);
	else if (value_str(expires) && !date_parse_iso(value_str(expires), &keys.expires_s))
		return err_set(err, ERR_AUTH, "%s gives keys with a malformed expiry", what);
	*out = TAKE(keys);
	return 1;
}

int aws_search_http(struct aws_search *s, struct http **out, struct err *err)
{
	const struct http_opts opts = {.ctx = s->ctx,
		.connect_timeout_ms = 5000,
		.read_timeout_ms = 30000,
		.ca_path = aws_ca_bundle()};
	int r = s->http ? 0 : http_new(&s->http, &opts, err);
	*out = s->http;
	return r;
}
