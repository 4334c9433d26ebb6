/* Opens the cache and the state database of a repository, compares dependencies, outputs and
 * parameters with their records, and checks which objects the cache has. */
#include "data/data.h"

#include "data/through.h"
#include "data/versions.h"

#include <limits.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "project/dataset.h"
#include "project/ignore.h"
#include "project/index.h"
#include "project/params.h"
#include "data/far.h"
#include "data/url.h"
#include "store/verify.h"

/* A parsed parameter file. Each stage asks for it, and it rarely changes in between. */
struct params_memo {
	struct arena arena;
	struct stat stat;
	struct value *doc;
};

static void free_memos(struct data *d)
{
	for (struct map_entry *e = map_next(&d->params, NULL); e; e = map_next(&d->params, e)) {
		struct params_memo *m = e->value;
		arena_release(&m->arena);
		free(m);
	}
	map_release(&d->params);
}

/* As far as stat(2) can tell: size, inode, mtime, ctime. */
static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_ino == b->st_ino &&
	       file_mtime_ns(a) == file_mtime_ns(b) && file_ctime_ns(a) == file_ctime_ns(b);
}

static void free_data(struct data *d)
{
	free_memos(d);
	for (struct map_entry *e = map_next(&d->same, NULL); e; e = map_next(&d->same, e))
		free(e->value);
	map_release(&d->same);
	read_through_free(d->through);
	state_free(d->state);
	cache_release(&d->cache);
	free(d);
}

static void close_data(struct repo *repo)
{
	if (repo->data)
		free_data(repo->data);
	repo->data = NULL;
}

static int configure_cache(struct cache *c, const struct config *config, struct err *err)
{
	AUTO(strlist_release) struct strlist types = STRLIST_INIT;
	cache_set_shared(c, str_eq(config_str(config, "cache", "shared"), "group"));
	config_words(config, "cache", "type", &types);
	if (!types.count)
		return 0;

	AUTO(mem_freep) char *list = strlist_join(&types, ",");
	return cache_set_links(c, list, err);
}

int repo_data(struct repo *repo, struct data **out, struct err *err)
{
	if (repo->data) {
		*out = repo->data;
		return 0;
	}

	struct data *d = NEW(struct data);
	d->repo = repo;
	cache_init(&d->cache, repo->ctx, repo->cache_dir);
	int r = configure_cache(&d->cache, &repo->config, err);
	if (r < 0) {
		free_data(d);
		return r;
	}

	d->hardlink = d->cache.links[0] == LINK_HARDLINK;
	AUTO(mem_freep) char *dir = state_default_dir(
		repo->root, config_str(&repo->config, "core", "site_cache_dir"));
	d->state = state_new(repo->ctx, dir);
	d->flushed_ns = state_now_ns();

	/* lower folders cannot call close_data(), so repo_release() gets a function */
	repo->data = d;
	repo->close_data = close_data;
	*out = d;
	return 0;
}

/* The walks pass paths relative to their directory; the rules need them relative to the root. */
static bool filter_ignores(void *ctx, const char *path, bool is_dir)
{
	const struct data_filter *f = ctx;
	AUTO(mem_freep) char *full = path_join(f->prefix, path);
	return f->nested || ignore_skips(f->rules, full, is_dir);
}

void data_filter_init(struct data_filter *f, struct repo *repo, const char *dir)
{
	*f = (struct data_filter){0};
	if (!path_inside(dir, repo->root))
		return; /* outside of the repository nothing is ignored */
	AUTO(mem_freep) char *rel = repo_relative(repo, dir);
	f->prefix = mem_strdup(rel);
	AUTO(mem_freep) char *parent = path_dirname(rel);
	const struct source tree = source_workspace(repo->root);
	f->nested = ignore_nested(&tree, rel) > 0;
	/* of the directory above: a .dvcignore within data is an error, not a rule */
	f->rules = ignore_dir(repo_ignore(repo), parent);
	f->walk = (struct walk_filter){.ignored = filter_ignores, .ctx = f};
}

void data_filter_release(struct data_filter *f)
{
	free(f->prefix);
	*f = (struct data_filter){0};
}

static int hash_at(struct data *d, const char *abs_path, enum hash_name hash, bool store, bool look,
	struct hashed *out, struct err *err)
{
	AUTO(data_filter_release) struct data_filter filter;
	data_filter_init(&filter, d->repo, abs_path);
	int r = ignore_check(repo_ignore(d->repo), err);
	if (r < 0)
		return r;
	filter.walk.any_name = filter.walk.dangling = look;
	struct hash_opts opts = {.ctx = d->repo->ctx,
		.hash = hash,
		.state = d->state,
		.filter = filter.walk,
		.into = store ? &d->cache : NULL,
		.hardlink = d->hardlink};
	return hash_path(abs_path, &opts, out, err);
}

int data_hash(struct data *d, const char *abs_path, enum hash_name hash, bool store,
	struct hashed *out, struct err *err)
{
	return hash_at(d, abs_path, hash, store, false, out, err);
}

int data_look(struct data *d, const char *abs_path, enum hash_name hash, struct hashed *out,
	struct err *err)
{
	return hash_at(d, abs_path, hash, false, true, out, err);
}

int data_read_listing(struct data *d, const char *abs_path, const struct oid *o, struct tree *out,
	struct err *err)
{
	/* the copy in the state is faster to read, but must not hide that the cache lost the object
	 */
	if (abs_path && cache_exists(&d->cache, o) && state_tree_load(d->state, abs_path, o, out))
		return 0;
	return cache_read_tree(&d->cache, o, out, err);
}

void data_save_link(struct data *d, const char *abs_path)
{
	struct stat st;
	if (!path_inside(abs_path, d->repo->root) || stat(abs_path, &st) < 0)
		return;
	AUTO(mem_freep) char *rel = repo_relative(d->repo, abs_path);
	/* for a directory only the inode counts; its content is compared before it is removed */
	state_link_put(d->state, rel, st.st_ino, S_ISDIR(st.st_mode) ? 0 : file_mtime_ns(&st));
}

const char *entry_state_name(enum entry_state state)
{
	static const char *const names[] = {"same", "modified", "deleted", "new", "not in cache",
		"update available", "not in sync"};
	return names[state];
}

static void note_same(struct data *d, const char *abs_path, const struct oid *o)
{
	char text[OID_TEXT];

	if (!d->note_same || map_has(&d->same, abs_path))
		return;
	map_set(&d->same, abs_path, mem_strdup(oid_format(o, text)));
}

bool data_is_same(const struct data *d, const char *abs_path, const struct oid *o)
{
	char text[OID_TEXT];
	const char *known = map_get(&d->same, abs_path);

	return known && strcmp(known, oid_format(o, text)) == 0;
}

/* Compare a path with its record. `*now` gets the hash, if the path had to be hashed. */
static int look(struct data *d, const char *abs_path, const struct recorded *rec,
	struct hashed *now, struct err *err)
{
	struct oid want = recorded_oid(rec);
	struct stat st;
	if (stat(abs_path, &st) < 0)
		return ENTRY_DELETED;
	/* hashing is not needed if the answer is clear */
	if (!oid_is_set(&want) || want.is_dir != S_ISDIR(st.st_mode))
		return ENTRY_MODIFIED;
	int r = data_hash(d, abs_path, want.hash, false, now, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		return ENTRY_DELETED;
	}
	if (r < 0)
		return r;
	if (!oid_equal(&want, &now->oid))
		return ENTRY_MODIFIED;
	note_same(d, abs_path, &want);
	return ENTRY_SAME;
}

static int workspace_state(
	struct data *d, const char *abs_path, const struct recorded *rec, struct err *err)
{
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	return look(d, abs_path, rec, &now, err);
}

/* As in DVC, a relative path behind file:// or remote:// is relative to the root. */
int dep_path(const struct data *d, const struct dep *dep, char **out, struct err *err)
{
	if (dep->abs_path) {
		*out = mem_strdup(dep->abs_path);
		return 0;
	}
	AUTO(mem_freep) char *path = NULL;
	int r = url_local_path(&d->repo->config, dep->path, d->repo->root, &path, err);
	if (r >= 0)
		*out = path_normalize(path);
	return r;
}

static int find_dataset(struct data *d, struct arena *a, const struct dep *dep, struct dataset *out,
	struct err *err)
{
	struct index *ix;
	int r = repo_index_parts(d->repo, &ix, err);
	return r < 0 ? r : dataset_find(ix, a, dataset_of_dep(a, dep), out, err);
}

/* Compares the record of the stage with that of the dataset, both from dvc.lock. */
static int dataset_state(struct data *d, const struct dep *dep, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct dataset ds;
	int r = find_dataset(d, &a, dep, &ds, err);
	if (r < 0)
		return r;
	return !ds.lock                                  ? ENTRY_NOT_IN_SYNC
	       : !dep->locked                            ? ENTRY_NEW
	       : dataset_same_lock(dep->locked, ds.lock) ? ENTRY_SAME
							 : ENTRY_MODIFIED;
}

int dep_save_dataset(struct data *d, struct arena *a, struct dep *dep, struct err *err)
{
	struct dataset ds;
	int r = find_dataset(d, a, dep, &ds, err);
	if (r < 0)
		return r;
	if (ds.out_of_sync)
		return err_set(err, ERR_FAIL,
			"Dataset information is not in sync. Run 'dvc ds update %s' to sync.",
			ds.name);
	if (!ds.lock)
		return err_set(err, ERR_FAIL, "Dataset information missing from dvc.lock file");
	dep->locked = value_copy(a, ds.lock);
	return 0;
}

bool dep_is_far(const struct data *d, const struct dep *dep)
{
	return !dep->abs_path && url_is_far(&d->repo->config, dep->path);
}

/* Compares what the place says now with what it said then. */
static int far_state(struct data *d, const struct dep *dep, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct recorded now;
	int r = far_dep_record(d->repo->ctx, &d->repo->config, dep, &a, &now, err);
	if (r <= 0)
		return r < 0 ? r : ENTRY_DELETED;
	if (now.version_id && dep->rec.version_id && !str_eq(now.version_id, dep->rec.version_id))
		return ENTRY_UPDATE_AVAILABLE;
	if (dep->rec.files && now.files)
		return far_same_files(now.files, dep->rec.files) ? ENTRY_SAME : ENTRY_MODIFIED;
	return !dep->rec.hash                    ? ENTRY_NEW
	       : str_eq(now.hash, dep->rec.hash) ? ENTRY_SAME
						 : ENTRY_MODIFIED;
}

int dep_state(struct data *d, const struct dep *dep, struct err *err)
{
	AUTO(mem_freep) char *path = NULL;
	if (dep->kind == DEP_DATASET)
		return dataset_state(d, dep, err);
	if (dep->kind != DEP_FILE && dep->kind != DEP_URL)
		return ENTRY_SAME; /* asked for only by `update` and `status` with updates */
	if (dep_is_far(d, dep))
		return far_state(d, dep, err);
	int r = dep_path(d, dep, &path, err);
	return r < 0 ? r : workspace_state(d, path, &dep->rec, err);
}

int data_has_files(struct data *d, const struct tree *t, size_t first, size_t last, struct err *err)
{
	AUTO(oid_list_release) struct oid_list wanted = {0}, missing = {0};
	for (size_t i = first; i < last; i++) {
		struct oid file = tree_entry_oid(t, &t->entries[i]);
		oid_list_add(&wanted, &file);
	}
	oid_list_sort(&wanted);
	int r = cache_missing(&d->cache, &wanted, &missing, err);
	return r < 0 ? r : missing.count == 0;
}

/*
 * ---- seals ----
 *
 * For a big directory the state database remembers that the cache has all of its files, with the
 * mtimes of the fan-out directories of the cache (struct cache_seal). While these do not change,
 * the files need not be checked again.
 */

/* A seal is about one listing in one cache. */
static char *seal_key(struct data *d, const struct oid *o)
{
	char text[OID_TEXT];
	return mem_printf("%s\n%s", oid_format(o, text), d->cache.dir);
}

static const char seal_kind[] = "cached";

static bool is_sealed(struct data *d, const struct oid *o)
{
	AUTO(buf_release) struct buf record = BUF_INIT;
	AUTO(mem_freep) char *key = seal_key(d, o);
	struct cache_seal seal;
	if (!state_blob_get(d->state, seal_kind, key, &record) || record.len != sizeof(seal))
		return false;
	memcpy(&seal, record.ptr, sizeof(seal));
	return cache_seal_holds(&d->cache, &seal);
}

/* Below this number, checking the files is as fast as checking the seal. Seals cover the fan-out
 * directories of DVC 3 only. */
static bool is_big(const struct oid *o, const struct tree *t)
{
	enum { MANY_FILES = 2000 };
	return t->count >= MANY_FILES && o->hash == HASH_MD5;
}

static int has_all(struct data *d, const struct oid *o, const struct tree *t, struct err *err)
{
	struct cache_seal seal;
	bool big = is_big(o, t);
	/* before the check: a removal during the check then invalidates the seal */
	if (big)
		cache_seal_take(&d->cache, state_now_ns(), &seal);
	int r = data_has_files(d, t, 0, t->count, err);
	if (r > 0 && big) {
		AUTO(mem_freep) char *key = seal_key(d, o);
		state_blob_put(d->state, seal_kind, key, &seal, sizeof(seal));
	}
	return r;
}

/* `known` is the listing of `o` if the caller has read it already, else NULL. */
static int is_cached(struct data *d, const struct oid *o, const struct tree *known, struct err *err)
{
	if (!oid_is_set(o))
		return 0;

	/* the object itself first: for a directory this is the listing */
	int has = cache_has(&d->cache, o, err);
	if (has <= 0 || !o->is_dir)
		return has;
	if ((!known || is_big(o, known)) && is_sealed(d, o))
		return 1;
	if (known)
		return has_all(d, o, known, err);

	AUTO(tree_release) struct tree t = TREE_INIT;
	int r = cache_read_tree(&d->cache, o, &t, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		return 0;
	}

	return r < 0 ? r : has_all(d, o, &t, err);
}

int recorded_is_cached(struct data *d, const struct recorded *r, struct err *err)
{
	struct oid o = recorded_oid(r);
	return is_cached(d, &o, NULL, err);
}

int data_set_aside(struct data *d, const struct oid_list *damaged, const char *shown,
	const struct progress *progress, struct err *err)
{
	for (size_t i = 0; i < damaged->count; i++) {
		AUTO(buf_release) struct buf path = BUF_INIT;
		AUTO(mem_freep) char *to = NULL;
		cache_object_path(&d->cache, &damaged->items[i], &path);
		int r = verify_set_aside(&d->cache, &damaged->items[i], &to, err);
		if (r < 0)
			return err_wrap(
				err, r, "object '%s' of '%s' is damaged", buf_str(&path), shown);
		AUTO(mem_freep) char *object = repo_display(d->repo, buf_str(&path));
		AUTO(mem_freep) char *now = repo_display(d->repo, to);
		progress_warn(progress,
			"object '%s' of '%s' is damaged: its size is not what was recorded. It was moved to '%s'. "
			"Get it back with `dvc pull`, or with `dvc commit` where the data still is.",
			object, shown, now);
	}

	return 0;
}

int data_check_size(struct data *d, const struct recorded *r, const char *shown,
	const struct progress *progress, struct err *err)
{
	AUTO(oid_list_release) struct oid_list damaged = {0};
	struct oid o = recorded_oid(r);
	bool is_damaged = false;
	if (!oid_is_set(&o) || o.is_dir || r->size < 0)
		return 0;
	int code = verify_size(&d->cache, &o, (uint64_t)r->size, &is_damaged, err);
	if (is_damaged)
		oid_list_add(&damaged, &o);
	return code < 0 ? code : data_set_aside(d, &damaged, shown, progress, err);
}

int out_workspace_state(struct data *d, const struct out *out, struct err *err)
{
	return out->abs_path ? workspace_state(d, out->abs_path, &out->rec, err) : ENTRY_SAME;
}

int out_state(struct data *d, const struct out *out, struct err *err)
{
	struct oid want = recorded_oid(&out->rec);
	if (!out->cache || !out->rec.hash || !out->abs_path)
		return out_workspace_state(d, out, err);

	/* hashing an unchanged directory gives its listing, so it need not be read from the cache
	 */
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	int state = want.is_dir ? look(d, out->abs_path, &out->rec, &now, err) : ENTRY_SAME;
	if (state == ERR_FAIL && cache_has(&d->cache, &want, NULL) == 0) {
		/* symbolic links into a cache that was moved or removed: the cache is missing */
		err_release(err);
		return ENTRY_NOT_IN_CACHE;
	}
	if (state < 0)
		return state;

	(void)versions_keep_listing(d, out, NULL); /* else it counts as missing */
	bool known = want.is_dir && state == ENTRY_SAME;
	if (!known)
		hashed_release(&now);

	int cached = is_cached(d, &want, known ? &now.tree : NULL, err);
	if (cached <= 0)
		return cached < 0 ? cached : ENTRY_NOT_IN_CACHE;

	return want.is_dir ? state : out_workspace_state(d, out, err);
}

/* Read and parse a parameter file; NULL when it is missing. Borrowed until the next call after the
 * file has changed. */
static int read_params(
	struct data *d, const char *abs_path, const struct value **out, struct err *err)
{
	struct stat st;
	*out = NULL;
	if (stat(abs_path, &st) < 0)
		return 0;

	AUTO(mem_freep) char *shown = repo_display(d->repo, abs_path);
	if (S_ISDIR(st.st_mode))
		return err_set(
			err, ERR_FAIL, "'%s' is a directory, expected a parameters file", shown);

	struct params_memo *m = map_get(&d->params, abs_path);
	/* a file that changes twice within the resolution of the file system's clock may keep its
	 * mtime, so a recent one (20 ms) is read again */
	bool settled = m && state_now_ns() - file_mtime_ns(&m->stat) > 20 * 1000000;
	if (m && settled && same_file(&m->stat, &st)) {
		*out = m->doc;
		return 0;
	}

	struct params_memo *fresh = NEW(struct params_memo);
	AUTO(buf_release) struct buf text = BUF_INIT;

	fresh->stat = st;
	int r = file_read(abs_path, &text, err);
	if (r >= 0)
		r = params_parse(&fresh->arena, shown, buf_str(&text), text.len, &fresh->doc, err);
	if (r < 0) {
		arena_release(&fresh->arena);
		free(fresh);
		return err_wrap(err, r, "Unable to read parameters from '%s'", shown);
	}

	m = map_set(&d->params, abs_path, fresh);
	if (m) {
		arena_release(&m->arena);
		free(m);
	}

	*out = fresh->doc;
	return 0;
}

/* The YAML of dvc.lock has no times of day, and drops time zones: such values (from TOML) are
 * written as text. */
static void times_to_text(struct value *v)
{
	bool is_zoned = value_is(v, VALUE_DATETIME) &&
			strpbrk(v->str.ptr + strcspn(v->str.ptr, " T"), "+-");
	if (value_is(v, VALUE_TIME) || is_zoned)
		v->kind = VALUE_STRING;
	for (size_t i = 0; value_is_container(v) && i < v->list.count; i++)
		times_to_text(v->list.items[i].value);
}

int dep_params_read(struct data *d, struct arena *a, const struct dep *dep,
	struct value **out_values, struct err *err)
{
	const struct value *doc;
	*out_values = NULL;

	int r = read_params(d, dep->abs_path, &doc, err);
	if (r < 0 || !doc)
		return r;

	struct value *values = dep->key_count ? value_map(a) : (struct value *)doc;
	for (size_t i = 0; i < dep->key_count; i++) {
		const struct value *v;
		r = params_find(doc, dep->keys[i], &v, err);
		if (r < 0)
			return r;
		if (v)
			value_set(a, values, dep->keys[i], (struct value *)v);
	}

	/* overlapping keys share values, which YAML writes with anchors, as DVC does */
	*out_values = value_copy_shared(a, values);
	times_to_text(*out_values);
	return 0;
}

/* Is the value unchanged? As in Python, a NaN differs from itself, but not within a list or map. */
static bool is_same_param(const struct value *is, const struct value *was)
{
	if (value_equal(is, was))
		return true;
	if (!value_is_container(is) || is->kind == VALUE_SET)
		return false;
	AUTO(buf_release) struct buf x = BUF_INIT, y = BUF_INIT;
	value_add_repr(&x, is);
	value_add_repr(&y, was);
	return x.len == y.len && memcmp(x.ptr, y.ptr, x.len) == 0;
}

/* Compare one parameter, once: `seen` has the names that were compared before. */
static void add_param(const struct dep *dep, const struct value *now, const char *name,
	struct map *seen, struct param_changes *out)
{
	if (map_has(seen, name))
		return;
	map_set(seen, name, NULL);

	const struct value *is = value_get(now, name), *was = value_get(dep->locked, name);
	enum entry_state state = !is                      ? ENTRY_DELETED
				 : !was                   ? ENTRY_NEW
				 : is_same_param(is, was) ? ENTRY_SAME
							  : ENTRY_MODIFIED;
	if (state != ENTRY_SAME)
		*vec_push(out) = (struct param_change){name, state};
}

void dep_params_changes(const struct dep *dep, const struct value *now, struct param_changes *out)
{
	AUTO(map_release) struct map seen = MAP_INIT;
	for (size_t i = 0; i < dep->key_count; i++)
		add_param(dep, now, dep->keys[i], &seen, out);
	/* without keys the whole file counts: its present keys, then those that are gone */
	for (size_t i = 0; !dep->key_count && i < value_count(now); i++)
		add_param(dep, now, now->list.items[i].key, &seen, out);
	for (size_t i = 0; !dep->key_count && i < value_count(dep->locked); i++)
		add_param(dep, now, dep->locked->list.items[i].key, &seen, out);
}
