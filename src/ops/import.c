#include "ops/import.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/external_int.h"
#include "ops/get.h"
#include "project/dvcfile.h"
#include "project/gitignore.h"
#include "project/graph.h"
#include "project/load.h"
#include "project/url.h"
#include "run/outputs.h"
#include "store/transfer.h"

int import_repo_entry(struct arena *a, const char *url, const char *rev, const char *config,
	const char *remote, const struct value *remote_config, struct value **out, struct err *err)
{
	struct value *entry = value_map(a);
	if (remote && remote_config && config)
		return err_set(err, ERR_UNEXPECTED,
			"Can't specify config path together with both remote and remote_config");
	value_set(a, entry, "url", value_string(a, url));
	if (rev)
		value_set(a, entry, "rev", value_string(a, rev));
	if (remote && remote_config) {
		struct value *conf = value_map(a), *core = value_map(a), *remotes = value_map(a);
		value_set(a, core, "remote", value_string(a, remote));
		value_set(a, remotes, remote, value_copy(a, remote_config));
		value_set(a, conf, "core", core);
		value_set(a, conf, "remote", remotes);
		value_set(a, entry, "config", conf);
		*out = entry;
		return 0;
	}
	if (config)
		value_set(a, entry, "config", value_string(a, config));
	if (remote)
		value_set(a, entry, "remote", value_string(a, remote));
	else if (remote_config)
		value_set(a, entry, "remote", value_copy(a, remote_config));
	*out = entry;
	return 0;
}

/* ---- a new stage */

static bool has_link_above(const char *root, const char *abs_path)
{
	AUTO(mem_freep) char *dir = path_dirname(abs_path);
	struct stat st;
	bool linked = lstat(abs_path, &st) == 0 && S_ISLNK(st.st_mode) && file_is_dir(abs_path);
	while (!linked && strlen(dir) > strlen(root)) {
		linked = lstat(dir, &st) == 0 && S_ISLNK(st.st_mode);
		char *up = path_dirname(dir);
		free(dir);
		dir = up;
	}
	return linked;
}

static int check_place(struct repo *repo, const char *written, const char *full, struct err *err)
{
	AUTO(mem_freep) char *dir = path_dirname(full);
	if (!path_inside(full, repo->root) || str_eq(full, repo->root))
		return err_set(err, ERR_FAIL,
			"Cached output(s) outside of DVC project: %s. See "
			"<https://dvc.org/doc/user-guide/data-management/importing-external-data> for more info.",
			full);
	if (has_link_above(repo->root, full))
		return err_set(err, ERR_FAIL,
			"Cannot add files inside symlinked directories to DVC. See "
			"<https://dvc.org/doc/user-guide/troubleshooting#add-symlink> for more information.");
	if (!file_is_dir(dir))
		return err_set(err, ERR_FAIL, "stage working dir '%s' does not exist", dir);
	return out_check_place(repo, repo_ignore(repo), written, full, err);
}

/* What a person noted about the data that the new stage takes the place of. */
static void keep_notes(struct stage *fresh, const struct stage *old)
{
	struct out *o = &fresh->outs.items[0];
	fresh->desc = old->desc;
	fresh->meta = old->meta;
	VEC_EACH (&old->outs, was) {
		if (!str_eq(was->path, o->path))
			continue;
		o->desc = was->desc;
		o->type = was->type;
		o->labels = was->labels;
		o->meta = was->meta;
		o->remote = was->remote;
		o->push = was->push;
	}
}

/* The stage of the same file makes way for the new one, so that the two do not collide. */
static void replace_in_index(struct index *ix, struct stage *s)
{
	for (size_t i = 0; i < ix->stages.count; i++) {
		struct stage *old = ix->stages.items[i];
		if (old->name || !str_eq(old->file, s->file))
			continue;
		keep_notes(s, old);
		s->order = old->order;
		stage_release(old);
		ix->stages.items[i] = s;
		return;
	}
	s->order = ix->stages.count;
	*vec_push(&ix->stages) = s;
}

int import_new_stage(
	struct repo *repo, const char *out_path, bool by_name, struct stage **out, struct err *err)
{
	AUTO(mem_freep) char *clean = path_normalize(out_path);
	AUTO(mem_freep) char *base = mem_strdup(path_basename(clean));
	AUTO(mem_freep) char *given = repo_absolute(repo, out_path);
	AUTO(mem_freep) char *full = by_name && !path_inside(given, repo->root)
					     ? repo_absolute(repo, base)
					     : mem_strdup(given);
	struct index *ix;
	int r = repo_index(repo, &ix, err);
	if (r >= 0)
		r = check_place(repo, out_path, full, err);
	AUTO(mem_freep) char *file = mem_printf("%s.dvc", full);
	if (r >= 0)
		r = gitignore_check_file(repo, file, err);
	if (r < 0)
		return r;
	struct stage *s = dvcfile_new_stage(&ix->arena, file, path_basename(full));
	replace_in_index(ix, s);
	r = graph_check_outs(ix, s, err);
	*out = s;
	return r;
}

/* ---- bringing data */

static int save_tree(struct data *d, const struct tree *t, struct oid *out, struct err *err)
{
	if (t->count == 1 && !*tree_path(t, &t->entries[0])) {
		*out = tree_entry_oid(t, &t->entries[0]);
		return 0;
	}
	return cache_add_tree(&d->cache, t, out, err);
}

/* Put an object at the output's place and record it. */
static int place(
	struct data *d, struct arena *a, struct out *o, const struct oid *oid, struct err *err)
{
	char text[OID_TEXT];
	struct recorded rec = RECORDED_NONE;
	rec.hash_name = hash_name_text(oid->hash);
	rec.hash = oid_format(oid, text);
	int r = out_make_ignored(d, o, err);
	if (r >= 0)
		r = out_restore(d, o, &rec, err);
	o->rec = RECORDED_NONE;
	if (r >= 0)
		r = out_save(d, a, o, oid->hash != HASH_MD5, NULL, err);
	if (r >= 0)
		data_save_link(d, o->abs_path);
	return r;
}

static int no_such_path(const struct dep *dep, struct err *err)
{
	return err_set(err, ERR_UNEXPECTED, "['%s']", dep->path); /* DVC's text */
}

static int open_origin(struct repo *repo, const struct stage *s, bool locked, struct data *d,
	struct external **out, struct err *err)
{
	const struct dep *dep = &s->deps.items[0];
	struct external_opts opts;
	external_opts_of_dep(dep->repo, locked, &opts);
	opts.cache = &d->cache;
	opts.base = s->wdir;
	(void)repo;
	return external_open(out, value_get_str(dep->repo, "url"), &opts, err);
}

/* The entry with a commit (and, when given, a revision) noted, in DVC's order. */
static const struct value *with_lock(
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

/* All objects of the import into our cache; *out is their name. */
static int store_origin(struct data *d, struct external *e, const struct dep *dep, int jobs,
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

static int run_repo_import(struct repo *repo, struct data *d, struct arena *a, struct stage *s,
	bool no_download, int jobs, struct err *err)
{
	struct dep *dep = &s->deps.items[0];
	struct external *e = NULL;
	struct scm_id commit;
	struct oid oid;
	int r = open_origin(repo, s, true, d, &e, err);
	if (r >= 0)
		r = external_rev(e, &commit, err);
	if (r >= 0 && !no_download)
		r = store_origin(d, e, dep, jobs, &oid, NULL, err);
	external_free(e);
	if (r < 0)
		return r;
	dep->repo = with_lock(
		a, dep->repo, NULL, value_get_str(dep->repo, "rev_lock") ? NULL : commit.hex);
	return no_download ? 0 : place(d, a, &s->outs.items[0], &oid, err);
}

static int missing_dep(const struct repo *repo, const struct dep *dep, struct err *err)
{
	AUTO(mem_freep) char *shown = dep_display(repo, dep);
	return err_set(err, ERR_FAIL, "dependency '%s' does not exist", shown);
}

static int run_url_import(struct repo *repo, struct data *d, struct arena *a, struct stage *s,
	bool no_download, struct err *err)
{
	struct dep *dep = &s->deps.items[0];
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	AUTO(mem_freep) char *from = NULL;
	int r = dep_path(d, dep, &from, err);
	if (r < 0)
		return r;
	if (!file_exists(from))
		return missing_dep(repo, dep, err);
	r = data_hash(d, from, HASH_MD5, !no_download, &now, err);
	if (r < 0)
		return r;
	recorded_set(a, &dep->rec, &now);
	return no_download ? 0 : place(d, a, &s->outs.items[0], &now.oid, err);
}

static int run_import(struct repo *repo, struct arena *a, struct stage *s, bool no_download,
	bool dry, int jobs, const struct progress *progress, struct err *err)
{
	AUTO(mem_freep) char *from = dep_display(repo, &s->deps.items[0]),
			     *to = out_display(repo, &s->outs.items[0]);
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	struct data *d;
	progress_info(progress, "Importing '%s' -> '%s'", from, to);
	if (dry)
		return 0;
	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = cache_lock_take(&lock, &d->cache, false, err);
	if (r >= 0 && s->deps.items[0].kind == DEP_DB)
		r = err_set(err, ERR_UNSUPPORTED, "imports from databases are not supported yet");
	if (r >= 0)
		r = stage_is_repo_import(s) ? run_repo_import(repo, d, a, s, no_download, jobs, err)
					    : run_url_import(repo, d, a, s, no_download, err);
	if (r >= 0)
		s->md5 = s->md5 ? s->md5 : ""; /* to be computed when it is saved */
	if (r >= 0 && no_download)
		r = out_make_ignored(d, &s->outs.items[0], err);
	return r;
}

int import_run(struct repo *repo, struct arena *a, struct stage *s, bool dry,
	const struct progress *progress, struct err *err)
{
	return run_import(repo, a, s, false, dry, 0, progress, err);
}

/* ---- import, import-url */

static struct dep *add_dep(struct stage *s, enum dep_kind kind, const char *path)
{
	struct dep *dep = vec_push(&s->deps);
	dep->kind = kind;
	dep->path = path;
	dep->rec = RECORDED_NONE;
	return dep;
}

/* What stood in the place goes only when the data is there to take it; without data it goes too, as
 * in DVC. */
static int finish(
	struct repo *repo, struct stage *s, const struct import_opts *opts, struct err *err)
{
	struct index *ix;
	struct data *d;
	struct out *o = &s->outs.items[0];
	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = repo_index(repo, &ix, err);
	s->frozen = true;
	if (r >= 0 && opts->mode == IMPORT_NO_EXEC)
		r = out_make_ignored(d, o, err);
	else if (r >= 0)
		r = run_import(repo, &ix->arena, s, opts->mode == IMPORT_NO_DOWNLOAD, false,
			opts->jobs, opts->progress, err);
	if (r >= 0 && opts->mode == IMPORT_NO_DOWNLOAD)
		r = file_remove(o->abs_path, err);
	return r < 0 ? r : MIN(dvcfile_save(repo, s, err), 0);
}

int ops_import(struct repo *repo, const char *path, const struct value *entry,
	const struct import_opts *opts, struct err *err)
{
	AUTO(mem_freep) char *to = NULL;
	struct stage *s;
	int r = get_destination(path, opts->out, opts->force, &to, err);
	if (r >= 0)
		r = import_new_stage(repo, to, false, &s, err);
	if (r < 0)
		return r;
	add_dep(s, DEP_REPO, path)->repo = entry;
	return finish(repo, s, opts, err);
}

/* A path in the repository is written relative to the .dvc file; any other as the user gave it. */
static const char *written_url(
	struct repo *repo, struct arena *a, const struct stage *s, const char *url, char **out_abs)
{
	AUTO(mem_freep) char *full = NULL;
	if (path_has_scheme(url))
		return url;
	full = repo_absolute(repo, url);
	bool ours = file_exists(full) && path_inside(full, repo->root) && !str_eq(full, repo->root);
	AUTO(mem_freep) char *rel = path_relative(full, s->wdir);
	AUTO(mem_freep) char *joined = path_join(s->wdir, ours ? rel : url);
	*out_abs = path_normalize(joined);
	return ours ? arena_strdup(a, rel) : url;
}

static int import_to_remote(struct repo *repo, const char *url, struct stage *s,
	const struct import_url_opts *opts, struct err *err)
{
	AUTO(mem_freep) char *from = NULL;
	const struct transfer_target to = {opts->remote, "import-url", opts->how.jobs};
	struct index *ix;
	struct data *d;
	int r = repo_index(repo, &ix, err);
	if (r >= 0)
		r = repo_data(repo, &d, err);
	if (r >= 0)
		r = url_local_path(&repo->config, url, repo->cwd, &from, err);
	if (r >= 0)
		r = transfer_to_remote(repo, &ix->arena, from, &s->outs.items[0], &to, err);
	if (r < 0 && from && !file_exists(from))
		r = ERR_UNEXPECTED; /* as DVC, whose text this is */
	if (r >= 0)
		r = out_make_ignored(d, &s->outs.items[0], err);
	if (r < 0)
		return r;
	s->frozen = true;
	s->md5 = "";
	s->deps.items[0].rec = s->outs.items[0].rec;
	s->deps.items[0].rec.isexec = false;
	return MIN(dvcfile_save(repo, s, err), 0);
}

static int check_url_opts(const struct import_url_opts *o, struct err *err)
{
	if (o->to_remote && (o->how.mode != IMPORT_DATA || o->version_aware))
		return err_set(err, ERR_FAIL,
			"--no-exec/--no-download/--version-aware cannot be combined with --to-remote");
	if (!o->to_remote && o->remote)
		return err_set(err, ERR_FAIL, "--remote can't be used without --to-remote");
	return 0;
}

int ops_import_url(
	struct repo *repo, const char *url, const struct import_url_opts *opts, struct err *err)
{
	AUTO(mem_freep) char *to = NULL, *full = NULL, *reachable = NULL;
	struct index *ix;
	struct stage *s;
	int r = get_destination(url, opts->how.out, opts->how.force, &to, err);
	if (r >= 0)
		r = check_url_opts(opts, err);
	if (r >= 0)
		r = url_local_path(&repo->config, url, repo->cwd, &reachable, err);
	if (r >= 0)
		r = import_new_stage(repo, to, opts->to_remote && !opts->how.out, &s, err);
	if (r >= 0)
		r = repo_index(repo, &ix, err);
	if (r < 0)
		return r;
	const char *written = written_url(repo, &ix->arena, s, url, &full);
	struct dep *dep = add_dep(s, full ? DEP_FILE : DEP_URL, written);
	dep->abs_path = full ? arena_strdup(&ix->arena, full) : NULL;
	dep->fs_config = opts->fs_config;
	return opts->to_remote ? import_to_remote(repo, url, s, opts, err)
			       : finish(repo, s, &opts->how, err);
}

/* ---- is there something new? */

int import_is_outdated(struct repo *repo, const struct stage *s, struct err *err)
{
	const struct dep *dep = &s->deps.items[0];
	const char *lock = value_get_str(dep->repo, "rev_lock");
	struct external *e;
	struct scm_id now;
	struct data *d;
	if (!lock)
		return 0; /* never run: both questions have one answer */
	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = open_origin(repo, s, false, d, &e, err);
	if (r < 0)
		return r;
	r = external_rev(e, &now, err);
	external_free(e);
	return r < 0 ? r : !str_eq(now.hex, lock);
}

/* ---- fetch */

static char *memory_key(struct data *d, const struct stage *s)
{
	const struct dep *dep = &s->deps.items[0];
	const char *lock = dep->repo ? value_get_str(dep->repo, "rev_lock") : dep->rec.hash;
	AUTO(mem_freep) char *file = repo_relative(d->repo, s->file);
	return lock ? mem_printf("%s\n%s\n%s", file, dep->path, lock) : NULL;
}

bool import_known(struct data *d, const struct stage *s, struct oid *out)
{
	AUTO(mem_freep) char *key = memory_key(d, s);
	AUTO(buf_release) struct buf text = BUF_INIT;
	return key && state_blob_get(d->state, "import", key, &text) &&
	       oid_parse(out, buf_str(&text), HASH_MD5);
}

static void remember(struct data *d, const struct stage *s, const struct oid *oid)
{
	AUTO(mem_freep) char *key = memory_key(d, s);
	char text[OID_TEXT];
	if (key)
		state_blob_put(d->state, "import", key, oid_format(oid, text),
			strlen(oid_format(oid, text)));
}

static int fetch_repo_import(struct repo *repo, struct data *d, const struct stage *s, int jobs,
	size_t *count, struct err *err)
{
	const struct out *o = &s->outs.items[0];
	struct oid want = recorded_oid(&o->rec), known, got;
	struct recorded rec = {.hash_name = "md5"};
	struct external *e;
	char text[OID_TEXT];
	size_t files = 0;
	if (!oid_is_set(&want) && import_known(d, s, &known)) {
		rec.hash = oid_format(&known, text);
		if (recorded_is_cached(d, &rec, NULL) > 0)
			return 0;
	}
	int has = oid_is_set(&want) ? recorded_is_cached(d, &o->rec, err) : 0;
	if (has != 0 || !value_get_str(s->deps.items[0].repo, "rev_lock"))
		return MIN(has, 0);
	int r = open_origin(repo, s, true, d, &e, err);
	if (r < 0)
		return r;
	r = store_origin(d, e, &s->deps.items[0], jobs, &got, &files, err);
	external_free(e);
	if (r >= 0 && !oid_is_set(&want))
		remember(d, s, &got);
	if (r >= 0)
		*count += files;
	return r;
}

static int fetch_url_import(struct data *d, const struct stage *s, size_t *count, struct err *err)
{
	const struct dep *dep = &s->deps.items[0];
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	AUTO(mem_freep) char *from = NULL;
	struct oid known;
	if (import_known(d, s, &known) || dep->kind == DEP_DB ||
		dep_state(d, dep, NULL) != ENTRY_SAME)
		return 0; /* it is here; or what was recorded is not there any more */
	int r = dep_path(d, dep, &from, err);
	if (r >= 0)
		r = data_hash(d, from, HASH_MD5, true, &now, err);
	if (r < 0)
		return r;
	remember(d, s, &now.oid);
	*count += now.files;
	return 0;
}

int import_fetch(
	struct repo *repo, const struct stage *s, int jobs, size_t *out_count, struct err *err)
{
	struct data *d;
	int r = repo_data(repo, &d, err);
	if (r < 0)
		return r;
	if (stage_is_repo_import(s))
		return fetch_repo_import(repo, d, s, jobs, out_count, err);
	return import_is_partial(s) ? fetch_url_import(d, s, out_count, err) : 0;
}

/* ---- update */

struct updater {
	struct repo *repo;
	struct data *data;
	struct index *ix;
	const struct update_opts *opts;
};

/* Move a repository import to the newest commit of its revision. */
static int update_lock(struct updater *u, struct stage *s, struct err *err)
{
	struct dep *dep = &s->deps.items[0];
	struct external *e;
	struct scm_id now;
	if (u->opts->rev)
		dep->repo = with_lock(&u->ix->arena, dep->repo, u->opts->rev, NULL);
	int r = open_origin(u->repo, s, false, u->data, &e, err);
	if (r < 0)
		return r;
	r = external_rev(e, &now, err);
	external_free(e);
	if (r >= 0)
		dep->repo = with_lock(&u->ix->arena, dep->repo, NULL, now.hex);
	return r;
}

static int is_changed(struct updater *u, const struct stage *s, struct err *err)
{
	const struct dep *dep = &s->deps.items[0];
	const struct value *old = dep->raw ? value_get(dep->raw, "repo") : NULL;
	if (dvcfile_is_changed(s))
		return 1;
	if (dep->repo && !value_equal(old, dep->repo))
		return 1;
	int r = dep->repo ? ENTRY_SAME : dep_state(u->data, dep, err);
	if (r == ENTRY_SAME)
		r = out_state(u->data, &s->outs.items[0], err);
	return r < 0 ? r : r != ENTRY_SAME;
}

static int update_on_remote(struct updater *u, struct stage *s, struct err *err)
{
	struct dep *dep = &s->deps.items[0];
	AUTO(mem_freep) char *from = NULL;
	if (dep->kind == DEP_REPO)
		return err_set(err, ERR_FAIL,
			"Data imported from other DVC or Git repositories can't be updated with --to-remote");
	int r = dep_path(u->data, dep, &from, err);
	if (r < 0)
		return r;
	if (!file_exists(from))
		return missing_dep(u->repo, dep, err);
	const struct transfer_target to = {u->opts->remote, "update", u->opts->jobs};
	r = transfer_to_remote(u->repo, &u->ix->arena, from, &s->outs.items[0], &to, err);
	if (r < 0)
		return r;
	dep->rec = s->outs.items[0].rec;
	dep->rec.isexec = false;
	return MIN(dvcfile_save_keep_md5(u->repo, s, err), 0);
}

static int update_one(struct updater *u, struct stage *s, struct err *err)
{
	AUTO(mem_freep) char *name = stage_addressing(s, u->repo->cwd);
	const struct update_opts *o = u->opts;
	int r = s->deps.items[0].kind == DEP_REPO ? update_lock(u, s, err) : 0;
	int changed = r < 0 ? r : is_changed(u, s, err);
	if (changed < 0)
		return changed;
	if (o->to_remote)
		return update_on_remote(u, s, err);
	if (!changed) {
		progress_info(o->progress, "'%s' didn't change, skipping", name);
		return 0;
	}
	r = run_import(u->repo, &u->ix->arena, s, o->no_download, false, o->jobs, o->progress, err);
	if (r >= 0 && o->no_download)
		r = file_remove(s->outs.items[0].abs_path, err);
	if (r < 0)
		return r;
	return MIN(o->no_download ? dvcfile_save_without_data(u->repo, s, err)
				  : dvcfile_save(u->repo, s, err),
		0);
}

/* What is no import could only be changed by a worktree remote, which is of the cloud. */
static int update_other(struct updater *u, const struct stage *s, struct err *err)
{
	const struct update_opts *o = u->opts;
	const char *word = o->rev           ? "--rev"
			   : o->no_download ? "--no-download"
			   : o->to_remote   ? "--to-remote"
					    : NULL;
	if (word)
		return err_set(err, ERR_FAIL, "%s can't be used with worktree update", word);
	VEC_EACH (&s->outs, out) {
		AUTO(mem_freep) char *shown = out_display(u->repo, out);
		if (out->rec.cloud || out->rec.files)
			return err_set(err, ERR_UNSUPPORTED,
				"'%s' is of a worktree remote, which this build cannot reach",
				shown);
		progress_warn(o->progress, "Could not update '%s', it was never pushed to a remote",
			shown);
	}
	return 0;
}

static int check_update(const struct update_opts *o, struct err *err)
{
	if (o->to_remote && o->no_download)
		return err_set(err, ERR_FAIL, "--to-remote can't be used with --no-download");
	if (!o->to_remote && o->remote)
		return err_set(err, ERR_FAIL, "--remote can't be used without --to-remote");
	return 0;
}

int ops_update(struct repo *repo, const struct update_opts *opts, struct err *err)
{
	struct updater u = {.repo = repo, .opts = opts};
	struct target_list targets = {0};
	int r = check_update(opts, err);
	if (r >= 0)
		r = repo_index(repo, &u.ix, err);
	if (r >= 0)
		r = repo_data(repo, &u.data, err);
	for (size_t i = 0; i < opts->targets->count && r >= 0; i++)
		r = index_targets(u.ix, opts->targets->items[i],
			opts->recursive ? TARGET_RECURSIVE : 0, &targets, err);
	for (size_t i = 0; i < targets.count && r >= 0; i++) {
		struct stage *s = targets.items[i].stage;
		if (stage_is_import(s))
			r = update_one(&u, s, err);
	}
	for (size_t i = 0; i < targets.count && r >= 0; i++)
		if (!stage_is_import(targets.items[i].stage))
			r = update_other(&u, targets.items[i].stage, err);
	vec_release(&targets);
	return r;
}

/* ---- right to a remote, right into the cache */

static int no_such_file(const char *from, struct err *err)
{
	return err_set(err, ERR_FAIL, "[Errno 2] No such file or directory: '%s'", from);
}

static void names_in(const struct hashed *h, struct oid_list *out)
{
	for (size_t i = 0; h->is_dir && i < h->tree.count; i++) {
		struct oid o = tree_entry_oid(&h->tree, &h->tree.entries[i]);
		oid_list_add(out, &o);
	}
	oid_list_add(out, &h->oid);
	oid_list_sort(out);
}

/* Through a cache for the time being, which for a local remote is the remote itself. */
static int send(struct data *d, struct fs *fs, const char *from, int jobs, struct hashed *out,
	struct err *err)
{
	struct hash_opts how = {.hash = HASH_MD5, .state = d->state};
	AUTO(cache_release) struct cache to = CACHE_INIT;
	if (fs->local_root) {
		cache_init(&to, fs->local_root);
		how.into = &to;
		return hash_path(from, &how, out, err);
	}
	AUTO(oid_list_release) struct oid_list wanted = {0};
	AUTO(transfer_result_release) struct transfer_result result = {0};
	const struct transfer_opts opts = {.jobs = jobs};
	AUTO(mem_freep) char *dir = path_join(d->repo->tmp_dir, "to-remote");
	cache_init(&to, dir);
	how.into = &to;
	int r = hash_path(from, &how, out, err);
	if (r >= 0)
		names_in(out, &wanted);
	if (r >= 0)
		r = transfer_push(&to, fs, &wanted, &opts, &result, err);
	if (r >= 0 && result.failed)
		r = err_set(err, ERR_FAIL, "%zu files failed to upload", result.failed);
	(void)file_remove(dir, NULL); /* best effort */
	return r;
}

int transfer_to_remote(struct repo *repo, struct arena *a, const char *from, struct out *o,
	const struct transfer_target *to, struct err *err)
{
	AUTO(remotes_release) struct remotes remotes = {.command = to->command};
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	struct data *d;
	struct fs *fs;
	int r = remotes_get(&remotes, repo, to->remote, &fs, err);
	if (r >= 0)
		r = repo_data(repo, &d, err);
	if (r < 0)
		return r;
	if (!file_exists(from))
		return no_such_file(from, err);
	r = send(d, fs, from, to->jobs, &now, err);
	if (r >= 0)
		recorded_set(a, &o->rec, &now);
	return r;
}

int transfer_to_cache(
	struct repo *repo, struct arena *a, const char *from, struct out *o, struct err *err)
{
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	struct data *d;
	if (!file_exists(from))
		return no_such_file(from, err);
	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = data_hash(d, from, HASH_MD5, true, &now, err);
	return r < 0 ? r : place(d, a, o, &now.oid, err);
}
