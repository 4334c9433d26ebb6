/* The list of drivers. */
#include "base/alloc.h"
#include "base/str.h"
#include "fs/fs.h"

/* The drivers of this build. */
static const struct fs_driver *const drivers[] = {
	&fs_local, &fs_s3, &fs_ssh, &fs_http, &fs_webdav, &fs_azure, &fs_gs};

/* The scheme of a URL ("s3"), or "" for a plain path. Heap string. */
static char *scheme_of(const char *url)
{
	const char *end = strstr(url, "://");
	return end ? mem_strndup(url, (size_t)(end - url)) : mem_strdup("");
}

const struct fs_driver *fs_driver_for(const char *url)
{
	AUTO(mem_freep) char *scheme = scheme_of(url);
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		for (const char *const *s = drivers[i]->schemes; *s; s++) {
			if (str_eq(*s, scheme))
				return drivers[i];
		}
	}
	return NULL;
}

const struct fs_driver *fs_driver_at(size_t i)
{
	return i < ARRAY_SIZE(drivers) ? drivers[i] : NULL;
}

int fs_open(struct fs **out, const struct ctx *ctx, const char *url, const struct value *options,
	struct err *err)
{
	const struct fs_driver *driver = fs_driver_for(url);
	if (driver)
		return fs_open_with(out, driver, ctx, url, options, err);
	AUTO(mem_freep) char *scheme = scheme_of(url);
	return err_set(err, ERR_UNSUPPORTED,
		"remotes of type '%s' are not supported by this build ('%s')", scheme, url);
}
