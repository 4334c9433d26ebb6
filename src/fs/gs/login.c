/* Finds credentials of Google and makes tokens of them, one thread at a time. */
#include "fs/gs/login.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "net/crypto.h"
#include "net/http.h"
#include "text/base64.h"
#include "text/json.h"

#define SCOPE "https://www.googleapis.com/auth/devstorage.full_control"

void gs_login_release(struct gs_login *l)
{
	free(l->token_uri);
	free(l->email);
	free(l->key);
	free(l->key_id);
	free(l->client_id);
	free(l->client_secret);
	free(l->refresh_token);
	free(l->quota_project);
	http_free(l->http);
	*l = (struct gs_login){0};
}

const char *gs_env(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

/* ---- files */

/* Copy a text of the file. False: it is missing. */
static bool take(const struct value *v, const char *key, char **out)
{
	const char *text = value_get_str(v, key);
	free(*out);
	*out = text && *text ? mem_strdup(text) : NULL;
	return *out != NULL;
}

static int incomplete(const char *name, const char *key, struct err *err)
{
	return err_set(err, ERR_CONFIG, "the credentials in '%s' have no %s", name, key);
}

static int take_account(
	struct gs_login *l, const char *name, const struct value *v, struct err *err)
{
	l->kind = GS_SERVICE_ACCOUNT;
	if (!take(v, "client_email", &l->email))
		return incomplete(name, "client_email", err);
	if (!take(v, "private_key", &l->key))
		return incomplete(name, "private_key", err);
	(void)take(v, "private_key_id", &l->key_id);
	return 0;
}

static int take_user(struct gs_login *l, const char *name, const struct value *v, struct err *err)
{
	l->kind = GS_USER;
	if (!take(v, "client_id", &l->client_id))
		return incomplete(name, "client_id", err);
	if (!take(v, "client_secret", &l->client_secret))
		return incomplete(name, "client_secret", err);
	if (!take(v, "refresh_token", &l->refresh_token))
		return incomplete(name, "refresh_token", err);
	if (take(v, "quota_project_id", &l->quota_project) && strpbrk(l->quota_project, "\r\n"))
		return err_set(err, ERR_CONFIG, "quota_project_id in '%s' has a line end", name);
	return 0;
}

int gs_login_parse(
	struct gs_login *l, const char *name, const char *text, size_t len, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v;
	if (json_parse(&a, text, len, &v, NULL) < 0)
		return err_set(err, ERR_CONFIG, "the file '%s' with credentials is not JSON", name);
	const char *type = value_get_str(v, "type");
	int r;
	if (type && str_eq(type, "service_account")) {
		r = take_account(l, name, v, err);
	} else if (type && str_eq(type, "authorized_user")) {
		r = take_user(l, name, v, err);
	} else {
		r = err_set(err, ERR_CONFIG,
			"the credentials in '%s' are of the type '%s', which is not supported",
			name, type ? type : "(none)");
		err_hint(err, "Use the key file of a service account, or log in with:\n"
			      "    gcloud auth application-default login");
	}
	if (r < 0)
		return r;
	if (!take(v, "token_uri", &l->token_uri))
		l->token_uri = mem_strdup("https://oauth2.googleapis.com/token");
	return oauth_check_url(l->token_uri, "token_uri of the credentials", err);
}

/* Read a file that somebody named: it must be there. */
static int read_named(struct gs_login *l, const char *what, const char *path, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = file_read(path, &text, err);
	if (r == ERR_NOT_FOUND) {
		(void)err_set(err, ERR_CONFIG, "%s '%s' does not exist", what, path);
		err_hint(err, "It names the file with the key of a service account (JSON).");
		return ERR_CONFIG;
	}
	return r < 0 ? r : gs_login_parse(l, path, buf_str(&text), text.len, err);
}

int gs_login_find(struct gs_login *l, const char *path, struct err *err)
{
	const char *env = gs_env("GOOGLE_APPLICATION_CREDENTIALS");
	const char *dir = gs_env("CLOUDSDK_CONFIG"), *home = getenv("HOME");
	if (path)
		return read_named(l, "credentialpath", path, err);
	if (env)
		return read_named(l, "GOOGLE_APPLICATION_CREDENTIALS", env, err);
	AUTO(mem_freep) char *usual = dir ? mem_strdup(dir)
					  : path_join(home ? home : "/", ".config/gcloud");
	AUTO(mem_freep) char *file = path_join(usual, "application_default_credentials.json");
	if (file_exists(file))
		return read_named(l, "the file of gcloud", file, err);
	l->kind = GS_METADATA;
	return 0;
}

/* ---- tokens */

static void add_part(struct buf *out, const struct buf *json)
{
	base64_add_url(out, json->ptr, json->len);
}

static void add_member(struct buf *json, const char *name, const char *text)
{
	if (!text)
		return;
	buf_addf(json, "%s\"%s\": ", json->len > 1 ? ", " : "", name);
	json_write_string(json, text, strlen(text));
}

int gs_add_assertion(const struct gs_login *l, int64_t now_s, struct buf *out, struct err *err)
{
	enum { LIFE_S = 3600 };
	AUTO(buf_release) struct buf head = BUF_INIT, claims = BUF_INIT, signature = BUF_INIT,
				     text = BUF_INIT;
	buf_adds(&head, "{");
	add_member(&head, "alg", "RS256");
	add_member(&head, "typ", "JWT");
	add_member(&head, "kid", l->key_id);
	buf_adds(&head, "}");
	buf_adds(&claims, "{");
	add_member(&claims, "iss", l->email);
	add_member(&claims, "scope", SCOPE);
	add_member(&claims, "aud", l->token_uri);
	buf_addf(&claims, ", \"iat\": %lld, \"exp\": %lld}", (long long)now_s,
		(long long)now_s + LIFE_S);

	add_part(&text, &head);
	buf_addc(&text, '.');
	add_part(&text, &claims);
	int r = crypto_sign_rs256(l->key, text.ptr, text.len, &signature, err);
	if (r < 0)
		return err_wrap(err, r, "the key of '%s'", l->email);
	buf_addc(&text, '.');
	add_part(&text, &signature);
	buf_addbuf(out, &text);
	return 0;
}

static int open_http(struct gs_login *l, struct err *err)
{
	const struct http_opts opts = {.ctx = l->ctx,
		.connect_timeout_ms = 10000,
		.read_timeout_ms = 30000,
		.verify_option = "SSL_CERT_FILE"};
	return l->http ? 0 : http_new(&l->http, &opts, err);
}

static int ask_for_account(struct gs_login *l, struct oauth_token *out, struct err *err)
{
	AUTO(buf_release) struct buf form = BUF_INIT, assertion = BUF_INIT;
	int r = gs_add_assertion(l, time(NULL), &assertion, err);
	if (r < 0)
		return r;
	oauth_add_field(&form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
	oauth_add_field(&form, "assertion", assertion.ptr);
	r = oauth_post(l->http, l->token_uri, &form, "Google", out, err);
	if (r == ERR_AUTH)
		err_hint(err,
			"Does the key of '%s' still exist, and is the clock of this machine right?",
			l->email);
	return r;
}

static int ask_for_user(struct gs_login *l, struct oauth_token *out, struct err *err)
{
	AUTO(buf_release) struct buf form = BUF_INIT;
	oauth_add_field(&form, "grant_type", "refresh_token");
	oauth_add_field(&form, "client_id", l->client_id);
	oauth_add_field(&form, "client_secret", l->client_secret);
	oauth_add_field(&form, "refresh_token", l->refresh_token);
	int r = oauth_post(l->http, l->token_uri, &form, "Google", out, err);
	if (r == ERR_AUTH)
		err_hint(err, "Log in again:\n    gcloud auth application-default login");
	return r;
}

static int no_credentials(struct err *err)
{
	(void)err_set(err, ERR_AUTH, "there are no credentials for Google Cloud Storage");
	err_hint(err,
		"Log in with:\n    gcloud auth application-default login\n"
		"or name the key file of a service account, or read public data without any:\n"
		"    dvc remote modify --local <remote name> credentialpath <file>\n"
		"    dvc remote modify <remote name> allow_anonymous_login true");
	return ERR_AUTH;
}

static int ask_near(struct gs_login *l, const char *url, unsigned timeout_ms,
	struct http_response *out, struct err *err)
{
	AUTO(strlist_release) struct strlist headers = STRLIST_INIT;
	strlist_add(&headers, "Metadata-Flavor: Google");
	return http_do(l->http,
		&(struct http_request){.method = "GET",
			.url = url,
			.headers = &headers,
			.timeout_ms = timeout_ms,
			.no_proxy = true},
		out, err);
}

/* A machine outside of Google's cloud has nobody at that address: this must not take long.
 * https://cloud.google.com/compute/docs/metadata/overview */
static int ask_metadata(struct gs_login *l, struct oauth_token *out, struct err *err)
{
	AUTO(http_response_release) struct http_response knock = {0}, answer = {0};
	const char *skip = gs_env("NO_GCE_CHECK"), *host = gs_env("GCE_METADATA_HOST");
	AUTO(mem_freep) char *lowered = str_lower(skip ? skip : "");
	if (str_eq(lowered, "true"))
		return no_credentials(err);
	AUTO(mem_freep) char *root = mem_printf("http://%s/", host ? host : "169.254.169.254");
	AUTO(mem_freep) char *url = mem_printf(
		"%scomputeMetadata/v1/instance/service-accounts/default/token", root);
	int r = ask_near(l, root, 1000, &knock, NULL);
	if (r == ERR_CANCELLED)
		return err_set(err, r, "interrupted by the user");
	/* some networks answer at any address */
	const char *flavor = r < 0 ? NULL : http_header(&knock, "Metadata-Flavor");
	if (!flavor || !str_eq(flavor, "Google"))
		return no_credentials(err);
	r = ask_near(l, url, 30000, &answer, err);
	if (r < 0)
		return r;
	if (answer.status == 404)
		return err_set(err, ERR_AUTH, "this machine has no service account");
	if (!http_is_ok(&answer))
		return http_fail(&answer, err, "the metadata server gives no token: %s",
			http_status_text(answer.status));
	return oauth_parse(buf_str(&answer.body), answer.body.len, "the metadata server", out, err);
}

int gs_login_ask(void *arg, struct oauth_token *out, struct err *err)
{
	struct gs_login *l = arg;
	int r = open_http(l, err);
	if (r < 0)
		return r;
	if (l->kind == GS_SERVICE_ACCOUNT)
		return ask_for_account(l, out, err);
	return l->kind == GS_USER ? ask_for_user(l, out, err) : ask_metadata(l, out, err);
}
