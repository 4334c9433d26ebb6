/* The checks imitate voluptuous: the first problem in the order of the file is reported, with its
 * path in the data. */
#include "project/config_keys.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/strlist.h"

#define OLD      .deprecated = true
#define PATH     .is_path = true
#define DVC_ONLY .dvc_only = true

const struct config_key config_keys[] = {
	{"core", "remote", CONFIG_LOWER,
		"the remote that push, pull and others use; default: none"},
	{"core", "checksum_jobs", CONFIG_POSITIVE,
		"threads that hash files; default: by the processors", DVC_ONLY},
	{"core", "interactive", CONFIG_BOOL,
		"ask before each stage is run, as repro -i does; default: false"},
	{"core", "analytics", CONFIG_BOOL, "send usage statistics; default: true, cairn sends none",
		DVC_ONLY},
	{"core", "hardlink_lock", CONFIG_BOOL, "lock .dvc/tmp/lock by hard links; default: false",
		DVC_ONLY},
	{"core", "no_scm", CONFIG_BOOL, "the project is not under Git; default: false"},
	{"core", "autostage", CONFIG_BOOL,
		"`git add` the files that belong into Git; default: false"},
	{"core", "experiments", CONFIG_BOOL, OLD},
	{"core", "check_update", CONFIG_BOOL,
		"look for a newer version; default: true, cairn looks for none", DVC_ONLY},
	{"core", "site_cache_dir", CONFIG_STR,
		"directory of state that clones share; default: /var/tmp/dvc"},
	{"core", "machine", CONFIG_LOWER, "the default machine; default: none", DVC_ONLY},
	{"cache", "local", CONFIG_STR, OLD},
	{"cache", "s3", CONFIG_STR, OLD},
	{"cache", "gs", CONFIG_STR, OLD},
	{"cache", "hdfs", CONFIG_STR, OLD},
	{"cache", "webhdfs", CONFIG_STR, OLD},
	{"cache", "ssh", CONFIG_STR, OLD},
	{"cache", "azure", CONFIG_STR, OLD},
	{"cache", "dir", CONFIG_STR, "the directory of the cache; default: .dvc/cache", PATH},
	{"cache", "type", CONFIG_LINK_TYPES,
		"how files come into the workspace, first that works of reflink, hardlink, symlink, copy; default: reflink,copy"},
	{"cache", "protected", CONFIG_BOOL, OLD},
	{"cache", "shared", CONFIG_CHOICE,
		"'group': members of the group may write; default: by the umask", "group"},
	{"cache", "slow_link_warning", CONFIG_BOOL, "warn when links are slow; default: true",
		DVC_ONLY},
	{"cache", "verify", CONFIG_BOOL, "hash what is downloaded again; default: false", DVC_ONLY},
	{"state", "dir", CONFIG_STR, OLD},
	{"state", "row_limit", CONFIG_POSITIVE, OLD},
	{"state", "row_cleanup_quota", CONFIG_PERCENT, OLD},
	{"index", "dir", CONFIG_STR, OLD},
	{"plots", "html_template", CONFIG_STR,
		"a page of your own for plots, in .dvc/; default: the built-in one"},
	{"plots", "auto_open", CONFIG_BOOL,
		"open the page of plots in the browser; default: false"},
	{"plots", "out_dir", CONFIG_STR, "the directory of the page; default: dvc_plots"},
	{"exp", "code", CONFIG_STR, OLD},
	{"exp", "data", CONFIG_STR, OLD},
	{"exp", "models", CONFIG_STR, OLD},
	{"exp", "metrics", CONFIG_STR, OLD},
	{"exp", "params", CONFIG_STR, OLD},
	{"exp", "plots", CONFIG_STR, OLD},
	{"exp", "live", CONFIG_STR, OLD},
	{"exp", "auto_push", CONFIG_BOOL, "push each experiment when it has run; default: false"},
	{"exp", "git_remote", CONFIG_STR, "the Git remote of experiments; default: origin"},
	{"parsing", "bool", CONFIG_CHOICE,
		"how true is unpacked in a command: store_true (--x), boolean_optional (--x, --no-x); default: store_true",
		"store_true, boolean_optional"},
	{"parsing", "list", CONFIG_CHOICE,
		"how a list is unpacked: nargs (--x 1 2), append (--x 1 --x 2); default: nargs",
		"nargs, append"},
	{"hydra", "enabled", CONFIG_BOOL,
		"compose params.yaml with Hydra for each experiment; default: false"},
	{"hydra", "config_dir", CONFIG_STR, "directory of Hydra's configuration; default: conf"},
	{"hydra", "config_module", CONFIG_STR,
		"Python package of it instead of a directory; default: none"},
	{"hydra", "config_name", CONFIG_STR, "name of the main file there; default: config"},
	{"hydra", "plugins_path", CONFIG_STR,
		"directory of Hydra's plugins, which cairn refuses; default: none"},
	{"studio", "token", CONFIG_STR, "access token of DVC Studio; default: none", DVC_ONLY},
	{"studio", "url", CONFIG_STR, "address of DVC Studio; default: https://studio.datachain.ai",
		DVC_ONLY},
	{"studio", "repo_url", CONFIG_STR,
		"address of this repository there; default: that of Git's remote", DVC_ONLY},
	{"studio", "offline", CONFIG_BOOL, "send no live updates; default: false", DVC_ONLY},
	{"machine:", "cloud", CONFIG_CHOICE, "aws or azure; default: none", "aws, azure", DVC_ONLY},
	{"machine:", "region", CONFIG_CHOICE,
		"us-west, us-east, eu-west or eu-north; default: us-west",
		"us-west, us-east, eu-west, eu-north", DVC_ONLY},
	{"machine:", "image", CONFIG_STR, "image to start; default: that of the cloud", DVC_ONLY},
	{"machine:", "spot", CONFIG_BOOL, "use a spot instance; default: false", DVC_ONLY},
	{"machine:", "spot_price", CONFIG_FLOAT,
		"highest price of a spot instance; default: the current one", DVC_ONLY},
	{"machine:", "instance_hdd_size", CONFIG_INTEGER, "size of the disk in GB; default: 35",
		DVC_ONLY},
	{"machine:", "instance_type", CONFIG_LOWER, "kind of instance; default: m", DVC_ONLY},
	{"machine:", "instance_gpu", CONFIG_LOWER, "kind of GPU; default: none", DVC_ONLY},
	{"machine:", "ssh_private", CONFIG_STR, "private SSH key; default: a new one", DVC_ONLY},
	{"machine:", "startup_script", CONFIG_STR, "script to run at the start; default: none",
		PATH, DVC_ONLY},
	{"machine:", "setup_script", CONFIG_STR, "script that prepares a run; default: none", PATH,
		DVC_ONLY},
	{"feature", "machine", CONFIG_BOOL, "allow the machine commands; default: false", DVC_ONLY},
	{"db:", "url", CONFIG_STR, "address of the database; needed", DVC_ONLY},
	{"db:", "username", CONFIG_STR, "user; default: none", DVC_ONLY},
	{"db:", "password", CONFIG_STR, "password; default: none", DVC_ONLY},
	/* all remotes */
	{"remote:*", "url", CONFIG_STR, "where it is: a directory, or an address; needed", PATH},
	{"remote:*", "checksum_jobs", CONFIG_POSITIVE,
		"threads that hash files; default: core.checksum_jobs", DVC_ONLY},
	{"remote:*", "jobs", CONFIG_POSITIVE,
		"transfers at once; default: what the remote can take"},
	{"remote:*", "worktree", CONFIG_BOOL,
		"as version_aware, and 'update' brings what others change there; default: false"},
	{"remote:*", "no_traverse", CONFIG_BOOL, OLD},
	{"remote:*", "version_aware", CONFIG_BOOL,
		"keep files under their own names, as versions of the bucket; default: false"},
	/* remotes in a local directory */
	{"remote:", "type", CONFIG_LINK_TYPES,
		"as cache.type, for data elsewhere; default: that one", DVC_ONLY},
	{"remote:", "protected", CONFIG_BOOL, OLD},
	{"remote:", "shared", CONFIG_CHOICE,
		"'group': members of the group may write; default: by the umask", "group"},
	{"remote:", "slow_link_warning", CONFIG_BOOL, "warn when links are slow; default: true",
		DVC_ONLY},
	{"remote:", "verify", CONFIG_BOOL,
		"hash what is fetched, whatever its mode; default: false"},
	{"remote:s3", "region", CONFIG_STR, "region of the bucket; default: that of the profile"},
	{"remote:s3", "profile", CONFIG_STR, "profile in the credentials file; default: default"},
	{"remote:s3", "credentialpath", CONFIG_STR, "credentials file; default: ~/.aws/credentials",
		PATH},
	{"remote:s3", "configpath", CONFIG_STR, "configuration file of AWS; default: ~/.aws/config",
		PATH},
	{"remote:s3", "endpointurl", CONFIG_STR,
		"address of another service that speaks S3; default: AWS"},
	{"remote:s3", "access_key_id", CONFIG_STR, "access key; default: that of the profile"},
	{"remote:s3", "secret_access_key", CONFIG_STR, "secret key; default: that of the profile"},
	{"remote:s3", "session_token", CONFIG_STR, "token of a temporary session; default: none"},
	{"remote:s3", "listobjects", CONFIG_BOOL, OLD},
	{"remote:s3", "use_ssl", CONFIG_BOOL, "speak HTTPS; default: true"},
	{"remote:s3", "allow_anonymous_login", CONFIG_BOOL, "sign no requests; default: false"},
	{"remote:s3", "ssl_verify", CONFIG_BOOL_OR_STR,
		"check certificates: true, false, or a file of them; default: true"},
	{"remote:s3", "sse", CONFIG_STR,
		"encryption at the server: AES256 or aws:kms; default: none"},
	{"remote:s3", "sse_kms_key_id", CONFIG_STR,
		"key for aws:kms; default: that of the account"},
	{"remote:s3", "sse_customer_algorithm", CONFIG_STR,
		"algorithm with a key of your own; default: AES256"},
	{"remote:s3", "sse_customer_key", CONFIG_STR,
		"a key of your own, in base64; default: none"},
	{"remote:s3", "acl", CONFIG_STR,
		"canned access list of new objects; default: that of the bucket"},
	{"remote:s3", "grant_read", CONFIG_STR, "who may read objects; default: nobody else"},
	{"remote:s3", "grant_read_acp", CONFIG_STR,
		"who may read access lists; default: nobody else"},
	{"remote:s3", "grant_write_acp", CONFIG_STR,
		"who may change access lists; default: nobody else"},
	{"remote:s3", "grant_full_control", CONFIG_STR,
		"who may do all of that; default: nobody else"},
	{"remote:s3", "cache_regions", CONFIG_NO_TEXT,
		"remember regions of buckets; no default, DVC refuses any value", "bool"},
	{"remote:s3", "read_timeout", CONFIG_INTEGER, "seconds to wait for an answer; default: 60"},
	{"remote:s3", "connect_timeout", CONFIG_INTEGER,
		"seconds to wait for a connection; default: 5"},
	{"remote:s3", "verify", CONFIG_BOOL, "hash what is downloaded again; default: false"},
	{"remote:gs", "projectname", CONFIG_STR,
		"project of Google Cloud; default: that of the login"},
	{"remote:gs", "credentialpath", CONFIG_STR,
		"key file of a service account; default: the login of gcloud", PATH},
	{"remote:gs", "endpointurl", CONFIG_STR, "address of another service; default: Google's"},
	{"remote:gs", "verify", CONFIG_BOOL, "hash what is downloaded again; default: false"},
	{"remote:gs", "allow_anonymous_login", CONFIG_BOOL, "sign no requests; default: false"},
	{"remote:ssh", "type", CONFIG_LINK_TYPES, OLD},
	{"remote:ssh", "port", CONFIG_INTEGER, "port; default: that of ~/.ssh/config, or 22"},
	{"remote:ssh", "user", CONFIG_STR,
		"user; default: that of the URL, ~/.ssh/config or the system"},
	{"remote:ssh", "password", CONFIG_STR, "password; default: none"},
	{"remote:ssh", "ask_password", CONFIG_BOOL, "ask for the password; default: false"},
	{"remote:ssh", "passphrase", CONFIG_STR, "passphrase of the private key; default: none"},
	{"remote:ssh", "ask_passphrase", CONFIG_BOOL, "ask for the passphrase; default: false"},
	{"remote:ssh", "keyfile", CONFIG_STR, "private key; default: those of ~/.ssh", PATH},
	{"remote:ssh", "timeout", CONFIG_INTEGER,
		"seconds to wait for a connection; default: that of ssh"},
	{"remote:ssh", "gss_auth", CONFIG_BOOL,
		"authenticate by GSS-API (Kerberos); default: false"},
	{"remote:ssh", "allow_agent", CONFIG_BOOL, OLD},
	{"remote:ssh", "max_sessions", CONFIG_INTEGER, "channels over one connection; default: 10"},
	{"remote:ssh", "verify", CONFIG_BOOL, "hash what is downloaded again; default: false"},
	{"remote:hdfs", "user", CONFIG_STR, "user; default: that of the system"},
	{"remote:hdfs", "kerb_ticket", CONFIG_STR, "ticket cache of Kerberos; default: none"},
	{"remote:hdfs", "replication", CONFIG_NO_TEXT,
		"copies of each block; no default, DVC refuses any value", "int"},
	{"remote:webhdfs", "kerberos", CONFIG_BOOL, "authenticate by Kerberos; default: false"},
	{"remote:webhdfs", "kerberos_principal", CONFIG_STR,
		"principal to authenticate; default: the current one"},
	{"remote:webhdfs", "proxy_to", CONFIG_STR, "user to act for; default: none"},
	{"remote:webhdfs", "ssl_verify", CONFIG_BOOL_OR_STR,
		"check certificates: true, false, or a file of them; default: true"},
	{"remote:webhdfs", "token", CONFIG_STR, "delegation token; default: none"},
	{"remote:webhdfs", "use_https", CONFIG_BOOL, "speak HTTPS; default: false"},
	{"remote:webhdfs", "user", CONFIG_STR, "user; default: that of the URL or the system"},
	{"remote:webhdfs", "password", CONFIG_STR,
		"password for basic authentication; default: none"},
	{"remote:webhdfs", "data_proxy_target", CONFIG_STR,
		"address that data nodes are reached by; default: none"},
	{"remote:webhdfs", "verify", CONFIG_BOOL, "hash what is downloaded again; default: false"},
	{"remote:azure", "connection_string", CONFIG_STR,
		"connection string of the account; default: none"},
	{"remote:azure", "sas_token", CONFIG_STR, "shared access signature; default: none"},
	{"remote:azure", "account_name", CONFIG_STR,
		"storage account; needed without a connection string"},
	{"remote:azure", "account_key", CONFIG_STR, "key of the account; default: none"},
	{"remote:azure", "tenant_id", CONFIG_STR, "tenant of a service principal; default: none"},
	{"remote:azure", "client_id", CONFIG_STR, "id of a service principal; default: none"},
	{"remote:azure", "client_secret", CONFIG_STR,
		"secret of a service principal; default: none"},
	{"remote:azure", "allow_anonymous_login", CONFIG_BOOL, "sign no requests; default: false"},
	{"remote:azure", "exclude_environment_credential", CONFIG_BOOL,
		"do not look into the environment; default: false"},
	{"remote:azure", "exclude_visual_studio_code_credential", CONFIG_BOOL,
		"do not look at Visual Studio Code; default: false", DVC_ONLY},
	{"remote:azure", "exclude_shared_token_cache_credential", CONFIG_BOOL,
		"do not look into the shared token cache; default: false", DVC_ONLY},
	{"remote:azure", "exclude_managed_identity_credential", CONFIG_BOOL,
		"do not ask for a managed identity; default: false"},
	{"remote:azure", "verify", CONFIG_BOOL, "hash what is downloaded again; default: false"},
	{"remote:azure", "timeout", CONFIG_INTEGER,
		"seconds that a request may take at the server; default: none"},
	{"remote:azure", "read_timeout", CONFIG_INTEGER,
		"seconds to wait for an answer; default: none"},
	{"remote:azure", "connection_timeout", CONFIG_INTEGER,
		"seconds to wait for a connection; default: none"},
	{"remote:oss", "oss_key_id", CONFIG_STR, "access key; default: OSS_ACCESS_KEY_ID"},
	{"remote:oss", "oss_key_secret", CONFIG_STR, "secret key; default: OSS_ACCESS_KEY_SECRET"},
	{"remote:oss", "oss_endpoint", CONFIG_STR, "address of the service; default: OSS_ENDPOINT"},
	{"remote:oss", "verify", CONFIG_BOOL, "hash what is downloaded again; default: true"},
	{"remote:gdrive", "profile", CONFIG_STR,
		"name under which the login is kept; default: default"},
	{"remote:gdrive", "gdrive_use_service_account", CONFIG_BOOL,
		"log in as a service account; default: false"},
	{"remote:gdrive", "gdrive_client_id", CONFIG_STR, "id of the OAuth client; default: DVC's"},
	{"remote:gdrive", "gdrive_client_secret", CONFIG_STR,
		"secret of the OAuth client; default: DVC's"},
	{"remote:gdrive", "gdrive_user_credentials_file", CONFIG_STR,
		"file that keeps the login; default: in the user's cache", PATH},
	{"remote:gdrive", "gdrive_service_account_user_email", CONFIG_STR,
		"user that the service account acts for; default: none"},
	{"remote:gdrive", "gdrive_service_account_json_file_path", CONFIG_STR,
		"key file of the service account; default: none", PATH},
	{"remote:gdrive", "gdrive_trash_only", CONFIG_BOOL,
		"delete into the trash; default: false"},
	{"remote:gdrive", "gdrive_acknowledge_abuse", CONFIG_BOOL,
		"download files that are flagged as abuse; default: false"},
	{"remote:gdrive", "verify", CONFIG_BOOL, "hash what is downloaded again; default: true"},
	{"remote:http", "auth", CONFIG_CHOICE, "basic, digest or custom; default: none",
		"basic, digest, custom"},
	{"remote:http", "custom_auth_header", CONFIG_STR,
		"header that custom authentication sends; default: none"},
	{"remote:http", "user", CONFIG_STR, "user; default: none"},
	{"remote:http", "password", CONFIG_STR,
		"password, or what the header holds; default: none"},
	{"remote:http", "ask_password", CONFIG_BOOL, "ask for the password; default: false"},
	{"remote:http", "ssl_verify", CONFIG_BOOL_OR_STR,
		"check certificates: true, false, or a file of them; default: true"},
	{"remote:http", "method", CONFIG_STR, "method of uploads; default: POST"},
	{"remote:http", "connect_timeout", CONFIG_SECONDS,
		"seconds to wait for a connection; default: 60"},
	{"remote:http", "read_timeout", CONFIG_SECONDS,
		"seconds to wait for an answer; default: 60"},
	{"remote:http", "verify", CONFIG_BOOL, "hash what is downloaded again; default: false"},
	{"remote:webdav", "user", CONFIG_STR, "user; default: none"},
	{"remote:webdav", "password", CONFIG_STR, "password; default: none"},
	{"remote:webdav", "ask_password", CONFIG_BOOL, "ask for the password; default: false"},
	{"remote:webdav", "token", CONFIG_STR, "bearer token; default: none"},
	{"remote:webdav", "bearer_token_command", CONFIG_STR,
		"command that prints a bearer token; default: none"},
	{"remote:webdav", "custom_auth_header", CONFIG_STR,
		"header that holds the password instead; default: none"},
	{"remote:webdav", "cert_path", CONFIG_STR, "client certificate; default: none", PATH},
	{"remote:webdav", "key_path", CONFIG_STR, "private key of the certificate; default: none",
		PATH},
	{"remote:webdav", "timeout", CONFIG_INTEGER, "seconds to wait for an answer; default: 30"},
	{"remote:webdav", "ssl_verify", CONFIG_BOOL_OR_STR,
		"check certificates: true, false, or a file of them; default: true"},
	{"remote:webdav", "verify", CONFIG_BOOL, "hash what is downloaded again; default: false"},
	{NULL},
};

bool config_key_is_secret(const char *name)
{
	static const char *const secrets[] = {"secret_access_key", "session_token",
		"sse_customer_key", "password", "passphrase", "token", "connection_string",
		"sas_token", "account_key", "client_secret", "oss_key_secret",
		"gdrive_client_secret"};
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		if (str_eq(secrets[i], name))
			return true;
	}
	return false;
}

static const char *const sections[] = {"core", "cache", "remote", "state", "index", "machine",
	"feature", "plots", "exp", "parsing", "hydra", "studio", "db"};

bool config_key_is_path(const char *section, const char *key)
{
	for (const struct config_key *k = config_keys; k->section; k++)
		if (k->is_path && strcmp(k->name, key) == 0 &&
			strncmp(k->section, section, strcspn(k->section, ":")) == 0)
			return true;
	return false;
}

/* Report a problem with its place in the data, as voluptuous prints it. */
static int invalid(struct err *err, const char *what, const char *a, const char *b, const char *c)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	buf_addf(&path, "['%s']", a);
	if (b)
		buf_addf(&path, "['%s']", b);
	if (c)
		buf_addf(&path, "['%s']", c);
	return err_set(err, ERR_CONFIG, "%s @ data%s", what, buf_str(&path));
}

static bool is_bool(const char *s)
{
	AUTO(mem_freep) char *low = str_lower(s);
	return strcmp(low, "true") == 0 || strcmp(low, "false") == 0;
}

/* What is wrong with a value, or NULL. The text is static or in `note`. */
static const char *value_problem(
	const struct config_key *k, const struct value *v, struct buf *note)
{
	const char *s = value_str(v);
	int64_t number;
	char *end;

	if (k->type == CONFIG_LINK_TYPES) {
		AUTO(strlist_release) struct strlist words = STRLIST_INIT;
		if (s)
			strlist_split(&words, s, ',');
		for (size_t i = 0; !s && i < value_count(v); i++) {
			const char *word = value_str(v->list.items[i].value);
			strlist_add(&words, word ? word : "");
		}
		for (size_t i = 0; i < words.count; i++) {
			AUTO(mem_freep) char *w = str_strip(words.items[i]);
			if (strcmp(w, "reflink") != 0 && strcmp(w, "hardlink") != 0 &&
				strcmp(w, "symlink") != 0 && strcmp(w, "copy") != 0)
				buf_addf(note, "%s%s",
					note->len ? ", " : "Unsupported cache type(s): ", w);
		}
		return note->len ? note->ptr : NULL;
	}

	/* every other type is text in a file */
	if (!s)
		return "expected str";

	switch (k->type) {
	case CONFIG_BOOL:
		return is_bool(s) ? NULL : "expected true or false";
	case CONFIG_POSITIVE:
	case CONFIG_INTEGER:
	case CONFIG_PERCENT:
		if (!str_to_i64(s, &number))
			return "expected int";
		if (k->type == CONFIG_POSITIVE && number < 1)
			return "value must be at least 1";
		if (k->type == CONFIG_PERCENT && (number < 0 || number > 100))
			return number < 0 ? "value must be at least 0"
					  : "value must be at most 100";
		return NULL;
	case CONFIG_NO_TEXT:
		buf_addf(note, "expected %s", k->choices);
		return note->ptr;
	case CONFIG_FLOAT:
		(void)strtod(s, &end);
		return *end || !*s ? "expected float" : NULL;
	case CONFIG_SECONDS:
		number = strtod(s, &end) >= 0;
		return *end || !*s ? "expected float" : number ? NULL : "value must be at least 0";
	case CONFIG_CHOICE: {
		AUTO(mem_freep) char *low = str_lower(s);
		AUTO(strlist_release) struct strlist words = STRLIST_INIT;
		strlist_split(&words, k->choices, ',');
		for (size_t i = 0; i < words.count; i++)
			if (strcmp(words.items[i] + (words.items[i][0] == ' '), low) == 0)
				return NULL;
		buf_addf(note, "expected one of %s", k->choices);
		return note->ptr;
	}
	default:
		return NULL;
	}
}

/* Find a key in one of two sections of the table. */
static const struct config_key *find_key(
	const char *section, const char *alternative, const char *name)
{
	for (const struct config_key *k = config_keys; k->section; k++)
		if (strcmp(k->name, name) == 0 &&
			(strcmp(k->section, section) == 0 ||
				(alternative && strcmp(k->section, alternative) == 0)))
			return k;
	return NULL;
}

/* Check the keys of a map. `a` and `b` (or NULL) are the path of the map for messages. */
static int validate_map(const struct value *map, const char *section, const char *alternative,
	const char *a, const char *b, struct err *err)
{
	for (size_t i = 0; i < value_count(map); i++) {
		const struct value_item *it = &map->list.items[i];
		const struct config_key *k = find_key(section, alternative, it->key);
		if (!k)
			return b ? invalid(err, "extra keys not allowed", a, b, it->key)
				 : invalid(err, "extra keys not allowed", a, it->key, NULL);

		AUTO(buf_release) struct buf note = BUF_INIT;
		const char *problem = value_problem(k, it->value, &note);

		if (problem) {
			AUTO(mem_freep) char *what = mem_printf("%s for dictionary value", problem);
			return b ? invalid(err, what, a, b, it->key)
				 : invalid(err, what, a, it->key, NULL);
		}
	}
	return 0;
}

/* The length of the scheme of a URL that has a host; 0 for paths. */
static size_t scheme_length(const char *url)
{
	const char *colon = strstr(url, "://");
	return colon && colon[3] && colon[3] != '/' ? (size_t)(colon - url) : 0;
}

char *config_remote_section(const char *url)
{
	size_t n = url ? scheme_length(url) : 0;
	AUTO(mem_freep) char *scheme = mem_strndup(url ? url : "", n);
	/* https and webdavs have the keys of http and webdav */
	if (strcmp(scheme, "https") == 0 || strcmp(scheme, "webdavs") == 0)
		scheme[n - 1] = '\0';

	return mem_printf("remote:%s", scheme);
}

static int validate_remote(const char *name, const struct value *remote, struct err *err)
{
	const char *url = value_get_str(remote, "url");
	if (!url)
		return invalid(err, "expected 'url' for dictionary value", "remote", name, NULL);

	AUTO(mem_freep) char *section = config_remote_section(url);
	if (strcmp(section, "remote:remote") == 0)
		return 0; /* it has the keys of the remote to which it refers, so any */

	bool known = false;
	for (const struct config_key *k = config_keys; k->section && !known; k++)
		known = strcmp(k->section, section) == 0;

	if (!known) {
		AUTO(mem_freep) char *what = mem_printf(
			"Unsupported URL type %.*s:// for dictionary value",
			(int)scheme_length(url), url);
		return invalid(err, what, "remote", name, NULL);
	}

	return validate_map(remote, "remote:*", section, "remote", name, err);
}

static bool is_named(const char *section)
{
	return strcmp(section, "remote") == 0 || strcmp(section, "machine") == 0 ||
	       strcmp(section, "db") == 0;
}

/* Sections with names, such as 'remote "x"'. Each named section is validated separately. */
static int validate_named(const struct value_item *section, struct err *err)
{
	AUTO(mem_freep) char *keys = mem_printf("%s:", section->key);
	int r = 0;
	for (size_t i = 0; r >= 0 && i < value_count(section->value); i++) {
		const struct value_item *n = &section->value->list.items[i];
		if (!value_is(n->value, VALUE_MAP))
			return invalid(err, "expected a dictionary for dictionary value",
				section->key, n->key, NULL);
		r = strcmp(section->key, "remote") == 0
			    ? validate_remote(n->key, n->value, err)
			    : validate_map(n->value, keys, NULL, section->key, n->key, err);
	}
	return r;
}

/* Unknown features are only warned about, see config_unknown_features(). */
static int validate_features(const struct value *features, struct err *err)
{
	int r = 0;
	for (size_t i = 0; r >= 0 && i < value_count(features); i++) {
		const struct value_item *it = &features->list.items[i];
		const struct config_key *k = find_key("feature", NULL, it->key);
		AUTO(buf_release) struct buf note = BUF_INIT;
		const char *problem = k ? value_problem(k, it->value, &note) : NULL;

		if (!problem)
			continue;

		AUTO(mem_freep) char *what = mem_printf("%s for dictionary value", problem);
		r = invalid(err, what, "feature", it->key, NULL);
	}
	return r;
}

/* Unknown keys of other sections are errors; those of [feature] are only reported. */
char *config_unknown_features(const struct value *merged)
{
	const struct value *features = value_get(merged, "feature");
	AUTO(strlist_release) struct strlist unknown = STRLIST_INIT;
	for (size_t i = 0; i < value_count(features); i++) {
		const char *key = features->list.items[i].key;
		if (!find_key("feature", NULL, key))
			strlist_addf(&unknown, "'feature.%s'", key);
	}

	if (!unknown.count)
		return NULL;

	strlist_sort(&unknown);
	AUTO(mem_freep) char *names = strlist_join(&unknown, ", ");
	return mem_printf(
		"%s config option%s unsupported", names, unknown.count == 1 ? " is" : "s are");
}

int config_validate(const struct value *merged, struct err *err)
{
	for (size_t i = 0; i < value_count(merged); i++) {
		const struct value_item *s = &merged->list.items[i];
		bool known = false;
		for (size_t k = 0; k < ARRAY_SIZE(sections) && !known; k++)
			known = strcmp(sections[k], s->key) == 0;

		/* the words are those of voluptuous, DVC's library for schemas */
		if (!known)
			return invalid(err, "extra keys not allowed", s->key, NULL, NULL);

		if (!value_is(s->value, VALUE_MAP))
			return invalid(err, "expected a dictionary for dictionary value", s->key,
				NULL, NULL);

		int r = 0;
		if (is_named(s->key))
			r = validate_named(s, err);
		else if (strcmp(s->key, "feature") == 0)
			r = validate_features(s->value, err);
		else
			r = validate_map(s->value, s->key, NULL, s->key, NULL, err);
		if (r < 0)
			return r;
	}

	/* the one rule that concerns two keys */
	const struct value *hydra = value_get(merged, "hydra");
	if (value_get(hydra, "config_dir") && value_get(hydra, "config_module"))
		return invalid(err,
			"two or more values in the same group of exclusion 'config_source'",
			"hydra", "<config_source>", NULL);
	return 0;
}
