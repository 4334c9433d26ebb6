#include "store/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/meter.h"
#include "base/path.h"
#include "base/pool.h"
#include "base/spread.h"
#include "base/vec.h"
#include "store/cache_int.h"
#include "store/bytes.h"
#include "store/link.h"

void copy_source_release(struct copy_source *s)
{
	close_fd(&s->fd);
	buf_release(&s->bytes);
	*s = COPY_SOURCE_INIT;
}

/* ---- one file */

/* Write a file whose content is in memory. */
static int write_bytes(
	const struct ctx *ctx, int to, const char *bytes, size_t len, struct err *err)
{
	meter_size(ctx, METER_COPY, len);
	meter_bytes(ctx, METER_COPY, len);
	return file_write_all(to, bytes, len) == 0 ? 0 : err_errno(err, "unable to write");
}

/* Copy the content of `from` to `to`. The first read decides: a short one from a regular file is
 * the whole file, else the kernel copies it. */
static int copy_content(
	const struct ctx *ctx, const struct copy_source *from, int to, struct err *err)
{
	char block[64 << 10];
	struct stat st;
	bool cloned;
	ssize_t n;

	if (from->fd < 0)
		return write_bytes(ctx, to, from->bytes.ptr, from->bytes.len, err);
	while ((n = read(from->fd, block, sizeof(block))) < 0 && errno == EINTR)
		;

	if (n < 0)
		return err_errno(err, "unable to read");
	if ((size_t)n < sizeof(block)) /* a regular file gives less only at its end */
		return write_bytes(ctx, to, block, (size_t)n, err);

	if (fstat(from->fd, &st) < 0 || lseek(from->fd, 0, SEEK_SET) < 0)
		return err_errno(err, "unable to read");
	meter_size(ctx, METER_COPY, (uint64_t)st.st_size);
	return copy_bytes(ctx, METER_COPY, from->fd, to, (uint64_t)st.st_size, &cloned, err);
}

/* Files of one directory, adjacent in the sorted list; one thread writes them. */
struct run {
	size_t first, last;
};

struct work {
	const struct copies *c;
	VEC(struct run) runs;
};

static char *full_path(const struct copies *c, size_t i)
{
	const char *name = c->name(c->arg, i);
	return *name ? path_join(c->dest, name) : mem_strdup(c->dest);
}

/* Write the i-th file as `name` in the open directory; `path` is its full path for messages. */
static int write_at(const struct copies *c, size_t i, int dir_fd, const char *name,
	const char *path, struct err *err)
{
	static atomic_uint counter;
	AUTO(copy_source_release) struct copy_source from = COPY_SOURCE_INIT;
	char tmp[64];

	int r = c->open(c->arg, i, &from, err);
	if (r < 0)
		return r;

	if (!c->fresh)
		snprintf(tmp, sizeof(tmp), ".%d-%u.cairn-tmp", (int)getpid(),
			atomic_fetch_add(&counter, 1));
	const char *made = c->fresh ? name : tmp;
	AUTO(close_fd) int to = openat(dir_fd, made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (to < 0)
		return err_errno(err, "unable to create '%s'", path);

	/* (the error path below removes the temporary) */
	r = copy_content(c->ctx, &from, to, err);
	if (r < 0)
		r = err_wrap(err, r, "unable to create '%s'", path);
	else if (!c->fresh && renameat(dir_fd, tmp, dir_fd, name) < 0)
		r = err_errno(err, "unable to create '%s'", path);
	if (r < 0)
		(void)unlinkat(dir_fd, made, 0);
	return r;
}

/* Write the files of one directory relative to its descriptor, which saves the lookup of the path
 * for each file. */
static int write_run(const struct copies *c, const struct run *run, struct err *err)
{
	AUTO(mem_freep) char *first = full_path(c, run->first), *dir = path_dirname(first);
	AUTO(close_fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? err_errno(err, "unable to open '%s'", dir) : 0;
	for (size_t i = run->first; i < run->last && r >= 0; i++) {
		AUTO(mem_freep) char *path = full_path(c, i);
		r = write_at(c, i, fd, path_basename(path), path, err);
		meter_files(c->ctx, METER_COPY, 1);
	}
	return r;
}

static int write_runs(void *ctx, size_t first, size_t last, struct err *err)
{
	const struct work *w = ctx;
	int r = 0;
	for (size_t i = first; i < last && r >= 0; i++)
		r = write_run(w->c, &w->runs.items[i], err);
	return r;
}

/* ---- directories */

/* The length of the directory part of a relative path. */
static size_t dir_len(const char *name)
{
	const char *slash = strrchr(name, '/');
	return slash ? (size_t)(slash - name) : 0;
}

/* As in checkout.c: a directory for many files is placed away from its parent on the disk. */
static int make_dir(
	struct spread *spread, const struct copies *c, const struct run *run, struct err *err)
{
	enum { MANY_FILES = 32 };
	AUTO(mem_freep) char *first = full_path(c, run->first), *dir = path_dirname(first);
	if (run->last - run->first < MANY_FILES || file_exists(dir))
		return file_mkdirs(dir, err);
	int r = file_mkdirs_for(dir, err);
	if (r < 0)
		return r;
	return spread_mkdir(spread, dir) == 0 || errno == EEXIST
		       ? 0
		       : err_errno(err, "unable to create directory '%s'", dir);
}

/* Group the sorted names by directory. */
static void find_runs(struct work *w, size_t count)
{
	const struct copies *c = w->c;
	for (size_t i = 0, end; i < count; i = end) {
		AUTO(mem_freep) char *name = mem_strdup(c->name(c->arg, i));
		size_t len = dir_len(name);
		for (end = i + 1; end < count; end++) {
			const char *other = c->name(c->arg, end);
			if (dir_len(other) != len || memcmp(other, name, len) != 0)
				break;
		}
		*vec_push(&w->runs) = (struct run){i, end};
	}
}

int copies_write(const struct copies *c, size_t count, struct err *err)
{
	enum { MANY_FILES = 1000 };
	struct work w = {.c = c};
	struct spread spread = {0};
	int r = 0;

	meter_begin(c->ctx, METER_COPY, "copying", count, 0);
	find_runs(&w, count);
	if (count > MANY_FILES && file_is_dir(c->dest))
		spread_begin(&spread, c->dest);

	/* all directories before any file, by this thread: the spread flags of the parent are
	 * restored afterwards */
	for (size_t i = 0; i < w.runs.count && r >= 0; i++)
		r = make_dir(&spread, c, &w.runs.items[i], err);
	spread_end(&spread);

	if (r >= 0)
		r = pool_run(c->ctx, w.runs.count, 1, c->threads, write_runs, &w, err);
	meter_end(c->ctx, METER_COPY);
	vec_release(&w.runs);
	return r;
}

/* ---- all or nothing */

int staging_begin(struct staging *s, const char *dest, struct err *err)
{
	struct stat st;
	struct spread spread = {0};

	if (lstat(dest, &st) == 0) {
		s->path = mem_strdup(dest);
		return 0;
	}

	int r = file_mkdirs_for(dest, err);
	if (r < 0)
		return r;
	AUTO(mem_freep) char *parent = path_dirname(dest);
	AUTO(mem_freep) char *path = mem_printf("%s/.%d.get.cairn-tmp", parent, (int)getpid());
	(void)file_remove(path, NULL); /* left by a killed process with the same id */

	/* noted before the directory is made, so that an interrupt in between removes it, too */
	s->note = cleanup_note_dir(path);

	spread_begin(&spread, parent);
	r = spread_mkdir(&spread, path) == 0
		    ? 0
		    : err_errno(err, "unable to create directory '%s'", path);
	spread_end(&spread);

	if (r < 0)
		return r;
	s->path = TAKE(path);
	s->dest = mem_strdup(dest);
	return 0;
}

int staging_finish(struct staging *s, struct err *err)
{
	if (!s->dest)
		return 0;

	int r = file_rename(s->path, s->dest, err);
	if (r < 0)
		return r;

	/* it has its final name now, so an interrupt must not remove it */
	cleanup_forget(s->note);
	s->note = 0;
	free(s->dest);
	s->dest = NULL;
	return 0;
}

void staging_release(struct staging *s)
{
	if (s->dest)
		/* best effort; directory walks pass over such names */
		(void)file_remove(s->path, NULL);
	cleanup_forget(s->note);
	free(s->path);
	free(s->dest);
	*s = STAGING_INIT;
}
