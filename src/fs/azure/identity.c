/* Gets tokens of Azure from the places that the tools of Azure ask, in their order. */
#include "fs/azure/identity.h"

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include "fs/azure/settings.h"
#include "net/http.h"
#include "text/url.h"

#define RESOURCE "https://storage.azure.com"

void azure_identity_release(struct azure_identity *i)
{
	free(i->tenant);
	free(i->client_id);
	free(i->client_secret);
	http_free(i->http);
	*i = (struct azure_identity){0};
}

static int open_http(struct azure_identity *i, struct err *err)
{
	const struct http_opts opts = {.ctx = i->ctx,
		.connect_timeout_ms = 10000,
		.read_timeout_ms = 30000,
		.verify_option = "SSL_CERT_FILE"};
	return i->http ? 0 : http_new(&i->http, &opts, err);
}

/* The address of Microsoft Entra ID that gives tokens for a tenant. */
static int token_url(const char *tenant, struct buf *out, struct err *err)
{
	const char *host = azure_env("AZURE_AUTHORITY_HOST");
	host = host ? host : "https://login.microsoftonline.com";
	AUTO(mem_freep) char *base = mem_printf(
		"%s%s", strstr(host, "://") ? "" : "https://", host);
	while (str_ends(base, "/"))
		base[strlen(base) - 1] = '\0';
	buf_addf(out, "%s/", base);
	url_add_escaped(out, tenant, "");
	buf_adds(out, "/oauth2/v2.0/token");
	return oauth_check_url(out->ptr, "AZURE_AUTHORITY_HOST", err);
}

/* Log in as a service principal, by its secret or by a token that somebody else has signed for it.
 */
static int ask_entra(struct azure_identity *i, const char *tenant, const char *client_id,
	const char *secret, const char *assertion, struct oauth_token *out, struct err *err)
{
	AUTO(buf_release) struct buf url = BUF_INIT, form = BUF_INIT;
	oauth_add_field(&form, "grant_type", "client_credentials");
	oauth_add_field(&form, "client_id", client_id);
	oauth_add_field(&form, "scope", RESOURCE "/.default");
	oauth_add_field(&form, "client_secret", secret);
	if (assertion) {
		oauth_add_field(&form, "client_assertion_type",
			"urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
		oauth_add_field(&form, "client_assertion", assertion);
	}
	int r = token_url(tenant, &url, err);
	if (r == 0)
		r = open_http(i, err);
	if (r == 0)
		r = oauth_post(i->http, url.ptr, &form, "Microsoft Entra ID", out, err);
	if (r == ERR_AUTH)
		err_hint(err,
			"Do tenant, client id and secret belong together, and is the secret still valid?");
	return r;
}

/*
 * Each source returns 1 with a token, 0 when it is not set up here (with a line about that in
 * `notes`), or fails when it is and gives none.
 */
static int from_environment(
	struct azure_identity *i, struct oauth_token *out, struct buf *notes, struct err *err)
{
	const char *tenant = azure_env("AZURE_TENANT_ID");
	const char *client_id = azure_env("AZURE_CLIENT_ID");
	const char *secret = azure_env("AZURE_CLIENT_SECRET");
	if (!tenant || !client_id || !secret) {
		buf_adds(notes,
			"\n\tEnvironmentCredential: AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET are not all set");
		return 0;
	}
	int r = ask_entra(i, tenant, client_id, secret, NULL, out, err);
	return r < 0 ? r : 1;
}

/* The token in the file is replaced from outside (Kubernetes), so that it is read each time. */
static int from_workload(
	struct azure_identity *i, struct oauth_token *out, struct buf *notes, struct err *err)
{
	AUTO(buf_release) struct buf assertion = BUF_INIT;
	const char *tenant = azure_env("AZURE_TENANT_ID");
	const char *client_id = azure_env("AZURE_CLIENT_ID");
	const char *path = azure_env("AZURE_FEDERATED_TOKEN_FILE");
	if (!tenant || !client_id || !path) {
		buf_adds(notes,
			"\n\tWorkloadIdentityCredential: AZURE_FEDERATED_TOKEN_FILE is not set");
		return 0;
	}
	int r = file_read(path, &assertion, err);
	if (r < 0)
		return err_wrap(err, ERR_AUTH, "unable to read AZURE_FEDERATED_TOKEN_FILE");
	buf_rtrim(&assertion);
	r = ask_entra(i, tenant, client_id, NULL, buf_str(&assertion), out, err);
	return r < 0 ? r : 1;
}

/* GET from a server that only this machine reaches: without a proxy. */
static int ask_near(struct azure_identity *i, const char *url, const char *header,
	unsigned timeout_ms, struct http_response *out, struct err *err)
{
	AUTO(strlist_release) struct strlist headers = STRLIST_INIT;
	int r = open_http(i, err);
	if (r < 0)
		return r;
	if (header)
		strlist_add(&headers, header);
	return http_do(i->http,
		&(struct http_request){.method = "GET",
			.url = url,
			.secret_headers = &headers,
			.timeout_ms = timeout_ms,
			.no_proxy = true},
		out, err);
}

static void add_query(struct buf *url, const char *version)
{
	buf_addf(url, "?api-version=%s&resource=", version);
	url_add_escaped(url, RESOURCE, "");
	if (azure_env("AZURE_CLIENT_ID")) {
		buf_adds(url, "&client_id=");
		url_add_escaped(url, azure_env("AZURE_CLIENT_ID"), "");
	}
}

/* The servers of App Service, Functions and Container Apps. */
static int from_app_service(
	struct azure_identity *i, const char *secret, struct oauth_token *out, struct err *err)
{
	AUTO(http_response_release) struct http_response answer = {0};
	AUTO(buf_release) struct buf url = BUF_INIT;
	if (strpbrk(secret, "\r\n"))
		return err_set(err, ERR_AUTH, "IDENTITY_HEADER has a line end");
	AUTO(mem_freep) char *header = mem_printf("X-IDENTITY-HEADER: %s", secret);
	buf_adds(&url, azure_env("IDENTITY_ENDPOINT"));
	add_query(&url, "2019-08-01");
	int r = ask_near(i, url.ptr, header, 30000, &answer, err);
	if (r < 0)
		return r;
	if (!http_is_ok(&answer))
		return err_set(err, ERR_AUTH, "the managed identity of this service is refused: %s",
			http_status_text(answer.status));
	r = oauth_parse(buf_str(&answer.body), answer.body.len, "the managed identity", out, err);
	return r < 0 ? r : 1;
}

/* A machine outside of Azure has nobody at that address: that is no error, and it must not take
 * long. The first request of a real one may take seconds, so that it is only knocked at first. */
static int from_instance(
	struct azure_identity *i, struct oauth_token *out, struct buf *notes, struct err *err)
{
	AUTO(http_response_release) struct http_response knock = {0}, answer = {0};
	AUTO(buf_release) struct buf url = BUF_INIT;
	const char *host = azure_env("AZURE_POD_IDENTITY_AUTHORITY_HOST");
	buf_addf(&url, "%s/metadata/identity/oauth2/token", host ? host : "http://169.254.169.254");
	add_query(&url, "2018-02-01");

	int r = ask_near(i, url.ptr, NULL, 1000, &knock, NULL);
	if (r == ERR_CANCELLED)
		return err_set(err, r, "interrupted by the user");
	if (r >= 0)
		r = ask_near(i, url.ptr, "Metadata: true", 30000, &answer, err);
	else {
		buf_adds(notes,
			"\n\tManagedIdentityCredential: this machine has no server that gives tokens");
		return 0;
	}
	if (r < 0)
		return r;
	if (!http_is_ok(&answer)) {
		buf_addf(notes, "\n\tManagedIdentityCredential: no identity is assigned here (%s)",
			http_status_text(answer.status));
		return 0;
	}
	r = oauth_parse(buf_str(&answer.body), answer.body.len, "the managed identity", out, err);
	return r < 0 ? r : 1;
}

static int from_managed(
	struct azure_identity *i, struct oauth_token *out, struct buf *notes, struct err *err)
{
	const char *secret = azure_env("IDENTITY_HEADER");
	if (azure_env("IDENTITY_ENDPOINT") && secret)
		return from_app_service(i, secret, out, err);
	return from_instance(i, out, notes, err);
}

/* https://learn.microsoft.com/cli/azure/account#az-account-get-access-token */
static int from_cli(
	struct azure_identity *i, struct oauth_token *out, struct buf *notes, struct err *err)
{
	static const char *const argv[] = {"az", "account", "get-access-token", "--output", "json",
		"--resource", RESOURCE, NULL};
	AUTO(buf_release) struct buf text = BUF_INIT, complaint = BUF_INIT;
	const struct proc_opts opts = {.out = &text, .err_out = &complaint, .ends_with_us = true};
	int r = proc_run((char *const *)argv, &opts, NULL);
	if (ctx_is_stopped(i->ctx))
		return err_set(err, ERR_CANCELLED, "interrupted by the user");
	if (r < 0) {
		buf_adds(notes, "\n\tAzureCliCredential: Azure CLI not found on path");
		return 0;
	}
	if (r > 0) {
		const char *first = buf_str(&complaint) + strspn(buf_str(&complaint), "\r\n");
		buf_addf(notes, "\n\tAzureCliCredential: az ends with status %d: %.*s", r,
			(int)strcspn(first, "\r\n"), first);
		return 0;
	}
	r = oauth_parse(buf_str(&text), text.len, "az account get-access-token", out, err);
	return r < 0 ? r : 1;
}

/* Is a source in the group, or the one, that AZURE_TOKEN_CREDENTIALS names? */
static bool is_wanted(const char *name, const char *group)
{
	const char *only = azure_env("AZURE_TOKEN_CREDENTIALS");
	AUTO(mem_freep) char *lowered = str_lower(only ? only : "");
	return !only || str_eq(lowered, group) || str_eq(lowered, name);
}

static int no_token(const struct buf *notes, struct err *err)
{
	(void)err_set(err, ERR_AUTH,
		"DefaultAzureCredential failed to retrieve a token from the included credentials.\nAttempted credentials:%s",
		buf_str(notes));
	(void)err_plain(err, ERR_AUTH, "there are no credentials for Azure Blob Storage; tried:%s",
		buf_str(notes));
	err_hint(err, "Log in with `az login`, or keep a key with the remote:\n"
		      "    dvc remote modify --local <remote name> account_key <key>");
	return ERR_AUTH;
}

/* Go through the sources. */
static int search(struct azure_identity *i, struct oauth_token *out, struct err *err)
{
	AUTO(buf_release) struct buf notes = BUF_INIT;
	int r = 0;
	if (!i->no_environment && is_wanted("environmentcredential", "prod"))
		r = from_environment(i, out, &notes, err);
	if (r == 0 && is_wanted("workloadidentitycredential", "prod"))
		r = from_workload(i, out, &notes, err);
	if (r == 0 && !i->no_managed && is_wanted("managedidentitycredential", "prod"))
		r = from_managed(i, out, &notes, err);
	if (r == 0 && is_wanted("azureclicredential", "dev"))
		r = from_cli(i, out, &notes, err);
	return r == 0 ? no_token(&notes, err) : MIN(r, 0);
}

int azure_identity_ask(void *arg, struct oauth_token *out, struct err *err)
{
	struct azure_identity *i = arg;
	if (i->client_secret)
		return ask_entra(i, i->tenant, i->client_id, i->client_secret, NULL, out, err);
	return search(i, out, err);
}
