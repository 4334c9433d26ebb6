/* What all drivers share. */
#include "fs/fs.h"

#include <sys/random.h>

#include "base/alloc.h"
#include "base/path.h"

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

char *fs_temporary(const char *path)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	enum { LETTERS = 22 };
	unsigned char random[LETTERS] = {0};
	char name[LETTERS + 1] = {0};
	/* should it fail: a driver does not write over a file with that name, or writes it anew */
	ssize_t ignored = getrandom(random, sizeof(random), 0);
	(void)ignored;
	for (size_t i = 0; i < LETTERS; i++)
		name[i] = digits[random[i] & 63];
	AUTO(mem_freep) char *dir = path_dirname(path);
	return mem_printf("%s%s.%s.tmp", dir, strchr(path, '/') ? "/" : "", name);
}

int fs_stat_instead(struct fs *fs, const struct fs_get *what, struct fs_stat *out, struct err *err)
{
	int r = fs->driver->stat(fs, what->path, what->version, out, err);
	return r != 0 ? MIN(r, 0) : err_set(err, ERR_NOT_FOUND, "'%s' does not exist", what->path);
}
