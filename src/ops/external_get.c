/* What was found in another repository, as files and as objects of a cache. */
#include "ops/external.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/pool.h"
#include "base/str.h"
#include "ops/external_int.h"
#include "store/link.h"

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* ---- writing */

/* A cache that has all of it already, or NULL. */
static const struct cache *cache_with_all(const struct external *e, const struct tree *t)
{
	AUTO(oid_list_release) struct oid_list all = {0}, missing = {0};
	const struct cache *c;
	external_names(t, &all);
	for (size_t i = 0; (c = external_cache(e, i)); i++)
		if (cache_absent(c, &all, &missing, NULL) >= 0 && !missing.count)
			return c;
		else
			oid_list_release(&missing);
	return NULL;
}

struct writer {
	const struct tree *tree;
	const char *dest;
	struct linker linker;
};

static int write_objects(void *ctx, size_t first, size_t last, struct err *err)
{
	struct writer *w = ctx;
	for (size_t i = first; i < last; i++) {
		const struct tree_entry *e = &w->tree->entries[i];
		const char *rel = tree_path(w->tree, e);
		AUTO(mem_freep) char *path = *rel ? path_join(w->dest, rel) : mem_strdup(w->dest);
		struct oid o = tree_entry_oid(w->tree, e);
		struct stat st;
		if (unlink(path) < 0 && errno != ENOENT)
			return err_errno(err, "unable to replace '%s'", path);
		int r = link_object(&w->linker, &o, path, &st, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Each directory once; they stand together. */
static int make_dirs(const struct tree *t, const char *dest, struct err *err)
{
	AUTO(mem_freep) char *last = NULL;
	int r = 0;
	for (size_t i = 0; i < t->count && r >= 0; i++) {
		const char *rel = tree_path(t, &t->entries[i]);
		AUTO(mem_freep) char *path = *rel ? path_join(dest, rel) : mem_strdup(dest);
		AUTO(mem_freep) char *dir = path_dirname(path);
		if (last && str_eq(dir, last))
			continue;
		r = file_mkdirs(dir, err);
		free(last);
		last = TAKE(dir);
	}
	return r;
}

static void drop_files(struct tree *t, const struct external_found *f, const char *to)
{
	size_t kept = 0;
	for (size_t i = 0; f->files.count && i < t->count; i++) {
		AUTO(mem_freep) char *path = path_join(to, tree_path(t, &t->entries[i]));
		char *const key = path;
		if (bsearch(&key, f->files.items, f->files.count, sizeof(char *), strlist_compare))
			continue;
		t->entries[kept++] = t->entries[i];
	}
	if (f->files.count)
		t->count = kept;
}

static int write_part(struct external_found *f, const struct external_part *p, const char *dest,
	int jobs, size_t *files, struct err *err)
{
	enum { GRAIN = 64 };
	AUTO(tree_release) struct tree t = TREE_INIT;
	AUTO(mem_freep) char *to = *p->to ? path_join(dest, p->to) : mem_strdup(dest);
	struct external *e = f->owner;
	int r = external_part_tree(f, p, &t, err);
	if (r < 0)
		return r;
	drop_files(&t, f, p->to);
	const struct cache *from = cache_with_all(e, &t);
	if (!from) {
		AUTO(mem_freep) char *near = path_dirname(dest);
		r = file_mkdirs(near, err);
		if (r >= 0)
			r = external_scratch(e, near, &from, err);
		if (r >= 0)
			r = external_fetch(f, p, &t, from, jobs, err);
	}
	if (r >= 0)
		r = external_is_file(&t) ? 0 : file_mkdirs(to, err);
	if (r >= 0)
		r = make_dirs(&t, to, err);
	struct cache copies = {.dir = from ? from->dir : NULL,
		.links = {LINK_REFLINK, LINK_COPY},
		.link_count = 2,
		.file_mode = 0666 & ~file_umask(),
		.dir_mode = 0777 & ~file_umask()};
	struct writer w = {&t, to, {.cache = &copies}};
	if (r >= 0)
		r = pool_run(t.count, GRAIN, 0, write_objects, &w, err);
	*files += t.count;
	return r;
}

/* What a file of a revision, or of a work tree, holds; as a descriptor to read from. */
static int open_file(struct external *e, const char *path, struct err *err)
{
	if (!e->at_rev) {
		AUTO(mem_freep) char *full = path_join(e->repo.root, path);
		int fd = open(full, O_RDONLY | O_CLOEXEC);
		return fd < 0 ? err_errno(err, "unable to open '%s'", full) : fd;
	}
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = source_read(&e->source, path, &text, err);
	if (r < 0)
		return r;
	AUTO(close_fd) int fd = memfd_create("blob", MFD_CLOEXEC);
	if (fd < 0 || file_write_all(fd, text.ptr, text.len) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, "unable to hold '%s' in memory", path);
	int keep = fd;
	fd = -1;
	return keep;
}

static int write_file(struct external *e, const char *path, const char *dest, struct err *err)
{
	AUTO(close_fd) int from = open_file(e, path, err);
	AUTO(mem_freep) char *tmp = mem_printf("%s.%d.cairn-tmp", dest, (int)getpid());
	struct stat st;
	bool cloned;
	if (from < 0)
		return from;
	int r = file_mkdirs_for(dest, err);
	if (r < 0)
		return r;
	AUTO(close_fd) int to = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (to < 0 || fstat(from, &st) < 0)
		return err_errno(err, "unable to create '%s'", tmp);
	r = copy_bytes(from, to, (uint64_t)st.st_size, &cloned, err);
	if (r >= 0)
		r = file_rename(tmp, dest, err);
	if (r < 0)
		(void)unlink(tmp);
	return r;
}

int external_write(
	struct external_found *f, const char *dest, int jobs, size_t *out_files, struct err *err)
{
	size_t files = 0;
	int r = 0;
	for (size_t i = 0; i < f->files.count && r >= 0; i++, files++) {
		AUTO(mem_freep) char *from = path_join(f->path, f->files.items[i]);
		AUTO(mem_freep) char *to = *f->files.items[i] ? path_join(dest, f->files.items[i])
							      : mem_strdup(dest);
		r = write_file(f->owner, from, to, err);
	}
	bool hidden = !f->is_dir && f->files.count; /* the file wins over the data */
	for (size_t i = 0; i < f->parts.count && r >= 0 && !hidden; i++)
		r = write_part(f, &f->parts.items[i], dest, jobs, &files, err);
	if (r >= 0 && f->is_dir) /* also when there is nothing in it */
		r = file_mkdirs(dest, err);
	if (out_files)
		*out_files = files;
	return r;
}

/* ---- storing */

static void add_entry(struct tree *t, const char *path, const unsigned char digest[MD5_BYTES])
{
	struct tree_entry *e = tree_add(t, path, strlen(path));
	memcpy(e->digest, digest, MD5_BYTES);
	e->hashed = true;
}

static int store_files(
	struct external_found *f, const struct cache *to, struct tree *t, struct err *err)
{
	for (size_t i = 0; i < f->files.count; i++) {
		AUTO(mem_freep) char *path = path_join(f->path, f->files.items[i]);
		AUTO(close_fd) int fd = open_file(f->owner, path, err);
		struct oid oid;
		if (fd < 0)
			return fd;
		int r = cache_add_fd(to, fd, HASH_MD5, true, &oid, err);
		if (r < 0)
			return r;
		add_entry(t, f->files.items[i], oid.digest);
	}
	return 0;
}

/* The entries whose names are wanted. */
static void narrow(const struct tree *t, const struct oid_list *only, struct tree *out)
{
	out->hash = t->hash;
	for (size_t i = 0; i < t->count; i++) {
		struct oid o = tree_entry_oid(t, &t->entries[i]);
		if (oid_list_has(only, &o))
			add_entry(out, tree_path(t, &t->entries[i]), o.digest);
	}
}

static int bring_part(struct external_found *f, const struct external_part *p, const struct tree *t,
	const struct cache *to, int jobs, const struct oid_list *only, struct err *err)
{
	AUTO(tree_release) struct tree wanted = TREE_INIT;
	if (!only)
		return external_fetch(f, p, t, to, jobs, err);
	narrow(t, only, &wanted);
	return wanted.count ? external_fetch(f, p, &wanted, to, jobs, err) : 0;
}

int external_store_some(struct external_found *f, const struct cache *to, int jobs,
	const struct oid_list *only, struct tree *out, struct err *err)
{
	AUTO(tree_release) struct tree all = {.hash = HASH_MD5};
	int r = store_files(f, to, &all, err);
	bool hidden = !f->is_dir && f->files.count;
	for (size_t i = 0; i < f->parts.count && r >= 0 && !hidden; i++) {
		const struct external_part *p = &f->parts.items[i];
		AUTO(tree_release) struct tree t = TREE_INIT;
		r = external_part_tree(f, p, &t, err);
		if (r < 0)
			return r;
		drop_files(&t, f, p->to);
		r = bring_part(f, p, &t, to, jobs, only, err);
		if (t.hash != HASH_MD5 && t.count)
			all.hash = t.hash;
		for (size_t k = 0; k < t.count && r >= 0; k++) {
			AUTO(mem_freep) char *path = path_join(p->to, tree_path(&t, &t.entries[k]));
			add_entry(&all, path, t.entries[k].digest);
		}
	}
	if (r < 0)
		return r;
	tree_sort(&all);
	*out = TAKE(all);
	return 0;
}

int external_store(struct external_found *f, const struct cache *to, int jobs, struct tree *out,
	struct err *err)
{
	return external_store_some(f, to, jobs, NULL, out, err);
}
