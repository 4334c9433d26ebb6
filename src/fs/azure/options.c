/* The options of a remote: the account, its address, and what signs requests. */
#include "fs/options.h"

#include "base/alloc.h"
#include "base/str.h"
#include "fs/azure/azure_int.h"
#include "fs/azure/settings.h"
#include "text/base64.h"
#include "text/url.h"

/* The account of every emulator, from Microsoft's page on Azurite. */
#define EMULATOR_ACCOUNT "devstoreaccount1"
#define EMULATOR_KEY                                                                               \
	"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

/* While the options are read. */
struct reading {
	struct azure *a;
	struct azure_file file;
	struct arena arena;
	const struct value *connection; /* NULL: there is no connection string */
};

static void reading_release(struct reading *r)
{
	azure_file_release(&r->file);
	arena_release(&r->arena);
}

/* A setting from the first of: the option, the CLI's name for it, a variable of DVC's library. */
static char *setting(const struct reading *r, const char *key, const char *storage, const char *env)
{
	AUTO(mem_freep) char *given = fs_option(r->a->fs, key);
	if (given)
		return TAKE(given);
	const char *found = storage ? azure_storage_setting(&r->file, storage) : NULL;
	found = found ? found : azure_env(env);
	return found ? mem_strdup(found) : NULL;
}

/* "azure://container/prefix". The prefix is taken as it is: it has no escapes and no query. */
static int take_url(struct reading *r, struct err *err)
{
	struct azure *a = r->a;
	const char *container = strstr(a->fs->url, "://") + strlen("://");
	size_t len = strcspn(container, "/");
	const char *usual = azure_storage_setting(&r->file, "container_name");
	if (!len && !usual)
		return err_set(err, ERR_CONFIG, "URL '%s' names no container", a->fs->url);
	a->container = len ? mem_strndup(container, len) : mem_strdup(usual);

	const char *prefix = container + len + strspn(container + len, "/");
	size_t end = strlen(prefix);
	while (end && prefix[end - 1] == '/')
		end--;
	a->root = end ? mem_printf("%.*s/", (int)end, prefix) : mem_strdup("");
	return 0;
}

static const char *connection_value(const struct reading *r, const char *name)
{
	const char *found = value_get_str(r->connection, name);
	return found && *found ? found : NULL;
}

static int take_connection(struct reading *r, struct err *err)
{
	AUTO(mem_freep) char *text = setting(
		r, "connection_string", "connection_string", "AZURE_STORAGE_CONNECTION_STRING");
	struct value *map;
	if (!text)
		return 0;
	int code = azure_connection_parse(&r->arena, text, &map, err);
	if (code < 0)
		return code;
	const char *emulator = value_get_str(map, "usedevelopmentstorage");
	if (emulator && str_eq(emulator, "true")) {
		struct arena *a = &r->arena;
		value_set(a, map, "accountname", value_string(a, EMULATOR_ACCOUNT));
		value_set(a, map, "accountkey", value_string(a, EMULATOR_KEY));
		if (!value_get(map, "blobendpoint"))
			value_set(a, map, "blobendpoint",
				value_string(a, "http://127.0.0.1:10000/" EMULATOR_ACCOUNT));
	}
	r->connection = map;
	return 0;
}

static int take_account(struct reading *r, struct err *err)
{
	if (r->connection) {
		const char *name = connection_value(r, "accountname");
		r->a->account = name ? mem_strdup(name) : NULL;
		return 0;
	}
	r->a->account = setting(r, "account_name", "account", "AZURE_STORAGE_ACCOUNT_NAME");
	if (r->a->account)
		return 0;
	(void)err_set(err, ERR_CONFIG,
		"Authentication to Azure Blob Storage requires either account_name or connection_string.");
	err_hint(err,
		"Set the account with:\n    dvc remote modify <remote name> account_name <account>");
	return ERR_CONFIG;
}

static int take_endpoint(struct reading *r, struct err *err)
{
	AUTO(url_release) struct url u = {0};
	const char *given = connection_value(r, "blobendpoint");
	const char *scheme = connection_value(r, "defaultendpointsprotocol");
	const char *suffix = connection_value(r, "endpointsuffix");
	char *endpoint = given ? mem_strdup(given)
			       : mem_printf("%s://%s.blob.%s", scheme ? scheme : "https",
					 r->a->account, suffix ? suffix : "core.windows.net");
	r->a->endpoint = endpoint;
	size_t len = strlen(endpoint);
	while (len && endpoint[len - 1] == '/')
		endpoint[--len] = '\0';
	int code = url_parse(&u, endpoint, err);
	if (code < 0)
		return code;
	if ((!str_eq(u.scheme, "http") && !str_eq(u.scheme, "https")) || !*u.host || u.query)
		return err_set(err, ERR_CONFIG, "'%s' is not the address of a blob service",
			r->a->endpoint);
	return 0;
}

static int take_key(struct reading *r, const char *text, struct err *err)
{
	if (!r->a->account)
		return err_set(err, ERR_CONFIG, "the connection string names no AccountName");
	if (base64_decode(&r->a->key, text, strlen(text)) && r->a->key.len)
		return 0;
	(void)err_set(
		err, ERR_CONFIG, "the key of the account '%s' is not in base64", r->a->account);
	err_hint(err, "Is 'account_key' complete? It ends with '=='.");
	return ERR_CONFIG;
}

static int take_sas(struct reading *r, const char *text, struct err *err)
{
	if (strpbrk(text, "\r\n #"))
		return err_set(err, ERR_CONFIG, "the SAS token has characters that none has");
	r->a->sas = mem_strdup(text + strspn(text, "?&"));
	return 0;
}

/* A token goes only where nobody can read it. */
static int use_token(struct reading *r, struct err *err)
{
	r->a->uses_token = true;
	return oauth_check_url(r->a->endpoint, "the address of the blob service", err);
}

/* A service principal. Returns 1, or 0 when there is none. */
static int take_principal(struct reading *r, struct err *err)
{
	struct azure_identity *i = &r->a->identity;
	i->tenant = setting(r, "tenant_id", NULL, "AZURE_STORAGE_TENANT_ID");
	i->client_id = setting(r, "client_id", NULL, "AZURE_STORAGE_CLIENT_ID");
	i->client_secret = setting(r, "client_secret", NULL, "AZURE_STORAGE_CLIENT_SECRET");
	if (!i->tenant && !i->client_id && !i->client_secret)
		return 0;
	if (!i->tenant || !i->client_id || !i->client_secret)
		return err_set(err, ERR_CONFIG,
			"a service principal needs tenant_id, client_id and client_secret: %s is missing",
			!i->tenant      ? "tenant_id"
			: !i->client_id ? "client_id"
					: "client_secret");
	int code = use_token(r, err);
	return code < 0 ? code : 1;
}

static bool is_anonymous(const struct reading *r)
{
	const char *env = azure_env("AZURE_STORAGE_ANON");
	AUTO(mem_freep) char *lowered = str_lower(env ? env : "false");
	return fs_option_bool(r->a->fs, "allow_anonymous_login") == 1 ||
	       (!str_eq(lowered, "false") && !str_eq(lowered, "0") && !str_eq(lowered, "f"));
}

/* What signs requests: the first that is set. */
static int take_credentials(struct reading *r, struct err *err)
{
	const char *key = connection_value(r, "accountkey");
	const char *sas = connection_value(r, "sharedaccesssignature");
	if (key)
		return take_key(r, key, err);
	if (sas)
		return take_sas(r, sas, err);
	AUTO(mem_freep) char *given_key = setting(
		r, "account_key", "key", "AZURE_STORAGE_ACCOUNT_KEY");
	if (given_key)
		return take_key(r, given_key, err);
	AUTO(mem_freep) char *given_sas = setting(
		r, "sas_token", "sas_token", "AZURE_STORAGE_SAS_TOKEN");
	if (given_sas)
		return take_sas(r, given_sas, err);
	int code = take_principal(r, err);
	if (code != 0)
		return MIN(code, 0);
	/* a connection string without credentials is one for public data, as in DVC */
	if (is_anonymous(r) || r->connection)
		return 0;
	r->a->identity.no_environment = fs_option_bool(
						r->a->fs, "exclude_environment_credential") == 1;
	r->a->identity.no_managed = fs_option_bool(
					    r->a->fs, "exclude_managed_identity_credential") == 1;
	return use_token(r, err);
}

static int open_http(struct azure *a, struct err *err)
{
	/* DVC's library has these defaults */
	enum { CONNECT_S = 20, READ_S = 60 };
	AUTO(mem_freep) char *timeout = fs_option(a->fs, "timeout");
	int64_t seconds;
	if (timeout && str_to_i64(timeout, &seconds) && seconds > 0)
		a->server_timeout = mem_printf("%lld", (long long)seconds);
	return http_new(&a->http,
		&(struct http_opts){
			.ctx = a->fs->ctx,
			.connect_timeout_ms = fs_option_ms(a->fs, "connection_timeout", CONNECT_S),
			.read_timeout_ms = fs_option_ms(a->fs, "read_timeout", READ_S),
			.verify_option = "SSL_CERT_FILE",
		},
		err);
}

int azure_options(struct azure *a, struct err *err)
{
	AUTO(reading_release) struct reading r = {.a = a};
	int code = azure_file_load(&r.file, err);
	if (code == 0)
		code = take_url(&r, err);
	if (code == 0)
		code = take_connection(&r, err);
	if (code == 0)
		code = take_account(&r, err);
	if (code == 0)
		code = take_endpoint(&r, err);
	if (code == 0)
		code = take_credentials(&r, err);
	a->identity.ctx = a->fs->ctx;
	a->version_aware = fs_option_bool(a->fs, "version_aware") == 1;
	return code < 0 ? code : open_http(a, err);
}
