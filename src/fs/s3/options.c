/* The options of a remote, and the endpoint that they lead to. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/str.h"
#include "fs/options.h"
#include "fs/s3/credentials_int.h"
#include "fs/s3/s3_int.h"
#include "text/base64.h"
#include "text/url.h"

/* A setting of the "s3" block of the profile, or NULL. */
static const char *s3_setting(const struct s3 *s, const char *profile, const char *key)
{
	return value_get_str(value_get(aws_config_profile(&s->files, profile), "s3"), key);
}

/* A size as the AWS tools write it: "16MB", "1GiB", "8388608"; powers of 1024 in either form. 0:
 * it is none, or there is none.
 * https://docs.aws.amazon.com/cli/latest/topic/s3-config.html */
static uint64_t size_setting(const struct s3 *s, const char *profile, const char *key)
{
	static const char units[] = "KMGT";
	const char *text = s3_setting(s, profile, key);
	char *end = NULL;
	if (!text || *text < '0' || *text > '9')
		return 0;
	uint64_t n = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	for (const char *u = units; unit && u <= unit; u++)
		n = n < UINT64_MAX >> 10 ? n << 10 : 0;
	end += unit != NULL;
	bool ends = !*end || strcasecmp(end, "B") == 0 || (unit && strcasecmp(end, "iB") == 0);
	return ends ? n : 0;
}

/* DVC reads these and drops them. */
static void take_transfer_settings(struct s3 *s, const char *profile)
{
	const uint64_t one_call_bytes = (uint64_t)5 << 30; /* PutObject takes no more */
	int64_t calls = 0;
	const char *text = s3_setting(s, profile, "max_concurrent_requests");
	s->fs->part_bytes = size_setting(s, profile, "multipart_chunksize");
	s->fs->parts_from_bytes = MIN(
		size_setting(s, profile, "multipart_threshold"), one_call_bytes);
	if (text && str_to_i64(text, &calls) && calls > 0)
		s->fs->connections = (int)MIN(calls, (int64_t)1000);
}

/* "s3://bucket/prefix". The prefix is taken as it is: it has no escapes and no query. */
static int take_url(struct s3 *s, struct err *err)
{
	const char *bucket = strstr(s->fs->url, "://") + strlen("://");
	size_t len = strcspn(bucket, "/");
	if (!len)
		return err_set(err, ERR_CONFIG, "URL '%s' names no bucket", s->fs->url);
	s->bucket = mem_strndup(bucket, len);

	const char *prefix = bucket + len + strspn(bucket + len, "/");
	size_t end = strlen(prefix);
	while (end && prefix[end - 1] == '/')
		end--;
	s->root = end ? mem_printf("%.*s/", (int)end, prefix) : mem_strdup("");
	return 0;
}

static void take_region(struct s3 *s, const char *profile)
{
	AUTO(mem_freep) char *region = fs_option(s->fs, "region");
	const char *found = region ? region : aws_env("AWS_DEFAULT_REGION");
	found = found ? found : aws_profile_get(&s->files, profile, "region");
	/* if it is another one, AWS says so in its first answer */
	s->region = mem_strdup(found ? found : "us-east-1");
}

/* The address of a service that is not AWS; NULL: AWS. */
static char *endpoint_url(const struct s3 *s, const char *profile)
{
	AUTO(mem_freep) char *given = fs_option(s->fs, "endpointurl");
	if (given)
		return TAKE(given);
	const char *ignore = aws_env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	if (ignore && str_eq(ignore, "true"))
		return NULL;
	const char *found = aws_env("AWS_ENDPOINT_URL_S3");
	found = found ? found : aws_env("AWS_ENDPOINT_URL");
	if (!found) {
		const char *services = aws_profile_get(&s->files, profile, "services");
		const struct value *section =
			services ? aws_config_section(&s->files, "services", services) : NULL;
		found = value_get_str(value_get(section, "s3"), "endpoint_url");
	}
	found = found ? found : aws_profile_get(&s->files, profile, "endpoint_url");
	return found ? mem_strdup(found) : NULL;
}

/* May the bucket be a part of the host's name? A certificate for *.s3.amazonaws.com does not cover
 * dots. */
static bool can_be_host(const char *bucket)
{
	size_t len = strlen(bucket);
	return len >= 3 && len <= 63 &&
	       strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static int take_endpoint(struct s3 *s, const char *profile, struct err *err)
{
	struct s3_endpoint *e = &s->endpoint;
	AUTO(url_release) struct url u = {0};
	AUTO(mem_freep) char *given = endpoint_url(s, profile);
	const char *style = s3_setting(s, profile, "addressing_style");
	const char *accelerate = s3_setting(s, profile, "use_accelerate_endpoint");
	const char *scheme = fs_option_bool(s->fs, "use_ssl") == 0 ? "http" : "https";

	e->is_aws = !given;
	if (given) {
		AUTO(mem_freep) char *full = strstr(given, "://")
						     ? mem_strdup(given)
						     : mem_printf("%s://%s", scheme, given);
		int r = url_parse(&u, full, err);
		if (r < 0)
			return r;
		if ((!str_eq(u.scheme, "http") && !str_eq(u.scheme, "https")) || !*u.host)
			return err_set(err, ERR_CONFIG,
				"endpointurl '%s' is not an address of http or https", given);
		AUTO(buf_release) struct buf origin = BUF_INIT;
		/* the usual port is not in the Host header, which is signed */
		if (u.port == (str_eq(u.scheme, "https") ? 443 : 80))
			u.port = 0;
		url_add_origin(&origin, &u);
		e->host = mem_strdup(strstr(origin.ptr, "://") + strlen("://"));
		size_t len = strlen(u.path);
		e->path = mem_strndup(u.path, len && u.path[len - 1] == '/' ? len - 1 : len);
		scheme = u.scheme;
	}
	e->scheme = mem_strdup(scheme);
	e->path = e->path ? e->path : mem_strdup("");
	e->with_tls = str_eq(scheme, "https");
	e->accelerated = e->is_aws && accelerate && str_eq(accelerate, "true");
	e->path_style = style && str_eq(style, "path")      ? true
			: style && str_eq(style, "virtual") ? false
							    : !e->is_aws || !can_be_host(s->bucket);
	return 0;
}

static void add_header(const struct s3 *s, struct strlist *out, const char *name, const char *key)
{
	AUTO(mem_freep) char *text = fs_option(s->fs, key);
	if (text)
		strlist_addf(out, "%s: %s", name, text);
}

static int exclude(
	const struct s3 *s, const char *a, const char *b, const char *shown, struct err *err)
{
	AUTO(mem_freep) char *x = fs_option(s->fs, a);
	AUTO(mem_freep) char *y = fs_option(s->fs, b);
	if (!x || !y)
		return 0;
	return err_set(err, ERR_CONFIG,
		"`%s` and `%s` AWS S3 config options are mutually exclusive", a, shown);
}

/* A key of the customer goes with every access to contents. */
static int take_customer_key(struct s3 *s, struct err *err)
{
	AUTO(mem_freep) char *key = fs_option(s->fs, "sse_customer_key");
	AUTO(mem_freep) char *algorithm = fs_option(s->fs, "sse_customer_algorithm");
	AUTO(buf_release) struct buf bytes = BUF_INIT, md5 = BUF_INIT, text = BUF_INIT;
	unsigned char digest[MD5_BYTES];
	if (!key)
		return 0;
	if (!base64_decode(&bytes, key, strlen(key)))
		return err_set(err, ERR_CONFIG, "sse_customer_key is not in base64");
	md5_of(buf_str(&bytes), bytes.len, digest);
	base64_add(&md5, digest, sizeof(digest));
	base64_add(&text, buf_str(&bytes), bytes.len);
	const struct {
		struct strlist *list;
		const char *prefix;
	} lists[] = {{&s->key_headers, "x-amz-"}, {&s->copy_headers, "x-amz-copy-source-"}};
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const char *prefix = lists[i].prefix;
		strlist_addf(lists[i].list, "%sserver-side-encryption-customer-algorithm: %s",
			prefix, algorithm ? algorithm : "AES256");
		strlist_addf(lists[i].list, "%sserver-side-encryption-customer-key: %s", prefix,
			buf_str(&text));
		strlist_addf(lists[i].list, "%sserver-side-encryption-customer-key-MD5: %s", prefix,
			buf_str(&md5));
	}
	s->has_other_etags = true;
	return 0;
}

static int take_object_options(struct s3 *s, struct err *err)
{
	static const char *const grants[][2] = {{"x-amz-grant-read", "grant_read"},
		{"x-amz-grant-read-acp", "grant_read_acp"},
		{"x-amz-grant-write-acp", "grant_write_acp"},
		{"x-amz-grant-full-control", "grant_full_control"}};
	int r = exclude(s, "sse_kms_key_id", "sse_customer_key", "sse_customer_key", err);
	for (size_t i = 0; i < ARRAY_SIZE(grants) && r == 0; i++) {
		r = exclude(s, "acl", grants[i][1], "grant_*", err);
		add_header(s, &s->put_headers, grants[i][0], grants[i][1]);
	}
	if (r < 0)
		return r;

	AUTO(mem_freep) char *sse = fs_option(s->fs, "sse");
	s->has_other_etags = sse && str_starts(sse, "aws:kms");
	add_header(s, &s->put_headers, "x-amz-acl", "acl");
	add_header(s, &s->put_headers, "x-amz-server-side-encryption", "sse");
	add_header(s, &s->put_headers, "x-amz-server-side-encryption-aws-kms-key-id",
		"sse_kms_key_id");
	return take_customer_key(s, err);
}

static int open_http(struct s3 *s, struct err *err)
{
	AUTO(mem_freep) char *verify = fs_option(s->fs, "ssl_verify");
	int flag = fs_option_bool(s->fs, "ssl_verify");
	return http_new(&s->http,
		&(struct http_opts){
			.ctx = s->fs->ctx,
			.connect_timeout_ms = fs_option_ms(s->fs, "connect_timeout", 5),
			.read_timeout_ms = fs_option_ms(s->fs, "read_timeout", 60),
			.insecure = flag == 0,
			.ca_path = verify && flag < 0 ? verify : aws_ca_bundle(),
		},
		err);
}

static int open_credentials(struct s3 *s, const char *profile, struct err *err)
{
	AUTO(mem_freep) char *access_key = fs_option(s->fs, "access_key_id");
	AUTO(mem_freep) char *secret_key = fs_option(s->fs, "secret_access_key");
	AUTO(mem_freep) char *token = fs_option(s->fs, "session_token");
	if (fs_option_bool(s->fs, "allow_anonymous_login") == 1)
		return 0;
	return aws_credentials_new(&s->credentials,
		&(struct aws_credentials_opts){.ctx = s->fs->ctx,
			.access_key = access_key,
			.secret_key = secret_key,
			.token = token,
			.profile = profile,
			.files = &s->files,
			.region = s->region},
		err);
}

int s3_options(struct s3 *s, struct err *err)
{
	AUTO(mem_freep) char *config_path = fs_option(s->fs, "configpath");
	AUTO(mem_freep) char *credentials_path = fs_option(s->fs, "credentialpath");
	AUTO(mem_freep) char *profile = fs_option(s->fs, "profile");
	const char *name = aws_profile_name(profile);

	int r = take_url(s, err);
	if (r == 0)
		r = aws_files_load(&s->files, config_path, credentials_path, err);
	if (r < 0)
		return r;
	take_region(s, name);
	const char *sign_bodies = s3_setting(s, name, "payload_signing_enabled");
	s->sign_bodies = !sign_bodies                           ? S3_SIGN_DEFAULT
			 : strcasecmp(sign_bodies, "true") == 0 ? S3_SIGN_ALWAYS
								: S3_SIGN_NEVER;
	take_transfer_settings(s, name);
	r = take_endpoint(s, name, err);
	if (r == 0)
		r = take_object_options(s, err);
	if (r == 0)
		r = open_credentials(s, profile, err);
	if (r == 0)
		r = open_http(s, err);
	return r;
}
