/* What all drivers share. */
#include "fs/fs.h"

#include "base/alloc.h"

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
