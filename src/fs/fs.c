#include "fs/fs.h"

#include "base/alloc.h"
#include "base/str.h"

/* The drivers of this build. A driver for a cloud is one more entry here. */
static const struct fs_driver *const drivers[] = {&fs_local};

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

int fs_open(struct fs **out, const struct ctx *ctx, const char *url, struct err *err)
{
	const struct fs_driver *driver = fs_driver_for(url);
	if (!driver) {
		AUTO(mem_freep) char *scheme = scheme_of(url);
		return err_set(err, ERR_UNSUPPORTED,
			"remotes of type '%s' are not supported by this build ('%s')", scheme, url);
	}

	struct fs *fs = NEW(struct fs);
	fs->ctx = ctx;
	fs->driver = driver;
	fs->url = mem_strdup(url);

	/* failed: the driver has released what it opened */
	int r = driver->open(fs, url, err);
	if (r < 0) {
		free(fs->url);
		free(fs);
		return r;
	}

	*out = fs;
	return 0;
}

void fs_close(struct fs *fs)
{
	if (!fs)
		return;
	fs->driver->close(fs);
	free(fs->url);
	free(fs);
}
