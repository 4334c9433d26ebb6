/* Finds the account of Azure and how to log in: options, connection strings, the environment and
 * ~/.azure/config. */
#include "fs/azure/settings.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/strlist.h"
#include "fs/s3/profile.h"
#include "text/date.h"
#include "text/url.h"

const char *azure_env(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

void azure_file_release(struct azure_file *f)
{
	arena_release(&f->arena);
	*f = (struct azure_file){0};
}

int azure_file_load(struct azure_file *f, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *dir = azure_env("AZURE_CONFIG_DIR"), *home = getenv("HOME");
	AUTO(mem_freep) char *path = dir ? path_join(dir, "config")
					 : path_join(home ? home : "/", ".azure/config");
	if (!file_exists(path))
		return 0;
	int r = file_read(path, &text, err);
	if (r < 0)
		return r;
	/* both are files of Python's configparser */
	return aws_profile_parse(&f->arena, path, buf_str(&text), text.len, &f->sections, err);
}

const char *azure_storage_setting(const struct azure_file *f, const char *key)
{
	AUTO(buf_release) struct buf name = BUF_INIT;
	buf_adds(&name, "AZURE_STORAGE_");
	for (const char *p = key; *p; p++)
		buf_addc(&name, (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p));
	const char *found = azure_env(name.ptr);
	if (found)
		return found;
	found = value_get_str(value_get(f->sections, "storage"), key);
	return found && *found ? found : NULL;
}

static int malformed(const char *why, struct err *err)
{
	return err_set(err, ERR_CONFIG,
		"Authentication to Azure Blob Storage via connection string failed.: unable to connect to account for %s: %s",
		why, why);
}

int azure_connection_parse(struct arena *a, const char *text, struct value **out, struct err *err)
{
	static const char blank[] = "Connection string is either blank or malformed.";
	AUTO(strlist_release) struct strlist parts = STRLIST_INIT;
	size_t len = strlen(text);
	while (len && text[len - 1] == ';')
		len--;
	AUTO(mem_freep) char *trimmed = mem_strndup(text, len);
	struct value *map = value_map(a);
	strlist_split(&parts, trimmed, ';');
	for (size_t i = 0; i < parts.count; i++) {
		const char *equals = strchr(parts.items[i], '=');
		if (!equals)
			return malformed(blank, err);
		AUTO(mem_freep) char *name = mem_strndup(
			parts.items[i], (size_t)(equals - parts.items[i]));
		AUTO(mem_freep) char *lowered = str_lower(name);
		AUTO(mem_freep) char *stripped = str_strip(lowered);
		value_set(a, map, stripped, value_string(a, equals + 1));
	}
	if (!value_get(map, "accountname") && !value_get(map, "blobendpoint") &&
		!value_get(map, "usedevelopmentstorage"))
		return malformed("Connection string missing required connection details.", err);
	*out = map;
	return 0;
}

bool azure_sas_expiry(const char *sas, int64_t *out_s)
{
	AUTO(strlist_release) struct strlist parameters = STRLIST_INIT;
	strlist_split(&parameters, *sas == '?' ? sas + 1 : sas, '&');
	for (size_t i = 0; i < parameters.count; i++) {
		if (!str_starts(parameters.items[i], "se="))
			continue;
		AUTO(mem_freep) char *date = url_decoded(parameters.items[i] + strlen("se="));
		return date_parse_iso(date, out_s);
	}
	return false;
}
