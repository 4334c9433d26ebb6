/* Writes content that was found in another repository to a directory, as files. */
#include "data/external.h"

#include <fcntl.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/meter.h"
#include "base/path.h"
#include "base/str.h"
#include "data/external_int.h"
#include "scm/lfs.h"
#include "store/copies.h"

/* ---- writing */

/* A local cache that has all objects of the part, undamaged; or NULL. */
static const struct cache *cache_with_all(
	const struct external *e, const struct external_part *p, const struct tree *t)
{
	AUTO(oid_list_release) struct oid_list all = {0}, missing = {0}, damaged = {0};
	const struct cache *c;
	/* existence is enough here: cache_open() checks the content of each */
	external_names(t, &all);
	for (size_t i = 0; (c = external_cache(e, i)); i++)
		if (cache_absent(c, &all, &missing, NULL) >= 0 && !missing.count &&
			external_find_damaged(c, p, t, &damaged, NULL) >= 0 && !damaged.count)
			return c;
		else
			oid_list_release(&missing), oid_list_release(&damaged);
	return NULL;
}

/* The objects to copy, for copies_write(). */
struct objects {
	const struct tree *tree;
	const struct cache *from;
};

static const char *object_name(void *ctx, size_t i)
{
	const struct objects *o = ctx;
	return tree_path(o->tree, &o->tree->entries[i]);
}

static int object_open(void *ctx, size_t i, struct copy_source *out, struct err *err)
{
	const struct objects *o = ctx;
	struct oid oid = tree_entry_oid(o->tree, &o->tree->entries[i]);
	out->fd = cache_open(o->from, &oid, err);
	return MIN(out->fd, 0);
}

/* Find a cache that has the objects of a part; otherwise fetch them into the temporary cache, which
 * is in the directory `near`, on the same file system as the destination. */
static int cache_for(struct external_found *f, const struct external_part *p, const struct tree *t,
	const char *near, int jobs, const struct cache **out, struct err *err)
{
	int r = 0;
	*out = cache_with_all(f->owner, p, t);
	if (*out)
		return 0;
	r = file_mkdirs(near, err);
	if (r >= 0)
		r = external_scratch(f->owner, near, out, err);
	return r < 0 ? r : external_fetch(f, p, t, *out, jobs, err);
}

/* `fresh`: the destination was just made and is empty. */
static int write_part(struct external_found *f, const struct external_part *p, const char *dest,
	bool fresh, int jobs, size_t *files, struct err *err)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	AUTO(mem_freep) char *to = *p->to ? path_join(dest, p->to) : mem_strdup(dest);
	AUTO(mem_freep) char *near = path_dirname(dest);
	const struct cache *from;
	int r = external_part_tree(f, p, &t, err);
	if (r < 0)
		return r;

	size_t all = t.count;
	external_drop_files(&t, f, p->to);
	if (all && !t.count)
		return 0; /* all of its files also exist in Git, and were written from there */

	r = cache_for(f, p, &t, near, jobs, &from, err);
	if (r >= 0 && !external_is_file(&t))
		r = file_mkdirs(to, err);
	if (r < 0)
		return r;

	struct objects objects = {&t, from};
	const struct copies c = {.ctx = f->owner->ctx,
		.dest = to,
		.fresh = fresh,
		.name = object_name,
		.open = object_open,
		.arg = &objects};

	*files += t.count;
	return copies_write(&c, t.count, err);
}

static const char *file_name(void *ctx, size_t i)
{
	const struct external_found *f = ctx;
	return f->files.items[i];
}

static int found_open(void *ctx, size_t i, struct copy_source *out, struct err *err)
{
	const struct external_found *f = ctx;
	AUTO(mem_freep) char *path = path_join(f->path, f->files.items[i]);
	return external_open_file(f->owner, path, out, err);
}

static int write_all(struct external_found *f, const char *dest, bool fresh, int jobs,
	size_t *files, struct err *err)
{
	const struct copies c = {.ctx = f->owner->ctx,
		.dest = dest,
		.fresh = fresh,
		.threads = f->owner->at_rev ? 1 : 0, /* libgit2 is read by one thread */
		.name = file_name,
		.open = found_open,
		.arg = f};
	int r = copies_write(&c, f->files.count, err);
	bool hidden = !f->is_dir && f->files.count; /* a single file has precedence over data */
	*files += f->files.count;
	for (size_t i = 0; i < f->parts.count && r >= 0 && !hidden; i++)
		r = write_part(f, &f->parts.items[i], dest, fresh, jobs, files, err);
	return r;
}

int external_write(
	struct external_found *f, const char *dest, int jobs, size_t *out_files, struct err *err)
{
	AUTO(staging_release) struct staging at = STAGING_INIT;
	size_t files = 0;
	int r;

	/* a new directory is filled under a temporary name and renamed at the end; it is made even
	 * if it stays empty */
	if (f->is_dir) {
		r = staging_begin(&at, dest, err);
		if (r >= 0)
			r = file_mkdirs(at.path, err);
		if (r >= 0)
			r = write_all(f, at.path, at.dest != NULL, jobs, &files, err);
		if (r >= 0)
			r = staging_finish(&at, err);
	} else {
		r = write_all(f, dest, false, jobs, &files, err);
	}

	if (out_files)
		*out_files = files;
	return r;
}
