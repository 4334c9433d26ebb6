/* One dependency of each kind: hashed, or its values read, and recorded. */
#include "run/save_deps.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/strlist.h"
#include "data/far.h"
#include "project/index.h"

static int save_params(
	struct data *d, struct arena *a, struct dep *dep, enum save_deps mode, struct err *err)
{
	struct value *now;
	AUTO(mem_freep) char *shown = repo_display(d->repo, dep->abs_path);
	int r = dep_params_read(d, a, dep, &now, err);
	if (r < 0)
		return r;
	if (!now && mode != SAVE_DEPS_FOR_LOOKUP)
		return mode == SAVE_DEPS_ALLOW_MISSING
			       ? 0
			       : err_set(err, ERR_NOT_FOUND, "dependency '%s' does not exist",
					 shown);

	/* a missing file with keys is reported by its keys, as DVC does before a lookup */
	AUTO(strlist_release) struct strlist missing = STRLIST_INIT;
	for (size_t i = 0; i < dep->key_count; i++)
		if (!now || !value_item(now, dep->keys[i]))
			strlist_add(&missing, dep->keys[i]);

	if (missing.count) {
		AUTO(mem_freep) char *names = strlist_join(&missing, ", ");
		return err_set(
			err, ERR_NOT_FOUND, "Parameters '%s' are missing from '%s'.", names, shown);
	}
	if (!now)
		return err_set(err, ERR_NOT_FOUND, "dependency '%s' does not exist", shown);

	dep->locked = now;
	return 0;
}

static int missing_dep(const char *path, const char *shown, enum save_deps mode, struct err *err)
{
	if (mode == SAVE_DEPS_ALLOW_MISSING)
		return 0;
	if (mode == SAVE_DEPS_FOR_LOOKUP)
		return err_set(
			err, ERR_NOT_FOUND, "[Errno 2] No such file or directory: '%s'", path);
	return err_set(err, ERR_NOT_FOUND, "dependency '%s' does not exist", shown);
}

static int save_far(
	struct data *d, struct arena *a, struct dep *dep, enum save_deps mode, struct err *err)
{
	struct recorded now;
	int r = far_dep_record(d->repo->ctx, &d->repo->config, dep, a, &now, err);
	if (r > 0)
		dep->rec = now;
	return r == 0 ? missing_dep(dep->path, dep->path, mode, err) : MIN(r, 0);
}

/* A directory that is no output has no listing in the cache. Keep it in the state database, so that
 * `explain` can say later which files differ, however small the directory is. */
static void remember_listing(
	struct data *d, const char *path, const struct hashed *now, int64_t taken_ns)
{
	if (now->is_dir && !cache_exists(&d->cache, &now->oid) &&
		!state_tree_known(d->state, path, &now->oid))
		state_tree_put(d->state, path, &now->tree, &now->oid, taken_ns);
}

int stage_save_dep(struct data *d, struct arena *a, struct dep *dep, enum save_deps mode,
	struct tree *out_tree, struct err *err)
{
	if (dep->kind == DEP_PARAMS)
		return save_params(d, a, dep, mode, err);
	if (dep->kind == DEP_DATASET)
		return dep_save_dataset(d, a, dep, err);

	AUTO(mem_freep) char *path = NULL;
	if (dep->kind != DEP_FILE && dep->kind != DEP_URL)
		return 0;

	if (dep_is_far(d, dep))
		return save_far(d, a, dep, mode, err);
	int r = dep_path(d, dep, &path, err);
	if (r < 0)
		return r;

	const int64_t taken_ns = state_now_ns();
	struct oid old = recorded_oid(&dep->rec);
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	AUTO(mem_freep) char *shown = dep_display(d->repo, dep);

	if (!file_exists(path))
		return missing_dep(path, shown, mode, err);

	r = data_hash(
		d, path, oid_is_set(&old) ? (enum hash_name)old.hash : HASH_MD5, false, &now, err);
	/* a record of DVC 2.x that still matches is kept; otherwise it becomes a plain MD5 */
	if (r >= 0 && oid_is_set(&old) && old.hash != HASH_MD5 && !oid_equal(&old, &now.oid)) {
		hashed_release(&now);
		r = data_hash(d, path, HASH_MD5, false, &now, err);
	}
	if (r < 0)
		return r;

	remember_listing(d, path, &now, taken_ns);
	recorded_set(a, &dep->rec, &now);
	if (out_tree && now.is_dir)
		*out_tree = TAKE(now.tree);
	return r;
}

int stage_save_deps(
	struct data *d, struct arena *a, struct stage *s, enum save_deps mode, struct err *err)
{
	int r = 0;
	VEC_EACH (&s->deps, dep)
		if (r >= 0)
			r = stage_save_dep(d, a, dep, mode, NULL, err);
	return r;
}
