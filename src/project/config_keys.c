/* The checks imitate voluptuous: the first problem in the order of the file is reported, with its
 * path in the data. */
#include "project/config_keys.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/strlist.h"

#define OLD  .deprecated = true
#define PATH .is_path = true

const struct config_key config_keys[] = {
	{"core", "remote", CONFIG_LOWER},
	{"core", "checksum_jobs", CONFIG_POSITIVE},
	{"core", "interactive", CONFIG_BOOL},
	{"core", "analytics", CONFIG_BOOL},
	{"core", "hardlink_lock", CONFIG_BOOL},
	{"core", "no_scm", CONFIG_BOOL},
	{"core", "autostage", CONFIG_BOOL},
	{"core", "experiments", CONFIG_BOOL, OLD},
	{"core", "check_update", CONFIG_BOOL},
	{"core", "site_cache_dir", CONFIG_STR},
	{"core", "machine", CONFIG_LOWER},
	{"cache", "local", CONFIG_STR, OLD},
	{"cache", "s3", CONFIG_STR, OLD},
	{"cache", "gs", CONFIG_STR, OLD},
	{"cache", "hdfs", CONFIG_STR, OLD},
	{"cache", "webhdfs", CONFIG_STR, OLD},
	{"cache", "ssh", CONFIG_STR, OLD},
	{"cache", "azure", CONFIG_STR, OLD},
	{"cache", "dir", CONFIG_STR, PATH},
	{"cache", "type", CONFIG_LINK_TYPES},
	{"cache", "protected", CONFIG_BOOL, OLD},
	{"cache", "shared", CONFIG_CHOICE, "group"},
	{"cache", "slow_link_warning", CONFIG_BOOL},
	{"cache", "verify", CONFIG_BOOL},
	{"state", "dir", CONFIG_STR, OLD},
	{"state", "row_limit", CONFIG_POSITIVE, OLD},
	{"state", "row_cleanup_quota", CONFIG_PERCENT, OLD},
	{"index", "dir", CONFIG_STR, OLD},
	{"plots", "html_template", CONFIG_STR},
	{"plots", "auto_open", CONFIG_BOOL},
	{"plots", "out_dir", CONFIG_STR},
	{"exp", "code", CONFIG_STR, OLD},
	{"exp", "data", CONFIG_STR, OLD},
	{"exp", "models", CONFIG_STR, OLD},
	{"exp", "metrics", CONFIG_STR, OLD},
	{"exp", "params", CONFIG_STR, OLD},
	{"exp", "plots", CONFIG_STR, OLD},
	{"exp", "live", CONFIG_STR, OLD},
	{"exp", "auto_push", CONFIG_BOOL},
	{"exp", "git_remote", CONFIG_STR},
	{"parsing", "bool", CONFIG_CHOICE, "store_true, boolean_optional"},
	{"parsing", "list", CONFIG_CHOICE, "nargs, append"},
	{"hydra", "enabled", CONFIG_BOOL},
	{"hydra", "config_dir", CONFIG_STR},
	{"hydra", "config_module", CONFIG_STR},
	{"hydra", "config_name", CONFIG_STR},
	{"hydra", "plugins_path", CONFIG_STR},
	{"studio", "token", CONFIG_STR},
	{"studio", "url", CONFIG_STR},
	{"studio", "repo_url", CONFIG_STR},
	{"studio", "offline", CONFIG_BOOL},
	{"machine:", "cloud", CONFIG_CHOICE, "aws, azure"},
	{"machine:", "region", CONFIG_CHOICE, "us-west, us-east, eu-west, eu-north"},
	{"machine:", "image", CONFIG_STR},
	{"machine:", "spot", CONFIG_BOOL},
	{"machine:", "spot_price", CONFIG_FLOAT},
	{"machine:", "instance_hdd_size", CONFIG_INTEGER},
	{"machine:", "instance_type", CONFIG_LOWER},
	{"machine:", "instance_gpu", CONFIG_LOWER},
	{"machine:", "ssh_private", CONFIG_STR},
	{"machine:", "startup_script", CONFIG_STR, PATH},
	{"machine:", "setup_script", CONFIG_STR, PATH},
	{"feature", "machine", CONFIG_BOOL},
	{"db:", "url", CONFIG_STR},
	{"db:", "username", CONFIG_STR},
	{"db:", "password", CONFIG_STR},
	/* all remotes */
	{"remote:*", "url", CONFIG_STR, PATH},
	{"remote:*", "checksum_jobs", CONFIG_POSITIVE},
	{"remote:*", "jobs", CONFIG_POSITIVE},
	{"remote:*", "worktree", CONFIG_BOOL},
	{"remote:*", "no_traverse", CONFIG_BOOL, OLD},
	{"remote:*", "version_aware", CONFIG_BOOL},
	/* remotes in a local directory */
	{"remote:", "type", CONFIG_LINK_TYPES},
	{"remote:", "protected", CONFIG_BOOL, OLD},
	{"remote:", "shared", CONFIG_CHOICE, "group"},
	{"remote:", "slow_link_warning", CONFIG_BOOL},
	{"remote:", "verify", CONFIG_BOOL},
	{"remote:s3", "region", CONFIG_STR},
	{"remote:s3", "profile", CONFIG_STR},
	{"remote:s3", "credentialpath", CONFIG_STR, PATH},
	{"remote:s3", "configpath", CONFIG_STR, PATH},
	{"remote:s3", "endpointurl", CONFIG_STR},
	{"remote:s3", "access_key_id", CONFIG_STR},
	{"remote:s3", "secret_access_key", CONFIG_STR},
	{"remote:s3", "session_token", CONFIG_STR},
	{"remote:s3", "listobjects", CONFIG_BOOL, OLD},
	{"remote:s3", "use_ssl", CONFIG_BOOL},
	{"remote:s3", "allow_anonymous_login", CONFIG_BOOL},
	{"remote:s3", "ssl_verify", CONFIG_BOOL_OR_STR},
	{"remote:s3", "sse", CONFIG_STR},
	{"remote:s3", "sse_kms_key_id", CONFIG_STR},
	{"remote:s3", "sse_customer_algorithm", CONFIG_STR},
	{"remote:s3", "sse_customer_key", CONFIG_STR},
	{"remote:s3", "acl", CONFIG_STR},
	{"remote:s3", "grant_read", CONFIG_STR},
	{"remote:s3", "grant_read_acp", CONFIG_STR},
	{"remote:s3", "grant_write_acp", CONFIG_STR},
	{"remote:s3", "grant_full_control", CONFIG_STR},
	{"remote:s3", "cache_regions", CONFIG_NO_TEXT, "bool"},
	{"remote:s3", "read_timeout", CONFIG_INTEGER},
	{"remote:s3", "connect_timeout", CONFIG_INTEGER},
	{"remote:s3", "verify", CONFIG_BOOL},
	{"remote:gs", "projectname", CONFIG_STR},
	{"remote:gs", "credentialpath", CONFIG_STR, PATH},
	{"remote:gs", "endpointurl", CONFIG_STR},
	{"remote:gs", "verify", CONFIG_BOOL},
	{"remote:gs", "allow_anonymous_login", CONFIG_BOOL},
	{"remote:ssh", "type", CONFIG_LINK_TYPES},
	{"remote:ssh", "port", CONFIG_INTEGER},
	{"remote:ssh", "user", CONFIG_STR},
	{"remote:ssh", "password", CONFIG_STR},
	{"remote:ssh", "ask_password", CONFIG_BOOL},
	{"remote:ssh", "passphrase", CONFIG_STR},
	{"remote:ssh", "ask_passphrase", CONFIG_BOOL},
	{"remote:ssh", "keyfile", CONFIG_STR, PATH},
	{"remote:ssh", "timeout", CONFIG_INTEGER},
	{"remote:ssh", "gss_auth", CONFIG_BOOL},
	{"remote:ssh", "allow_agent", CONFIG_BOOL},
	{"remote:ssh", "max_sessions", CONFIG_INTEGER},
	{"remote:ssh", "verify", CONFIG_BOOL},
	{"remote:hdfs", "user", CONFIG_STR},
	{"remote:hdfs", "kerb_ticket", CONFIG_STR},
	{"remote:hdfs", "replication", CONFIG_NO_TEXT, "int"},
	{"remote:webhdfs", "kerberos", CONFIG_BOOL},
	{"remote:webhdfs", "kerberos_principal", CONFIG_STR},
	{"remote:webhdfs", "proxy_to", CONFIG_STR},
	{"remote:webhdfs", "ssl_verify", CONFIG_BOOL_OR_STR},
	{"remote:webhdfs", "token", CONFIG_STR},
	{"remote:webhdfs", "use_https", CONFIG_BOOL},
	{"remote:webhdfs", "user", CONFIG_STR},
	{"remote:webhdfs", "password", CONFIG_STR},
	{"remote:webhdfs", "data_proxy_target", CONFIG_STR},
	{"remote:webhdfs", "verify", CONFIG_BOOL},
	{"remote:azure", "connection_string", CONFIG_STR},
	{"remote:azure", "sas_token", CONFIG_STR},
	{"remote:azure", "account_name", CONFIG_STR},
	{"remote:azure", "account_key", CONFIG_STR},
	{"remote:azure", "tenant_id", CONFIG_STR},
	{"remote:azure", "client_id", CONFIG_STR},
	{"remote:azure", "client_secret", CONFIG_STR},
	{"remote:azure", "allow_anonymous_login", CONFIG_BOOL},
	{"remote:azure", "exclude_environment_credential", CONFIG_BOOL},
	{"remote:azure", "exclude_visual_studio_code_credential", CONFIG_BOOL},
	{"remote:azure", "exclude_shared_token_cache_credential", CONFIG_BOOL},
	{"remote:azure", "exclude_managed_identity_credential", CONFIG_BOOL},
	{"remote:azure", "verify", CONFIG_BOOL},
	{"remote:azure", "timeout", CONFIG_INTEGER},
	{"remote:azure", "read_timeout", CONFIG_INTEGER},
	{"remote:azure", "connection_timeout", CONFIG_INTEGER},
	{"remote:oss", "oss_key_id", CONFIG_STR},
	{"remote:oss", "oss_key_secret", CONFIG_STR},
	{"remote:oss", "oss_endpoint", CONFIG_STR},
	{"remote:oss", "verify", CONFIG_BOOL},
	{"remote:gdrive", "profile", CONFIG_STR},
	{"remote:gdrive", "gdrive_use_service_account", CONFIG_BOOL},
	{"remote:gdrive", "gdrive_client_id", CONFIG_STR},
	{"remote:gdrive", "gdrive_client_secret", CONFIG_STR},
	{"remote:gdrive", "gdrive_user_credentials_file", CONFIG_STR, PATH},
	{"remote:gdrive", "gdrive_service_account_user_email", CONFIG_STR},
	{"remote:gdrive", "gdrive_service_account_json_file_path", CONFIG_STR, PATH},
	{"remote:gdrive", "gdrive_trash_only", CONFIG_BOOL},
	{"remote:gdrive", "gdrive_acknowledge_abuse", CONFIG_BOOL},
	{"remote:gdrive", "verify", CONFIG_BOOL},
	{"remote:http", "auth", CONFIG_CHOICE, "basic, digest, custom"},
	{"remote:http", "custom_auth_header", CONFIG_STR},
	{"remote:http", "user", CONFIG_STR},
	{"remote:http", "password", CONFIG_STR},
	{"remote:http", "ask_password", CONFIG_BOOL},
	{"remote:http", "ssl_verify", CONFIG_BOOL_OR_STR},
	{"remote:http", "method", CONFIG_STR},
	{"remote:http", "connect_timeout", CONFIG_SECONDS},
	{"remote:http", "read_timeout", CONFIG_SECONDS},
	{"remote:http", "verify", CONFIG_BOOL},
	{"remote:webdav", "user", CONFIG_STR},
	{"remote:webdav", "password", CONFIG_STR},
	{"remote:webdav", "ask_password", CONFIG_BOOL},
	{"remote:webdav", "token", CONFIG_STR},
	{"remote:webdav", "bearer_token_command", CONFIG_STR},
	{"remote:webdav", "custom_auth_header", CONFIG_STR},
	{"remote:webdav", "cert_path", CONFIG_STR, PATH},
	{"remote:webdav", "key_path", CONFIG_STR, PATH},
	{"remote:webdav", "timeout", CONFIG_INTEGER},
	{"remote:webdav", "ssl_verify", CONFIG_BOOL_OR_STR},
	{"remote:webdav", "verify", CONFIG_BOOL},
	{NULL},
};

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

	const struct value *hydra = value_get(merged, "hydra");
	if (value_get(hydra, "config_dir") && value_get(hydra, "config_module"))
		return invalid(err,
			"two or more values in the same group of exclusion 'config_source'",
			"hydra", "<config_source>", NULL);
	return 0;
}
