/* Converts a project of DVC 2.x to 3.x: first its cache, then the pointers into it. A crash leaves
 * objects with both names and files that are either old or new; the command can be repeated. */
#include "ops/migrate.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/pool.h"
#include "base/str.h"
#include "project/index.h"
#include "data/outputs.h"
#include "run/runs.h"
#include "run/record.h"
#include "store/bytes.h"

/* ---- the cache */

/* Store a 2.x object under its 3.x name, which is `*out`. Returns 1 if it is new, 0 if it was
 * there. */
static int migrate_object(
	const struct cache *c, const struct oid *old, struct oid *out, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	cache_object_path(c, old, &path);
	AUTO(close_fd) int fd = file_open(AT_FDCWD, path.ptr, NULL, err);
	if (fd < 0)
		return fd;
	*out = (struct oid){.hash = HASH_MD5};
	int r = hash_fd(c->ctx, METER_HASH, fd, HASH_MD5, out->digest, "the object", err);
	out->is_dir = old->is_dir;
	if (r < 0 || cache_has(c, out, NULL) > 0)
		return MIN(r, 0);
	r = cache_add_file(c, out, AT_FDCWD, path.ptr, true, NULL, err);
	return r < 0 ? r : 1;
}

/* Work that threads share: each takes ranges of `objects` and adds to `fresh`. */
struct migration {
	const struct cache *cache;
	struct oid_list objects;
	atomic_size_t fresh;
};

static int migrate_some(void *ctx, size_t first, size_t last, struct err *err)
{
	struct migration *m = ctx;
	for (size_t i = first; i < last; i++) {
		struct oid fresh;
		int r = migrate_object(m->cache, &m->objects.items[i], &fresh, err);
		if (r < 0)
			return r;
		atomic_fetch_add(&m->fresh, (size_t)r);
	}
	return 0;
}

int ops_migrate_cache(struct repo *repo, bool dry, size_t *out_count, struct err *err)
{
	enum { GRAIN = 8 };
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	struct migration m = {0};
	struct data *d;
	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = cache_list(&d->cache, HASH_MD5_DOS2UNIX, &m.objects, err);
	if (r >= 0 && !dry) {
		m.cache = &d->cache;
		r = cache_lock_take(&lock, &d->cache, false, err);
		if (r >= 0)
			r = pool_run(repo->ctx, m.objects.count, GRAIN, 0, migrate_some, &m, err);
	}
	*out_count = dry ? m.objects.count : atomic_load(&m.fresh);

	oid_list_release(&m.objects);
	return MIN(r, 0);
}

/* ---- pointers into the cache */

static bool is_legacy(const struct recorded *r)
{
	return recorded_oid(r).hash == HASH_MD5_DOS2UNIX;
}

/* Does the stage record an output or a dependency with a 2.x hash? Dependencies of imports are not
 * counted: they record the state of the source. */
static bool stage_is_legacy(const struct stage *s)
{
	VEC_EACH (&s->outs, o) {
		if (is_legacy(&o->rec))
			return true;
	}
	VEC_EACH (&s->deps, d) {
		if (!stage_is_import(s) && d->kind == DEP_FILE && is_legacy(&d->rec))
			return true;
	}
	return false;
}

/* Store a directory with 3.x hashes: every file, then the new listing. Returns 0 if a file is not
 * in the cache, else 1. */
static int migrate_listing(struct data *d, const struct oid *old, struct oid *out, struct err *err)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	int r = cache_read_tree(&d->cache, old, &t, err);
	for (size_t i = 0; i < t.count && r >= 0; i++) {
		struct oid file = tree_entry_oid(&t, &t.entries[i]), fresh;
		int has = cache_has(&d->cache, &file, err);
		if (has <= 0)
			return has;
		r = migrate_object(&d->cache, &file, &fresh, err);
		if (r >= 0)
			memcpy(t.entries[i].digest, fresh.digest, MD5_BYTES);
	}

	t.hash = HASH_MD5;
	if (r >= 0)
		r = cache_add_tree(&d->cache, &t, out, err);
	return r < 0 ? r : 1;
}

/* Convert the record of an output that is not in the workspace. Only the hash changes. */
static int migrate_from_cache(struct data *d, struct arena *a, struct out *o,
	const struct progress *progress, struct err *err)
{
	struct oid old = recorded_oid(&o->rec), fresh;
	char text[OID_TEXT];
	int r = cache_has(&d->cache, &old, err);
	bool found = r > 0;
	if (found && old.is_dir) {
		r = migrate_listing(d, &old, &fresh, err);
		found = r > 0; /* else one of its files is missing */
	} else if (found) {
		r = migrate_object(&d->cache, &old, &fresh, err);
	}
	if (r < 0)
		return r;
	if (!found) {
		AUTO(mem_freep) char *shown = out_display(d->repo, o);
		progress_warn(progress,
			"'%s' is neither in the workspace nor in the cache, its entry stays as it is",
			shown);
		return 0;
	}

	o->rec.hash_name = hash_name_text(HASH_MD5);
	o->rec.hash = arena_strdup(a, oid_format(&fresh, text));
	return 0;
}

/* Record a stage with 3.x hashes. The old record is cleared where the file is in the workspace, so
 * that record_stage() does not continue with the 2.x hash. */
static int migrate_stage(struct data *d, struct index *ix, struct stage *s,
	const struct progress *progress, struct err *err)
{
	struct arena *a = &ix->arena;
	int r = 0;

	VEC_EACH (&s->outs, o) {
		bool here = o->abs_path && file_exists(o->abs_path);
		if (is_legacy(&o->rec) && here)
			o->rec = RECORDED_NONE;
		else if (is_legacy(&o->rec) && r >= 0)
			r = migrate_from_cache(d, a, o, progress, err);
	}

	VEC_EACH (&s->deps, dep) {
		if (!stage_is_import(s) && dep->kind == DEP_FILE && is_legacy(&dep->rec) &&
			file_exists(dep->abs_path))
			dep->rec = RECORDED_NONE;
	}
	return r < 0 ? r
		     : record_stage(d, a, s,
			       &(struct record_opts){.no_deps = stage_is_import(s),
				       .allow_missing = true,
				       .progress = progress},
			       err);
}

/* Add the changed file as DVC shows it; a stage of dvc.yaml is recorded in dvc.lock. */
static void add_file(struct repo *repo, const struct stage *s, struct strlist *files)
{
	AUTO(mem_freep) char *shown = repo_display(repo, s->file);
	AUTO(mem_freep) char *lock = path_join(s->dir, "dvc.lock");
	AUTO(mem_freep) char *shown_lock = repo_display(repo, lock);
	if (s->name)
		strlist_addf(files, "%s (%s)", shown, shown_lock);
	else
		strlist_add(files, shown);
}

int ops_migrate_files(struct repo *repo, bool dry, struct strlist *out_files,
	const struct progress *progress, struct err *err)
{
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	AUTO(lock_files_release) struct lock_files files = {0};
	struct index *ix = NULL;
	struct data *d;

	int r = repo_index(repo, &ix, err);
	if (r >= 0)
		r = repo_data(repo, &d, err);
	if (r >= 0 && !dry)
		r = cache_lock_take(&lock, &d->cache, false, err);

	for (size_t i = 0; r >= 0 && i < ix->stages.count; i++) {
		struct stage *s = ix->stages.items[i];
		if (!stage_is_legacy(s))
			continue;
		add_file(repo, s, out_files);
		if (dry)
			continue;
		r = migrate_stage(d, ix, s, progress, err);
		AUTO(mem_freep) char *shown = repo_display(repo, s->file);
		if (r >= 0 && !s->name)
			progress_info(progress, "Updating DVC file '%s'", shown);
		if (r >= 0)
			r = record_write(repo, &ix->arena, &files, &s, 1, NULL, progress, err);
	}

	strlist_sort(out_files);
	strlist_uniq(out_files);
	return MIN(r, 0);
}
