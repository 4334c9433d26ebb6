/* Adds and updates datasets: their entries in dvc.yaml and their records in dvc.lock. */
#include "ops/dataset.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sort.h"
#include "base/str.h"
#include "data/external.h"
#include "data/far.h"

#include "project/load.h"
#include "project/lock.h"
#include "project/pipeline_file.h"
#include "data/url.h"
#include "store/walk.h"
#include "transfer/transfer.h"

/* ---- the present state of a dataset */

/* The state of a dataset of type `dvc` is the commit of the other repository. A relative URL is
 * taken from the directory of the dvc.yaml. */
static int look_at_repo(const struct ctx *ctx, struct arena *a, const struct dataset *ds,
	struct value *lock, struct err *err)
{
	AUTO(mem_freep) char *base = path_dirname(ds->file);
	const struct external_opts opts = {.ctx = ctx, .rev = ds->rev, .base = base};
	struct external *e = NULL;
	struct scm_id id;
	int r = external_open(&e, ds->url, &opts, err);
	if (r >= 0)
		r = external_rev(e, &id, err);
	if (r >= 0)
		value_set(a, lock, "rev_lock", value_string(a, id.hex));
	external_free(e);
	return r;
}

/* The mtime as Python's st_mtime: the same rounding gives the same digits in dvc.lock. */
static double python_mtime(const struct stat *st)
{
	return (double)st->st_mtim.tv_sec + 1e-9 * (double)st->st_mtim.tv_nsec;
}

/* The state of local files: a directory by its size and number of files, a file by its size, inode
 * and mtime, as DVC records them. */
static int look_at_files(const struct ctx *ctx, struct arena *a, const char *path,
	const struct stat *st, struct value *meta, struct err *err)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	if (!S_ISDIR(st->st_mode)) {
		value_set(a, meta, "size", value_int(a, st->st_size));
		value_set(a, meta, "inode", value_int(a, (int64_t)st->st_ino));
		value_set(a, meta, "mtime", value_float(a, python_mtime(st)));
		return 0;
	}

	int r = walk_tree(ctx, path, NULL, 0, &t, err);
	if (r < 0)
		return r;

	value_set(a, meta, "isdir", value_bool(a, true));
	value_set(a, meta, "size", value_int(a, (int64_t)tree_size(&t)));
	value_set(a, meta, "nfiles", value_int(a, (int64_t)t.count));
	return 0;
}

/* What dvc.lock records of one file: what is not told is left out. */
static struct value *meta_of_file(
	struct arena *a, uint64_t size_bytes, const char *version, const char *etag)
{
	struct value *meta = value_map(a);
	if (size_bytes != FS_UNKNOWN)
		value_set(a, meta, "size", value_int(a, (int64_t)size_bytes));
	if (version)
		value_set(a, meta, "version_id", value_string(a, version));
	if (etag)
		value_set(a, meta, "etag", value_string(a, etag));
	return meta;
}

/* The versions of the files of a directory, which no listing tells. */
static int ask_versions(
	const struct far *f, const struct far_state *s, struct fs_stat *out, struct err *err)
{
	const struct transfer_opts opts = {0};
	AUTO(mem_freep) const char **paths = mem_zalloc((s->files.count + 1) * sizeof(*paths));
	AUTO(mem_freep) bool *there = mem_zalloc(s->files.count + 1);
	for (size_t i = 0; i < s->files.count; i++)
		paths[i] = s->files.items[i].path;
	return transfer_stat_all(f->fs, paths, NULL, s->files.count, &opts, there, out, err);
}

/* A directory: its size and number of files, and each file with its version and ETag. */
static int look_at_far_dir(const struct far *f, const struct far_state *s, struct arena *a,
	struct value *lock, struct err *err)
{
	struct value *meta = value_map(a), *files = value_list(a);
	struct fs_stat *stats = mem_zalloc((s->files.count + 1) * sizeof(*stats));
	/* DVC's listing of a bucket without versions names all of them so */
	const char *none = str_starts(f->fs->url, "s3://") ? "null" : NULL;
	uint64_t size_bytes = 0;
	int r = ask_versions(f, s, stats, err);

	for (size_t i = 0; i < s->files.count; i++) {
		const struct far_file *file = &s->files.items[i];
		const char *version = stats[i].version ? stats[i].version : none;
		struct value *entry = value_map(a);
		value_set(a, entry, "relpath", value_string(a, file->rel));
		value_set(a, entry, "meta", meta_of_file(a, file->size_bytes, version, file->etag));
		value_append(a, files, entry);
		size_bytes += file->size_bytes == FS_UNKNOWN ? 0 : file->size_bytes;
		fs_stat_release(&stats[i]);
	}
	free(stats);
	value_set(a, meta, "isdir", value_bool(a, true));
	value_set(a, meta, "size", value_int(a, (int64_t)size_bytes));
	value_set(a, meta, "nfiles", value_int(a, (int64_t)s->files.count));
	value_set(a, lock, "meta", meta);
	value_set(a, lock, "files", files);
	return r;
}

/* The state of data in the network, where files have versions: the place's own names for them. */
static int look_at_far(struct repo *repo, struct arena *a, const struct dataset *ds,
	struct value *lock, struct err *err)
{
	AUTO(far_state_release) struct far_state state = {0};
	struct far *far = NULL;
	int r = far_open(&far, repo->ctx, &repo->config, ds->url, NULL, err);
	if (r >= 0 && !fs_can(far->fs, FS_VERSIONS))
		r = err_set(err, ERR_UNSUPPORTED,
			"'%s' cannot be a dataset: files have no versions there", ds->url);
	if (r >= 0)
		r = far_look(far, &state, err);
	if (r == 0)
		r = err_set(err, ERR_NOT_FOUND, "dependency '%s' does not exist", ds->url);
	if (r > 0 && state.is_dir) {
		r = look_at_far_dir(far, &state, a, lock, err);
	} else if (r > 0) {
		const struct far_file *file = &state.files.items[0];
		value_set(a, lock, "meta",
			meta_of_file(a, file->size_bytes, file->version, file->etag));
	}
	far_close(far);
	return MIN(r, 0);
}

/* The state of a dataset of type `url`. */
static int look_at_url(struct repo *repo, struct arena *a, const struct dataset *ds,
	struct value *lock, struct err *err)
{
	if (url_is_far(&repo->config, ds->url))
		return look_at_far(repo, a, ds, lock, err);
	AUTO(mem_freep) char *path = NULL;
	struct value *meta = value_map(a);
	struct stat st;
	int r = url_local_path(&repo->config, ds->url, repo->cwd, &path, err);
	if (r < 0)
		return r;
	AUTO(mem_freep) char *clean = path_normalize(path);
	if (stat(clean, &st) < 0)
		return err_set(err, ERR_NOT_FOUND, "dependency '%s' does not exist", clean);
	r = look_at_files(repo->ctx, a, clean, &st, meta, err);
	value_set(a, lock, "meta", meta);
	return r;
}

/* Look at the source of a dataset and build its record for dvc.lock. */
static int look(struct repo *repo, struct arena *a, const struct dataset *ds, struct value **out,
	struct err *err)
{
	struct value *lock = *out = dataset_entry(a, ds);
	if (str_eq(ds->type, "dvc"))
		return look_at_repo(repo->ctx, a, ds, lock, err);
	if (str_eq(ds->type, "url"))
		return look_at_url(repo, a, ds, lock, err);
	return err_set(err, ERR_UNSUPPORTED,
		"datachain is not installed: datasets of DataChain cannot be looked up here");
}

/* ---- recording it */

/* The text that DVC shows for a dataset. Heap string. */
static char *describe(const struct dataset *ds)
{
	bool slash = ds->path && *ds->path == '/';
	return mem_printf("%s%s%s%s%s", ds->url, ds->path ? (slash ? ":" : ":/") : "",
		ds->path ? ds->path : "", ds->rev ? " @ " : "", ds->rev ? ds->rev : "");
}

/* Find the entry's index in the dvc.yaml; SIZE_MAX: there is none. An entry whose resolved form
 * differs from the written one contains ${...}, and is not overwritten. */
static int find_place(
	const struct index *ix, const struct dataset *ds, size_t *out_index, struct err *err)
{
	*out_index = SIZE_MAX;

	VEC_EACH (&ix->pipelines, p) {
		const struct value *list = (*p)->datasets;
		const struct value *raw = value_get((*p)->document, "datasets");
		if (!str_eq((*p)->file, ds->file) || !value_is(list, VALUE_LIST) ||
			!value_is(raw, VALUE_LIST))
			continue;

		for (size_t i = 0; i < value_count(list); i++) {
			const struct value *entry = list->list.items[i].value;
			if (!str_eq(value_get_str(entry, "name"), ds->name))
				continue;
			if (i >= value_count(raw) || !value_equal(raw->list.items[i].value, entry))
				return err_set(err, ERR_UNSUPPORTED,
					"cannot update a parametrized dataset entry");
			*out_index = i;
			return 0;
		}
	}
	return 0;
}

static int record(struct repo *repo, const struct index *ix, struct arena *a,
	const struct dataset *ds, const struct value *lock, bool entry_too, struct err *err)
{
	AUTO(mem_freep) char *dir = path_dirname(ds->file);
	AUTO(mem_freep) char *lock_path = path_join(dir, "dvc.lock");
	AUTO(mem_freep) char *shown = repo_display(repo, lock_path);
	size_t at;

	int r = entry_too ? find_place(ix, ds, &at, err) : 0;

	/* dvc.lock first: a crash in between leaves a record without an entry, which nothing reads,
	 * and the command can be repeated */
	if (r >= 0)
		r = lock_put_dataset(ds->file, shown, lock, err);
	if (r >= 0)
		repo_track(repo, lock_path);
	if (r >= 0 && entry_too)
		r = pipeline_file_put_dataset(repo, ds->file, at, dataset_entry(a, ds), err);
	return r;
}

int dataset_add(
	struct repo *repo, const struct dataset *ds, bool force, char **out_shown, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err none = ERR_INIT;
	AUTO(mem_freep) char *file = path_join(repo->cwd, "dvc.yaml");
	struct dataset old, new = *ds;
	struct index *ix;
	struct value *lock;

	int r = repo_index(repo, &ix, err);
	if (r < 0)
		return r;
	if (!force && dataset_find(ix, &a, ds->name, &old, &none) >= 0) {
		AUTO(mem_freep) char *shown = repo_display(repo, old.file);
		return err_set(err, ERR_EXISTS,
			"%s already exists in %s, use the --force to overwrite", ds->name, shown);
	}

	new.file = file;
	r = look(repo, &a, &new, &lock, err);
	if (r >= 0)
		r = record(repo, ix, &a, &new, lock, true, err);
	if (r >= 0)
		*out_shown = describe(&new);
	return r;
}

int dataset_update(
	struct repo *repo, const char *name, const char *rev, char **out_shown, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct dataset ds;
	struct index *ix;
	struct value *lock;
	*out_shown = NULL;

	int r = repo_index(repo, &ix, err);
	if (r >= 0)
		r = dataset_find(ix, &a, name, &ds, err);
	if (r < 0)
		return r;
	if (rev && str_eq(ds.type, "url"))
		return err_set(err, ERR_VALUE, "cannot update version/revision for a url");

	bool other_rev = rev && !str_eq(rev, ds.rev);
	if (other_rev)
		ds.rev = rev;
	r = look(repo, &a, &ds, &lock, err);
	bool same = r >= 0 && dataset_same_lock(lock, ds.lock);
	if (r < 0 || same)
		return r;

	r = record(repo, ix, &a, &ds, lock, other_rev, err);
	if (r < 0)
		return r;

	/* a dataset of type `url` has no revision to show */
	const char *was = value_get_str(ds.lock, "rev_lock");
	*out_shown = was       ? mem_printf("%.9s -> %.9s", was, value_get_str(lock, "rev_lock"))
		     : ds.lock ? mem_strdup(ds.url)
			       : describe(&ds);
	return 0;
}

/* ---- showing it */

/* A path with a version, in the form of the place. Lives in `a`. */
static const char *with_version(
	struct arena *a, const char *scheme, const char *path, const char *version)
{
	const char *mark = str_eq(scheme, "s3")      ? "?versionId="
			   : str_eq(scheme, "azure") ? "?versionid="
			   : str_eq(scheme, "gs")    ? "#"
						     : NULL;
	return mark && version && *version ? arena_printf(a, "%s%s%s", path, mark, version) : path;
}

static int by_relpath(const void *a, const void *b)
{
	const char *x = value_get_str(*(const struct value *const *)a, "relpath");
	const char *y = value_get_str(*(const struct value *const *)b, "relpath");
	return strcmp(x ? x : "", y ? y : "");
}

/* The files of a record in DVC's order, by path. Heap array. */
static const struct value **sorted_files(const struct value *files)
{
	size_t count = value_count(files);
	const struct value **sorted = mem_zalloc((count + 1) * sizeof(*sorted));
	for (size_t i = 0; i < count; i++)
		sorted[i] = files->list.items[i].value;
	if (count)
		sort_array(sorted, count, sizeof(*sorted), by_relpath);
	return sorted;
}

/* A dataset of type `url`. Local paths have the protocol "local", as in DVC. */
static int show_url(struct repo *repo, const struct dataset *ds, struct arena *a, struct value *out,
	struct err *err)
{
	const struct value *files = value_get(ds->lock, "files");
	struct value *list = value_list(a);
	AUTO(mem_freep) char *url = NULL;
	int r = url_resolve(&repo->config, ds->url, &url, err);
	if (r < 0)
		return r;

	const char *after = path_has_scheme(url) ? strstr(url, "://") : NULL;
	const char *scheme = after ? arena_strndup(a, url, (size_t)(after - url)) : "local";
	AUTO(mem_freep) char *clean = after ? NULL : path_normalize(url);
	const char *path = with_version(a, scheme,
		arena_printf(a, "%s://%s", scheme, after ? after + 3 : clean),
		value_get_str(value_get(ds->lock, "meta"), "version_id"));

	AUTO(mem_freep) const struct value **sorted = sorted_files(files);
	for (size_t i = 0; i < value_count(files); i++) {
		const struct value *file = sorted[i];
		const char *rel = value_get_str(file, "relpath");
		AUTO(mem_freep) char *joined = path_join(path, rel ? rel : "");
		value_append(a, list,
			value_string(
				a, with_version(a, scheme, arena_strdup(a, joined),
					   value_get_str(value_get(file, "meta"), "version_id"))));
	}
	value_set(a, out, "files", list);
	value_set(a, out, "path", value_string(a, path));
	return 0;
}

/* A dataset of type `dc`, whose URL is "dc://name@v3" or the like. */
static void show_datachain(const struct dataset *ds, struct arena *a, struct value *out)
{
	const char *name = path_has_scheme(ds->url) ? strstr(ds->url, "://") + 3 : ds->url;
	const char *end = strstr(name, "@v");
	size_t len = end ? (size_t)(end - name) : strlen(name);
	value_set(a, out, "name", value_string(a, arena_strndup(a, name, len)));
	value_set(a, out, "version", value_copy(a, value_get(ds->lock, "version")));
}

int dataset_show(struct repo *repo, const struct index *ix, const char *name, struct arena *a,
	struct value **out, struct err *err)
{
	struct dataset ds;
	int r = dataset_find(ix, a, name, &ds, err);
	if (r < 0)
		return r;
	if (ds.out_of_sync)
		return err_kind(err, KIND_DATASET_NOT_IN_SYNC,
			err_set(err, ERR_VALUE,
				"dataset not in sync. Sync with 'dvc ds update %s'.", name));
	if (!ds.lock)
		return err_kind(err, KIND_DATASET_NO_LOCK,
			err_set(err, ERR_VALUE, "missing lock information"));

	*out = value_map(a);
	value_set(a, *out, "type", value_string(a, ds.type));
	if (str_eq(ds.type, "url"))
		return show_url(repo, &ds, a, *out, err);
	if (str_eq(ds.type, "dc")) {
		show_datachain(&ds, a, *out);
		return 0;
	}
	value_set(a, *out, "url", value_string(a, ds.url));
	value_set(a, *out, "path", value_string(a, ds.path ? ds.path : ""));
	value_set(a, *out, "sha", value_copy(a, value_get(ds.lock, "rev_lock")));
	return 0;
}

/* A name counts as similar if at most half of its characters have to be changed. */
char *dataset_nearest(struct repo *repo, const char *name)
{
	struct index *ix;
	const char *best = NULL;
	size_t least = SIZE_MAX;

	if (repo_index(repo, &ix, NULL) < 0)
		return NULL;

	VEC_EACH (&ix->pipelines, p) {
		const struct value *list = (*p)->datasets;
		for (size_t i = 0; value_is(list, VALUE_LIST) && i < value_count(list); i++) {
			const char *other = value_get_str(list->list.items[i].value, "name");
			size_t distance = other ? (size_t)str_distance(name, other) : SIZE_MAX;
			if (distance < least) {
				least = distance;
				best = other;
			}
		}
	}
	return best && least <= (strlen(name) + 1) / 2 ? mem_strdup(best) : NULL;
}
