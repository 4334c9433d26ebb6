/* Follows remote:// URLs, and tells local from other URLs. */
#include "data/url.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "fs/fs.h"
#include "project/load.h"

/* `depth` counts the steps from remote to remote, to end circles. */
static int remote_path(
	const struct config *config, const char *url, int depth, char **out, struct err *err)
{
	enum { MOST_STEPS = 16 };
	const char *rest = url + strlen("remote://");
	AUTO(mem_freep) char *name = mem_strndup(rest, strcspn(rest, "/"));
	/* names of sections are not case-sensitive in DVC's configuration */
	AUTO(mem_freep) char *lower = str_lower(name);
	const char *base = config ? value_get_str(config_remote(config, lower), "url") : NULL;
	if (!base || depth == MOST_STEPS)
		return err_kind(err, KIND_REMOTE_NOT_FOUND,
			err_set(err, ERR_CONFIG, "remote '%s' doesn't exist", name));

	rest += strlen(name);
	while (*rest == '/')
		rest++;

	AUTO(mem_freep) char *joined = mem_printf("%s%s%s", base, *rest ? "/" : "", rest);
	if (str_starts(joined, "remote://"))
		return remote_path(config, joined, depth + 1, out, err);

	*out = TAKE(joined);
	return 0;
}

int url_resolve(const struct config *config, const char *url, char **out, struct err *err)
{
	if (str_starts(url, "remote://"))
		return remote_path(config, url, 0, out, err);
	*out = mem_strdup(url);
	return 0;
}

int url_check_scheme(const char *resolved, const char *shown, struct err *err)
{
	static const char *const known[] = {"s3", "gs", "gcs", "azure", "abfs", "abfss", "adl",
		"ssh", "sftp", "http", "https", "webdav", "webdavs", "hdfs", "webhdfs", "oss",
		"gdrive"};
	AUTO(mem_freep) char *scheme = mem_strndup(resolved, strcspn(resolved, ":"));
	if (fs_driver_for(resolved))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (str_eq(known[i], scheme))
			return err_set(err, ERR_UNSUPPORTED,
				"data at '%s' cannot be reached: remotes of type '%s' are not supported by this build",
				shown, scheme);
	return err_set(err, ERR_CONFIG, "Unsupported URL type %s://", scheme);
}

bool url_is_far(const struct config *config, const char *url)
{
	AUTO(mem_freep) char *resolved = NULL;
	return url_resolve(config, url, &resolved, NULL) >= 0 && path_has_scheme(resolved) &&
	       !str_starts(resolved, "file://");
}

struct value *url_options(const struct config *config, const char *url, struct arena *a)
{
	enum { MOST_STEPS = 16 };
	struct value *out = value_map(a);
	for (int i = 0; i < MOST_STEPS && url && str_starts(url, "remote://"); i++) {
		const char *rest = url + strlen("remote://");
		AUTO(mem_freep) char *name = mem_strndup(rest, strcspn(rest, "/"));
		AUTO(mem_freep) char *lower = str_lower(name);
		const struct value *section = config ? config_remote(config, lower) : NULL;
		for (size_t k = 0; k < value_count(section); k++) {
			const struct value_item *it = &section->list.items[k];
			if (!value_get(out, it->key))
				value_set(a, out, it->key, it->value);
		}
		url = value_get_str(section, "url");
	}
	return out;
}

int url_local_path(
	const struct config *config, const char *url, const char *base, char **out, struct err *err)
{
	AUTO(mem_freep) char *resolved = NULL;
	int r = url_resolve(config, url, &resolved, err);
	if (r < 0)
		return r;
	if (str_starts(resolved, "file://")) {
		*out = mem_strdup(resolved + strlen("file://"));
		return 0;
	}

	if (!path_has_scheme(resolved)) {
		*out = path_join(base, resolved);
		return 0;
	}

	r = url_check_scheme(resolved, url, err);
	return r < 0 ? r
		     : err_set(err, ERR_UNSUPPORTED,
			       "data at '%s' is not on this machine, as this command needs it",
			       url);
}

bool url_option_set(const struct value *options, const char *key)
{
	const char *text = value_get_str(options, key);
	return text ? strcasecmp(text, "true") == 0 : value_get_bool(options, key);
}
