/* Runs an import: fetches its data from the source into the cache and the workspace, and records
 * it. Later fetches are in import_fetch.c. */
#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/far.h"
#include "data/imports.h"
#include "data/origins.h"
#include "data/outputs.h"
#include "data/url.h"

/* Store a listing as an object; a single file is an object already. */
static int save_tree(struct data *d, const struct tree *t, struct oid *out, struct err *err)
{
	if (t->count == 1 && !*tree_path(t, &t->entries[0])) {
		*out = tree_entry_oid(t, &t->entries[0]);
		return 0;
	}
	return cache_add_tree(&d->cache, t, out, err);
}

/* Data of DVC 2.x is checked out by its own hash, and then stored and recorded again with an MD5.
 */
int import_place(struct data *d, struct arena *a, struct out *o, const struct oid *oid,
	const struct progress *progress, struct err *err)
{
	char text[OID_TEXT];
	struct recorded rec = RECORDED_NONE;

	rec.hash_name = hash_name_text(oid->hash);
	rec.hash = oid_format(oid, text);

	int r = out_make_ignored(d, o, err);
	o->rec = RECORDED_NONE;
	if (r >= 0 && oid->hash == HASH_MD5) {
		r = out_place(d, a, o, oid, progress, err);
	} else if (r >= 0) { /* data of DVC 2.x */
		r = out_restore(d, o, &rec, err);
		if (r >= 0)
			r = out_save(d, a, o, true, progress, err);
	}

	if (r >= 0)
		data_save_link(d, o->abs_path);
	return r;
}

/* DVC's message is the path alone; people get a sentence. */
static int no_such_path(const struct dep *dep, struct err *err)
{
	(void)err_set(err, ERR_NO_PATH, "['%s']", dep->path);
	return err_plain(err, ERR_NO_PATH,
		"'%s' is neither a file nor tracked data of that repository", dep->path);
}

/* The order of the keys is that in which DVC writes them. */
const struct value *import_with_lock(
	struct arena *a, const struct value *repo, const char *rev, const char *rev_lock)
{
	static const char *const order[] = {"url", "rev", "rev_lock", "config", "remote"};
	struct value *out = value_map(a);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		const struct value *v = value_get(repo, order[i]);
		if (str_eq(order[i], "rev") && rev)
			v = value_string(a, rev);
		if (str_eq(order[i], "rev_lock") && rev_lock)
			v = value_string(a, rev_lock);
		if (v)
			value_set(a, out, order[i], value_copy(a, v));
	}
	return out;
}

int import_store_origin(struct data *d, struct external *e, const struct dep *dep, int jobs,
	struct oid *out, size_t *out_files, struct err *err)
{
	AUTO(external_found_release) struct external_found found = {0};
	AUTO(tree_release) struct tree t = TREE_INIT;
	int r = external_find(e, dep->path, true, &found, err);
	if (r == ERR_NOT_FOUND)
		return no_such_path(dep, err);
	if (r >= 0)
		r = external_store(&found, &d->cache, jobs, &t, err);
	if (r >= 0)
		r = save_tree(d, &t, out, err);
	if (out_files)
		*out_files = t.count;
	return r;
}

/* An import from a repository, with or without DVC. */
static int run_repo_import(struct repo *repo, struct data *d, struct arena *a, struct stage *s,
	const struct import_bring_opts *opts, struct err *err)
{
	struct dep *dep = &s->deps.items[0];
	struct external *e;
	struct scm_id commit;
	struct oid oid;
	int r = origins_get(repo, s, true, &e, err);
	if (r >= 0)
		r = external_rev(e, &commit, err);
	if (r >= 0 && !opts->no_download)
		r = import_store_origin(d, e, dep, opts->jobs, &oid, NULL, err);
	if (r < 0)
		return r;

	/* an import that has a commit keeps it: only `update` changes it */
	dep->repo = import_with_lock(
		a, dep->repo, NULL, value_get_str(dep->repo, "rev_lock") ? NULL : commit.hex);
	return opts->no_download ? 0
				 : import_place(d, a, &s->outs.items[0], &oid, opts->progress, err);
}

int import_missing_dep(const struct repo *repo, const struct dep *dep, struct err *err)
{
	AUTO(mem_freep) char *shown = dep_display(repo, dep);
	return err_set(err, ERR_FAIL, "dependency '%s' does not exist", shown);
}

/* An import from a URL over the network. */
static int run_far_import(struct repo *repo, struct data *d, struct arena *a, struct stage *s,
	const struct import_bring_opts *opts, struct err *err)
{
	struct dep *dep = &s->deps.items[0];
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	AUTO(far_state_release) struct far_state state = {0};
	struct far *far;
	int r = far_open(&far, repo->ctx, &repo->config, dep->path, dep->fs_config, err);
	if (r < 0)
		return r;
	if (opts->rev && dep_is_versioned(dep)) {
		free(far->version);
		far->version = mem_strdup(opts->rev);
	}
	r = far_look(far, &state, err);
	if (r == 0)
		r = import_missing_dep(repo, dep, err);
	if (r > 0 && !opts->no_download)
		r = far_store(far, &state, &d->cache, opts->jobs, &now, err);
	if (r >= 0)
		r = far_record(far, &state, opts->no_download ? NULL : &now, a, &dep->rec, err);
	far_close(far);
	return r < 0 || opts->no_download
		       ? MIN(r, 0)
		       : import_place(d, a, &s->outs.items[0], &now.oid, opts->progress, err);
}

/* An import from a URL of this machine. */
static int run_url_import(struct repo *repo, struct data *d, struct arena *a, struct stage *s,
	const struct import_bring_opts *opts, struct err *err)
{
	struct dep *dep = &s->deps.items[0];
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	AUTO(mem_freep) char *from = NULL;
	if (url_is_far(&repo->config, dep->path))
		return run_far_import(repo, d, a, s, opts, err);
	int r = dep_path(d, dep, &from, err);
	if (r < 0)
		return r;
	if (!file_exists(from))
		return import_missing_dep(repo, dep, err);

	r = data_hash(d, from, HASH_MD5, !opts->no_download, &now, err);
	if (r < 0)
		return r;

	recorded_set(a, &dep->rec, &now);
	return opts->no_download
		       ? 0
		       : import_place(d, a, &s->outs.items[0], &now.oid, opts->progress, err);
}

int import_bring(struct repo *repo, struct arena *a, struct stage *s,
	const struct import_bring_opts *opts, struct err *err)
{
	AUTO(mem_freep) char *from = dep_display(repo, &s->deps.items[0]),
			     *to = out_display(repo, &s->outs.items[0]);
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	struct data *d;

	progress_info(opts->progress, "Importing '%s' -> '%s'", from, to);
	if (opts->dry)
		return 0;

	int r = repo_data(repo, &d, err);
	/* a `gc` of another project must not remove objects before the pointer is written */
	if (r >= 0)
		r = cache_lock_take(&lock, &d->cache, false, err);
	if (r >= 0 && s->deps.items[0].kind == DEP_DB)
		r = err_set(err, ERR_UNSUPPORTED, "imports from databases are not supported yet");
	if (r >= 0)
		r = stage_is_repo_import(s) ? run_repo_import(repo, d, a, s, opts, err)
					    : run_url_import(repo, d, a, s, opts, err);
	if (r >= 0)
		s->md5 = s->md5 ? s->md5 : ""; /* not NULL: computed when the file is saved */
	if (r >= 0 && opts->no_download)
		r = out_make_ignored(d, &s->outs.items[0], err);
	return r;
}
