/* The list of drivers, and what all of them share. */
#include "fs/fs.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"

/* The drivers of this build. */
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

int fs_open_with(struct fs **out, const struct fs_driver *driver, const struct ctx *ctx,
	const char *url, const struct value *options, struct err *err)
{
	struct fs *fs = NEW(struct fs);
	fs->ctx = ctx;
	fs->driver = driver;
	fs->url = mem_strdup(url);
	fs->options = options;

	/* failed: the driver has released what it opened */
	int r = driver->open(fs, err);
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

bool fs_can(const struct fs *fs, enum fs_capabilities what)
{
	return (fs->driver->capabilities & (unsigned)what) != 0;
}

void fs_stat_release(struct fs_stat *s)
{
	free(s->etag);
	free(s->version);
	*s = (struct fs_stat){0};
}

void fs_page_release(struct fs_page *p)
{
	vec_release(&p->entries);
	arena_release(&p->arena);
	*p = (struct fs_page){0};
}

ssize_t fs_source_read(
	const struct fs_source *s, uint64_t at, void *out, size_t count, struct err *err)
{
	if (at >= s->size_bytes)
		return 0;
	count = (size_t)MIN((uint64_t)count, s->size_bytes - at);
	if (s->fd < 0) {
		memcpy(out, (const char *)s->bytes + s->offset + at, count);
		return (ssize_t)count;
	}
	size_t done = 0;
	while (done < count) {
		ssize_t n = pread(
			s->fd, (char *)out + done, count - done, (off_t)(s->offset + at + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "unable to read the file that is sent");
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}
