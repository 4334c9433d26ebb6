/* Reads the versions on a cloud-versioned remote from records, and writes them there. */
#include "data/versions.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "data/remotes.h"
#include "data/url.h"
#include "project/load.h"
#include "store/tree.h"

void versions_release(struct versions *v)
{
	vec_release(&v->files);
	vec_release(&v->outs);
	arena_release(&v->arena);
	*v = (struct versions){0};
}

bool remote_is_versioned(const struct repo *repo, const char *name)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	if (!name)
		name = remote_default_name(repo);
	if (!name || !config_remote(&repo->config, name))
		return false;
	AUTO(mem_freep) char *url = mem_printf("remote://%s", name);
	const struct value *options = url_options(&repo->config, url, &a);
	return url_option_set(options, "version_aware") || url_option_set(options, "worktree");
}

/* ---- reading records */

/* The version that `cloud` has for a remote. The remote may have been renamed since: then a name
 * that no remote has any more is taken for it, as DVC takes any. */
static const struct value *cloud_of(
	const struct repo *repo, const struct value *cloud, const char *name)
{
	const struct value *found = value_get(cloud, name);
	for (size_t i = 0; i < value_count(cloud) && !found; i++) {
		const struct value_item *item = &cloud->list.items[i];
		if (!config_remote(&repo->config, item->key))
			found = item->value;
	}
	return found;
}

/* Set the version of a file from what is recorded of it. The strings are copied: the index of a
 * revision goes before its files are transferred. */
static void copy_version(const struct value *v, struct arena *a, struct version_file *out)
{
	const char *version = value_get_str(v, "version_id");
	const char *etag = value_get_str(v, "etag");
	if (!etag)
		etag = value_get_str(v, "checksum");
	out->version = version ? arena_strdup(a, version) : NULL;
	out->etag = etag ? arena_strdup(a, etag) : NULL;
}

/* A file of a list: `update` of DVC writes its version beside the checksum instead of into "cloud".
 */
static const struct value *listed_version(
	const struct repo *repo, const struct value *entry, const char *name)
{
	const struct value *cloud = value_get(entry, "cloud");
	return cloud ? cloud_of(repo, cloud, name) : entry;
}

/* The entries of a list of files, by their paths. */
static void index_files(const struct value *files, struct map *out)
{
	for (size_t i = 0; i < value_count(files); i++) {
		struct value *entry = files->list.items[i].value;
		const char *path = value_get_str(entry, "relpath");
		if (path)
			map_set(out, path, entry);
	}
}

/* ---- listings */

/* What an error says of the list of files: where it is written. Heap string. */
static char *name_of_list(const struct out *o)
{
	AUTO(mem_freep) char *file = path_relative(o->stage->file, o->stage->root);
	bool is_stage = o->stage->name != NULL;
	return mem_printf("%s%s, 'files' of '%s'", file, is_stage ? " (dvc.lock)" : "", o->path);
}

int versions_check_tree(const struct tree *t, const char *what, struct tree *out, struct err *err)
{
	AUTO(buf_release) struct buf json = BUF_INIT;
	tree_to_json(t, &json);
	return tree_parse(out, json.ptr, json.len, HASH_MD5, what, err);
}

int versions_tree(const struct out *o, struct tree *out, struct err *err)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	if (!o->rec.files || !recorded_oid(&o->rec).is_dir || !load_files_tree(o->rec.files, &t))
		return 0;
	AUTO(mem_freep) char *what = name_of_list(o);
	int code = versions_check_tree(&t, what, out, err);
	return code < 0 ? code : 1;
}

int versions_keep_listing(struct data *d, const struct out *o, struct err *err)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	struct oid oid = recorded_oid(&o->rec);
	if (!o->rec.files || !oid.is_dir || cache_exists(&d->cache, &oid))
		return 0;
	int code = versions_tree(o, &t, err);
	return code <= 0 ? code : cache_add_tree(&d->cache, &t, &oid, err);
}

/* ---- collecting */

/* Is the output in the repository, and so in its versioned remotes? */
static bool has_place(const struct repo *repo, const struct out *o)
{
	return o->abs_path && path_inside(o->abs_path, repo->root);
}

static struct version_file *add_file(
	struct versions *v, const struct oid *o, const char *dir, const char *path)
{
	struct version_file *f = vec_push(&v->files);
	*f = (struct version_file){.oid = *o, .path = path, .dir = dir, .size_bytes = FS_UNKNOWN};
	return f;
}

static int add_directory(struct versions *v, struct data *d, const struct selected *sel,
	const char *rel, const char *name, bool *out_found, struct err *err)
{
	const struct out *o = sel->out;
	const struct oid oid = recorded_oid(&o->rec);
	AUTO(tree_release) struct tree t = TREE_INIT;
	AUTO(map_release) struct map files = MAP_INIT;
	size_t first, last;

	int r = cache_read_tree(&d->cache, &oid, &t, err);
	if (r == ERR_NOT_FOUND) {
		*out_found = false;
		err_release(err);
		return 0;
	}
	if (r < 0)
		return r;
	const char *dir = arena_strdup(&v->arena, rel);
	index_files(o->rec.files, &files);
	tree_range(&t, sel->inside ? sel->inside : "", &first, &last);
	for (size_t i = 0; i < t.count; i++) {
		const char *below = tree_path(&t, &t.entries[i]);
		const struct oid file = tree_entry_oid(&t, &t.entries[i]);
		struct version_file *f = add_file(
			v, &file, dir, arena_printf(&v->arena, "%s/%s", rel, below));
		const struct value *entry = map_get(&files, below);
		copy_version(listed_version(d->repo, entry, name), &v->arena, f);
		if (i < first || i >= last)
			f->fate = VERSION_SKIPPED;
	}
	return 0;
}

int versions_add(struct versions *v, struct data *d, const struct selected *sel, const char *name,
	bool *out_found, struct err *err)
{
	const struct out *o = sel->out;
	const struct oid oid = recorded_oid(&o->rec);
	struct version_out *vo;
	int r = 0;

	*out_found = true;
	if (!oid_is_set(&oid) || !has_place(d->repo, o))
		return 0;
	AUTO(mem_freep) char *rel = repo_relative(d->repo, o->abs_path);
	vo = vec_push(&v->outs);
	*vo = (struct version_out){.out = sel->out, .first = v->files.count};
	if (oid.is_dir) {
		r = add_directory(v, d, sel, rel, name, out_found, err);
	} else {
		struct version_file *f = add_file(v, &oid, NULL, arena_strdup(&v->arena, rel));
		copy_version(cloud_of(d->repo, o->rec.cloud, name), &v->arena, f);
	}
	vo = &v->outs.items[v->outs.count - 1];
	vo->count = v->files.count - vo->first;
	return r;
}

/* ---- one output, without the cache */

/* Add what the record tells of an output. */
static int add_recorded(struct versions *v, const struct repo *repo, const struct out *o,
	const char *name, struct err *err)
{
	const struct oid oid = recorded_oid(&o->rec);
	AUTO(tree_release) struct tree t = TREE_INIT;
	AUTO(map_release) struct map files = MAP_INIT;
	if (!oid_is_set(&oid) || !has_place(repo, o))
		return 0;
	AUTO(mem_freep) char *rel = repo_relative(repo, o->abs_path);
	if (!oid.is_dir) {
		struct version_file *f = add_file(v, &oid, NULL, arena_strdup(&v->arena, rel));
		copy_version(cloud_of(repo, o->rec.cloud, name), &v->arena, f);
		return 0;
	}
	int r = versions_tree(o, &t, err);
	index_files(o->rec.files, &files);
	for (size_t i = 0; i < t.count && r > 0; i++) {
		const char *below = tree_path(&t, &t.entries[i]);
		const struct oid file = tree_entry_oid(&t, &t.entries[i]);
		struct version_file *f = add_file(
			v, &file, NULL, arena_printf(&v->arena, "%s/%s", rel, below));
		copy_version(listed_version(repo, map_get(&files, below), name), &v->arena, f);
	}
	return MIN(r, 0);
}

bool versions_find(const struct repo *repo, const struct out *out, const char *name,
	const struct oid *o, struct arena *a, struct version_file *out_file)
{
	AUTO(versions_release) struct versions v = {0};
	if (add_recorded(&v, repo, out, name, NULL) < 0)
		return false;
	VEC_EACH (&v.files, f) {
		if (!f->version || !oid_equal(&f->oid, o))
			continue;
		*out_file = *f;
		out_file->path = arena_strdup(a, f->path);
		out_file->version = arena_strdup(a, f->version);
		out_file->etag = NULL;
		return true;
	}
	return false;
}

int versions_fetch_out(const struct repo *repo, const struct out *out, struct remote *storage,
	const struct cache *to, const struct oid_list *wanted, int jobs, struct err *err)
{
	AUTO(versions_release) struct versions v = {0};
	AUTO(remote_result_release) struct remote_result result = {0};
	AUTO(strlist_release) struct strlist unversioned = STRLIST_INIT;
	const struct remote_opts how = {.jobs = jobs};
	int r = add_recorded(&v, repo, out, storage->name, err);
	VEC_EACH (&v.files, f)
		if (wanted && !oid_list_has(wanted, &f->oid))
			f->fate = VERSION_SKIPPED;
	return r < 0 ? r : versions_fetch(storage, to, &v.files, &how, &result, &unversioned, err);
}

int versions_absent(const struct repo *repo, const struct out *out, struct remote *storage,
	struct oid_list *out_absent, struct err *err)
{
	AUTO(versions_release) struct versions v = {0};
	int r = add_recorded(&v, repo, out, storage->name, err);
	AUTO(mem_freep) bool *missing = mem_zalloc(v.files.count + 1);
	if (r >= 0 && storage->look != LOOK_NOTHING)
		r = versions_missing(storage, &v.files, missing, err);
	for (size_t i = 0; i < v.files.count && r >= 0; i++) {
		if (missing[i] || !v.files.items[i].version)
			oid_list_add(out_absent, &v.files.items[i].oid);
	}
	oid_list_sort(out_absent);
	return r;
}

/* ---- recording */

/* `old` (or NULL) with the version of one remote set. */
static struct value *cloud_with(
	struct arena *a, const struct value *old, const char *name, const struct version_file *f)
{
	struct value *cloud = old ? value_copy(a, old) : value_map(a);
	struct value *version = value_map(a);
	if (f->etag)
		value_set(a, version, "etag", value_string(a, f->etag));
	value_set(a, version, "version_id", value_string(a, f->version));
	value_set(a, cloud, name, version);
	return cloud;
}

static bool has_new_version(const struct version_file *f)
{
	return f->fate == VERSION_SENT || f->fate == VERSION_ADOPTED;
}

/* A new entry of a list of files, in DVC's order of keys. `old`: with its content; or NULL. */
static struct value *new_entry(struct arena *a, const struct value *old, const char *below,
	const struct version_file *f, const char *name)
{
	struct value *entry = value_map(a);
	char hex[OID_TEXT];
	value_set(a, entry, "relpath", value_string(a, below));
	value_set(a, entry, "md5", value_string(a, oid_format(&f->oid, hex)));
	if (f->size_bytes != FS_UNKNOWN)
		value_set(a, entry, "size", value_int(a, (int64_t)f->size_bytes));
	if (value_get(old, "isexec"))
		value_set(a, entry, "isexec", value_bool(a, true));
	if (f->version)
		value_set(a, entry, "cloud", cloud_with(a, value_get(old, "cloud"), name, f));
	return entry;
}

/* The list of files of a directory. Unchanged files keep their entries, so that merges of branches
 * conflict less. */
static struct value *list_of(
	struct arena *a, const struct versions *v, const struct version_out *vo, const char *name)
{
	struct value *list = value_list(a);
	AUTO(map_release) struct map old = MAP_INIT;
	index_files(vo->out->rec.files, &old);
	for (size_t i = vo->first; i < vo->first + vo->count; i++) {
		const struct version_file *f = &v->files.items[i];
		const char *below = f->path + strlen(f->dir) + 1;
		const struct value *entry = map_get(&old, below);
		struct oid recorded = {.hash = HASH_NONE};
		const char *md5 = value_get_str(entry, "md5");
		bool same = md5 && oid_parse(&recorded, md5, HASH_MD5) &&
			    oid_equal(&recorded, &f->oid);
		value_append(a, list,
			same && !has_new_version(f)
				? value_copy(a, entry)
				: new_entry(a, same ? entry : NULL, below, f, name));
	}
	return list;
}

void versions_set(
	struct arena *a, const struct versions *v, const struct version_out *vo, const char *name)
{
	struct recorded *rec = &vo->out->rec;
	if (!v->files.items[vo->first].dir)
		rec->cloud = cloud_with(a, rec->cloud, name, &v->files.items[vo->first]);
	else
		rec->files = list_of(a, v, vo, name);
}

bool versions_record(
	struct arena *a, const struct versions *v, const struct version_out *vo, const char *name)
{
	bool changed = false;
	for (size_t i = vo->first; i < vo->first + vo->count; i++) {
		const struct version_file *f = &v->files.items[i];
		/* a push that was broken off may not have asked for the version of what it sent */
		if (f->fate == VERSION_LOST || f->fate == VERSION_UNKNOWN ||
			(has_new_version(f) && !f->version))
			return false;
		changed = changed || has_new_version(f);
	}
	if (changed)
		versions_set(a, v, vo, name);
	return changed;
}

const char *versions_remote(const struct repo *repo, const struct out *o)
{
	if (o->remote || value_count(o->rec.cloud))
		return o->remote ? o->remote : o->rec.cloud->list.items[0].key;
	for (size_t i = 0; i < value_count(o->rec.files); i++) {
		const struct value *entry = o->rec.files->list.items[i].value;
		const struct value *cloud = value_get(entry, "cloud");
		if (value_count(cloud))
			return cloud->list.items[0].key;
		if (value_get(entry, "version_id"))
			return remote_default_name(repo);
	}
	return NULL;
}
