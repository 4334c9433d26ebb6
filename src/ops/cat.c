/* Finds a tracked file wherever it is, and writes its bytes. */
#include "ops/cat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "data/external_int.h"
#include "data/versions.h"
#include "store/copies.h"
#include "store/remote.h"
#include "transfer/transfer.h"

struct cat {
	struct external *from;
};

int cat_open(struct cat **out, const char *url, const struct external_opts *from, struct err *err)
{
	struct external *e;
	int r = external_open(&e, url, from, err);
	if (r < 0)
		return r;
	*out = NEW(struct cat);
	(*out)->from = e;
	return 0;
}

void cat_close(struct cat *c)
{
	if (c)
		external_free(c->from);
	free(c);
}

void cat_file_release(struct cat_file *f)
{
	external_found_release(&f->found);
	close_fd(&f->fd);
	buf_release(&f->bytes);
}

/* ---- finding */

/* A file of Git or of the work tree. */
static int open_file(struct cat_file *f, struct err *err)
{
	AUTO(copy_source_release) struct copy_source from = COPY_SOURCE_INIT;
	struct stat st;
	int r = external_open_file(f->found.owner, f->found.path, &from, err);
	if (r < 0)
		return r;
	f->fd = from.fd;
	from.fd = -1;
	f->bytes = TAKE(from.bytes);
	f->size_bytes = f->bytes.len;
	if (f->fd >= 0 && fstat(f->fd, &st) == 0)
		f->size_bytes = (uint64_t)st.st_size;
	return 0;
}

/* Open the object in the first cache that has it. Returns 1, or 0: none has it. */
static int open_cached(struct cat_file *f, struct err *err)
{
	const struct cache *c;
	struct stat st;
	for (size_t i = 0; (c = external_cache(f->found.owner, i)); i++) {
		AUTO(err_release) struct err why = ERR_INIT;
		f->fd = cache_open(c, &f->oid, &why);
		if (f->fd >= 0) {
			f->size_bytes = fstat(f->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
			return 1;
		}
		if (f->fd != ERR_NOT_FOUND)
			return err_move(err, &why);
	}
	f->fd = -1;
	return 0;
}

/* An output, or a file in one. */
static int open_part(struct cat_file *f, const char *shown, struct err *err)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	char text[OID_TEXT];
	const struct external_part *p = &f->found.parts.items[0];
	int r = external_part_tree(&f->found, p, &t, err);
	if (r < 0)
		return r;
	if (!external_is_file(&t))
		return err_kind(err, KIND_IS_DIRECTORY,
			err_set(err, ERR_FAIL, "'%s' is a directory", shown));
	f->oid = tree_entry_oid(&t, &t.entries[0]);
	(void)snprintf(f->name, sizeof(f->name), "%s", oid_format(&f->oid, text));
	f->part = p;
	f->size_bytes = p->out->rec.size >= 0 && !*p->inside ? (uint64_t)p->out->rec.size
							     : FS_UNKNOWN;
	return MIN(open_cached(f, err), 0);
}

int cat_find(
	struct cat *c, const char *path, const char *shown, struct cat_file *out, struct err *err)
{
	return cat_find_in(c->from, path, shown, out, err);
}

int cat_find_in(struct external *e, const char *path, const char *shown, struct cat_file *out,
	struct err *err)
{
	*out = CAT_FILE_INIT;
	int r = external_find(e, path, false, &out->found, err);
	if (r == ERR_NOT_FOUND)
		return err_set(err, ERR_NO_PATH, "'%s' is neither a file nor tracked data", shown);
	if (r < 0)
		return r;
	if (!out->found.is_dir && out->found.files.count)
		return open_file(out, err);
	if (out->found.files.count || out->found.parts.count != 1 || *out->found.parts.items[0].to)
		return err_kind(err, KIND_IS_DIRECTORY,
			err_set(err, ERR_FAIL, "'%s' is a directory", shown));
	return open_part(out, shown, err);
}

/* ---- writing */

static int write_failed(struct err *err)
{
	return err_errno(err, "unable to write the content");
}

/* Copy a range of an open file. */
static int copy_range(int fd, const struct cat_range *range, int to_fd, struct err *err)
{
	enum { BLOCK_BYTES = 256 * 1024 };
	AUTO(mem_freep) char *block = mem_alloc(BLOCK_BYTES);
	uint64_t done = 0;
	if (range->first > INT64_MAX - BLOCK_BYTES)
		return 0; /* no file is that long, and the kernel takes no such offset */
	while (done < range->count) {
		size_t want = (size_t)MIN((uint64_t)BLOCK_BYTES, range->count - done);
		ssize_t n = pread(fd, block, want, (off_t)(range->first + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "unable to read the content");
		if (n == 0)
			break;
		if (file_write_all(to_fd, block, (size_t)n) < 0)
			return write_failed(err);
		done += (uint64_t)n;
	}
	if (range->is_exact && done < range->count)
		return err_set(err, ERR_IO, "the file has become shorter while it was read");
	return 0;
}

static int write_bytes(
	const struct buf *bytes, const struct cat_range *range, int to_fd, struct err *err)
{
	uint64_t first = MIN(range->first, (uint64_t)bytes->len);
	uint64_t count = MIN(range->count, bytes->len - first);
	return file_write_all(to_fd, buf_str(bytes) + first, (size_t)count) < 0 ? write_failed(err)
										: 0;
}

static int pass_on(void *arg, const void *bytes, size_t count, struct err *err)
{
	const int *fd = arg;
	return file_write_all(*fd, bytes, count) < 0 ? write_failed(err) : 0;
}

/* Fetch a range from the remote, straight to the descriptor. Returns 1, or 0: the remote is no
 * place for that. */
static int stream_range(
	struct cat_file *f, const struct cat_range *range, int to_fd, struct err *err)
{
	struct remote *storage;
	const struct byte_sink sink = {pass_on, &to_fd};
	if (external_remote(f->found.owner, f->part->out, &storage, NULL) < 0 || storage->local ||
		!fs_can(storage->fs, FS_RANGES))
		return 0;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(mem_freep) char *object = remote_object_path(&f->oid);
	struct version_file file = {.path = object};
	if (storage->is_versioned && !versions_find(&f->found.owner->repo, f->part->out,
					     storage->name, &f->oid, &a, &file))
		return 0;
	const struct fs_get what = {.path = file.path,
		.version = file.version,
		.offset = range->first,
		.count = range->count};
	int r = transfer_pass(storage->fs, &what, &sink, err);
	if (r == ERR_UNSUPPORTED) {
		err_release(err);
		return 0;
	}
	return r < 0 ? r : 1;
}

/* Fetch the object into the temporary cache of the repository, which goes when it is closed. */
static int fetch(struct cat_file *f, struct err *err)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	const struct cache *scratch;
	int r = external_scratch(f->found.owner, NULL, &scratch, err);
	if (r >= 0)
		r = external_part_tree(&f->found, f->part, &t, err);
	if (r >= 0)
		r = external_fetch(&f->found, f->part, &t, scratch, 0, err);
	if (r < 0)
		return r;
	r = open_cached(f, err);
	return r != 0 ? MIN(r, 0) : err_set(err, ERR_NO_DATA, "'%s' is gone", f->found.path);
}

int cat_load(struct cat_file *f, struct err *err)
{
	return f->fd < 0 && f->part ? fetch(f, err) : 0;
}

int cat_write(struct cat_file *f, const struct cat_range *range, int to_fd, struct err *err)
{
	bool whole = range->first == 0 && range->count == UINT64_MAX;
	int r = 0;
	if (f->fd < 0 && !f->part)
		return write_bytes(&f->bytes, range, to_fd, err);
	if (f->fd < 0 && !whole)
		r = stream_range(f, range, to_fd, err);
	if (r != 0)
		return MIN(r, 0);
	r = cat_load(f, err);
	return r < 0 ? r : copy_range(f->fd, range, to_fd, err);
}
