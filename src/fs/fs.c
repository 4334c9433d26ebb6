/* What all drivers share. */
#include "fs/fs.h"

#include <errno.h>
#include <unistd.h>

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
