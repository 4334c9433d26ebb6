/* `update` of data on a worktree remote: others change the files there, and this takes the changes
 * over into the workspace and the pointer. */
#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"
#include "data/far.h"
#include "data/imports.h"
#include "data/versions.h"
#include "store/hashing.h"
#include "transfer/transfer.h"

struct updating {
	struct data *data;
	struct out *out;
	struct remote *storage;
	struct far *far;
	struct far_state now;     /* all files */
	struct far_state changed; /* those of them whose content is new; borrows from `now` */
	struct versions recorded; /* what the pointer has */
};

static void release(struct updating *u)
{
	vec_release(&u->changed.files);
	far_state_release(&u->now);
	versions_release(&u->recorded);
	far_close(u->far);
}

/* Look at the newest versions in the remote. Returns 1, or 0: nothing is there. */
static int look(struct updating *u, struct err *err)
{
	const struct repo *repo = u->data->repo;
	AUTO(mem_freep) char *rel = repo_relative(repo, u->out->abs_path);
	AUTO(mem_freep) char *url = mem_printf("remote://%s/%s", u->storage->name, rel);
	int r = far_open(&u->far, repo->ctx, &repo->config, url, NULL, err);
	return r < 0 ? r : far_look(u->far, &u->now, err);
}

/* The path of a recorded file relative to the output; "": the output itself. */
static const char *below(const struct version_file *f)
{
	return f->dir ? f->path + strlen(f->dir) + 1 : "";
}

/* Choose the files with another ETag than the recorded one. Returns true when anything differs. */
static bool choose(struct updating *u)
{
	AUTO(map_release) struct map known = MAP_INIT;
	bool differs = u->now.files.count != u->recorded.files.count;
	VEC_EACH (&u->recorded.files, f)
		map_set(&known, below(f), f);
	u->changed.is_dir = u->now.is_dir;
	VEC_EACH (&u->now.files, f) {
		const struct version_file *old = map_get(&known, f->rel);
		if (old && old->etag && str_eq(old->etag, f->etag))
			continue;
		*vec_push(&u->changed.files) = *f;
	}
	return differs || u->changed.files.count > 0;
}

/* A listing may not tell the versions. What is fetched is then what was asked for, even when the
 * file changes again meanwhile. */
static int find_versions(struct updating *u, struct err *err)
{
	size_t n = u->changed.files.count;
	AUTO(mem_freep) const char **paths = mem_zalloc((n + 1) * sizeof(*paths));
	AUTO(mem_freep) struct fs_stat *stats = mem_zalloc((n + 1) * sizeof(*stats));
	AUTO(mem_freep) bool *there = mem_zalloc(n + 1);
	const struct transfer_opts opts = {.jobs = u->storage->jobs};
	for (size_t i = 0; i < n; i++)
		paths[i] = u->changed.files.items[i].path;
	int r = transfer_stat_all(u->far->fs, paths, NULL, n, &opts, there, stats, err);
	for (size_t i = 0; i < n; i++) {
		struct far_file *f = &u->changed.files.items[i];
		if (r >= 0 && (!there[i] || !stats[i].version))
			r = err_set(err, ERR_FAIL,
				there[i] ? "'%s' keeps no versions of its files"
					 : "'%s' is gone from the remote",
				there[i] ? remote_place(u->storage) : f->path);
		if (r >= 0) {
			f->version = arena_strdup(&u->now.arena, stats[i].version);
			f->etag = stats[i].etag ? arena_strdup(&u->now.arena, stats[i].etag) : NULL;
			f->size_bytes = stats[i].size_bytes;
		}
		fs_stat_release(&stats[i]);
	}
	return r;
}

/* The files as they are now: fetched ones with new versions, the others as they were recorded. */
static void merge(
	struct updating *u, const struct hashed *fetched, struct arena *a, struct versions *out)
{
	AUTO(map_release) struct map known = MAP_INIT, fresh = MAP_INIT;
	AUTO(mem_freep) char *rel = repo_relative(u->data->repo, u->out->abs_path);
	const char *dir = arena_strdup(a, rel);
	VEC_EACH (&u->recorded.files, f)
		map_set(&known, below(f), f);
	VEC_EACH (&u->changed.files, f)
		map_set(&fresh, f->rel, f);
	VEC_EACH (&u->now.files, f) {
		const struct far_file *got = map_get(&fresh, f->rel);
		struct version_file *to = vec_push(&out->files);
		if (!got) {
			*to = *(const struct version_file *)map_get(&known, f->rel);
			to->fate = VERSION_UNKNOWN;
		} else {
			const struct tree_entry *e = u->now.is_dir
							     ? tree_find(&fetched->tree, f->rel)
							     : NULL;
			*to = (struct version_file){
				.oid = e ? tree_entry_oid(&fetched->tree, e) : fetched->oid,
				.etag = got->etag,
				.version = got->version,
				.fate = VERSION_SENT,
				.size_bytes = got->size_bytes};
		}
		to->dir = u->now.is_dir ? dir : NULL;
		to->path = u->now.is_dir ? arena_printf(a, "%s/%s", rel, f->rel) : dir;
	}
	*vec_push(&out->outs) = (struct version_out){.out = u->out, .count = out->files.count};
}

/* Store the new listing; of a file its content is all. */
static int store_whole(
	struct updating *u, const struct versions *now, struct oid *out, struct err *err)
{
	AUTO(tree_release) struct tree t = {.hash = HASH_MD5}, checked = TREE_INIT;
	if (!u->now.is_dir) {
		*out = now->files.items[0].oid;
		return 0;
	}
	VEC_EACH (&now->files, f) {
		struct tree_entry *e = tree_add(&t, below(f), strlen(below(f)));
		memcpy(e->digest, f->oid.digest, MD5_BYTES);
		e->hashed = true;
	}
	tree_sort(&t);
	int r = versions_check_tree(&t, u->far->url, &checked, err);
	return r < 0 ? r : cache_add_tree(&u->data->cache, &t, out, err);
}

/* Changes of the user that are in no pointer would be lost. */
static int check_workspace(struct updating *u, struct err *err)
{
	int state = out_workspace_state(u->data, u->out, err);
	if (state < 0 || state == ENTRY_SAME || state == ENTRY_DELETED)
		return MIN(state, 0);
	AUTO(mem_freep) char *shown = out_display(u->data->repo, u->out);
	return err_set(err, ERR_FAIL,
		"'%s' has changes that are not committed: run 'dvc commit' to keep them, or 'dvc checkout' to drop them, and update again",
		shown);
}

/* Unchanged files need not be in the cache, but they are in the workspace afterwards. */
static int fetch_kept(struct updating *u, struct versions *now, int jobs, struct err *err)
{
	AUTO(remote_result_release) struct remote_result result = {0};
	AUTO(strlist_release) struct strlist unversioned = STRLIST_INIT;
	const struct remote_opts how = {.jobs = jobs};
	int r = versions_fetch(
		u->storage, &u->data->cache, &now->files, &how, &result, &unversioned, err);
	if (r >= 0 && (result.failed || result.missing.count))
		r = err_set(err, ERR_FAIL, "%zu unchanged files of '%s' cannot be fetched",
			result.failed + result.missing.count, u->out->path);
	VEC_EACH (&now->files, f)
		f->fate = f->fate == VERSION_UNKNOWN ? VERSION_KEPT : f->fate;
	return r;
}

/* Fetch what has changed, then put it into the workspace, then into the record. */
static int take_over(struct updating *u, struct arena *a, int jobs, const struct progress *progress,
	struct err *err)
{
	AUTO(hashed_release) struct hashed fetched = HASHED_INIT;
	AUTO(versions_release) struct versions now = {0};
	const struct recorded before = u->out->rec;
	struct oid whole;
	int r = check_workspace(u, err);
	if (r >= 0)
		r = find_versions(u, err);
	if (r >= 0 && u->changed.files.count)
		r = far_store(u->far, &u->changed, &u->data->cache, jobs, &fetched, err);
	if (r < 0)
		return r;
	merge(u, &fetched, &now.arena, &now);
	r = store_whole(u, &now, &whole, err);
	if (r >= 0)
		r = fetch_kept(u, &now, jobs, err);
	if (r >= 0)
		r = import_place(u->data, a, u->out, &whole, progress, err);
	if (r < 0)
		return r;
	u->out->rec.files = u->now.is_dir ? before.files : NULL;
	versions_set(a, &now, &now.outs.items[0], u->storage->name);
	return 1;
}

int versions_update(struct data *d, struct arena *a, struct out *o, struct remote *storage,
	int jobs, const struct progress *progress, enum version_update *out, struct err *err)
{
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	struct updating u = {.data = d, .out = o, .storage = storage};
	bool found = true;

	/* a `gc` of another project must not remove what is not in a pointer yet */
	int r = cache_lock_take(&lock, &d->cache, false, err);
	if (r >= 0)
		r = versions_keep_listing(d, o, err);
	if (r >= 0)
		r = versions_add(
			&u.recorded, d, &(struct selected){.out = o}, storage->name, &found, err);
	if (r >= 0)
		r = look(&u, err);
	*out = r == 0 ? VERSIONS_GONE : VERSIONS_SAME;
	if (r > 0 && choose(&u)) {
		r = take_over(&u, a, jobs, progress, err);
		*out = VERSIONS_UPDATED;
	}
	release(&u);
	return MIN(r, 0);
}
