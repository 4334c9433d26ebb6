/* All three commands collect the used objects, grouped by remote (data/used.h), then handle one
 * group after the other. */
#include "ops/sync.h"

#include "base/alloc.h"
#include "base/str.h"
#include "data/imports.h"
#include "data/remote_dir.h"
#include "ops/add.h"
#include "ops/import.h"
#include "run/record.h"

struct sync {
	struct repo *repo;
	struct data *data;
	struct index *ix;
	const struct sync_opts *opts;
	struct remotes remotes;
	struct used used;
	size_t imported, imports_failed; /* files fetched for imports; imports that failed */
};

static void sync_release(struct sync *s)
{
	used_release(&s->used);
	remotes_release(&s->remotes);
}

/* Collect the objects that the targets use, in the workspace and in the revisions asked for, sorted
 * by object in each group. */
static int collect(struct sync *s, const struct used_opts *want, struct err *err)
{
	const struct sync_opts *o = s->opts;
	unsigned flags = (o->with_deps ? TARGET_WITH_DEPS : 0) |
			 (o->recursive ? TARGET_RECURSIVE : 0);
	AUTO(strlist_release) struct strlist targets = STRLIST_INIT;
	struct selection outs = {0};

	/* a broken file of the workspace is no obstacle to revisions */
	int r = o->no_workspace ? 0 : repo_index(s->repo, &s->ix, err);
	if (r >= 0)
		r = repo_data(s->repo, &s->data, err);
	if (r >= 0) {
		s->remotes.state = s->data->state;
		s->remotes.look = o->verify ? LOOK_ALL : LOOK_NEW;
		r = ops_expand(o->targets, o->glob, &targets, err);
		if (r < 0)
			return r;
	}

	if (r >= 0 && !o->no_workspace)
		r = select_outs(s->ix, &targets, flags, &outs, NULL, err);

	if (r < 0 && r != ERR_CONFIG)
		progress_warn(o->progress, "failed to collect 'workspace', skipping");
	if (r >= 0 && !o->no_workspace)
		selection_narrow(&outs, s->ix, want->max_bytes, want->kinds);
	if (r >= 0 && !o->no_workspace)
		r = used_collect(&s->used, s->repo, s->data, &outs, want, err);
	if (r >= 0)
		r = used_collect_revs(
			&s->used, s->repo, s->data, &o->revs, &targets, flags, want, err);

	vec_release(&outs);

	VEC_EACH (&s->used.groups, g)
		oid_list_sort(&g->oids);
	return r;
}

/* DVC's warning about objects that are on neither side. */
static void warn_missing(const struct sync *s, const struct oid_list *missing)
{
	AUTO(buf_release) struct buf lines = BUF_INIT;
	char text[OID_TEXT];
	for (size_t i = 0; i < missing->count; i++)
		buf_addf(&lines, "\n%s: %s", hash_name_text(missing->items[i].hash),
			oid_format(&missing->items[i], text));
	if (missing->count)
		progress_warn(s->opts->progress,
			"Some of the cache files do not exist neither locally nor on remote. Missing cache files:%s",
			lines.ptr);
}

/* Print what happened in one group. Fails if some objects could not be transferred. */
static int conclude(const struct sync *s, const struct remote *storage,
	const struct remote_result *r, bool push, struct err *err)
{
	const struct progress *to = s->opts->progress;
	VEC_EACH (&r->failures, f) {
		AUTO(mem_freep) char *line = remote_failure_text(
			storage, f, push, to && to->dvcs_words);
		progress_warn(to, "%s", line);
	}
	warn_missing(s, &r->missing);
	if (!r->failed)
		return 0;
	return err_set(
		err, ERR_FAIL, "%zu files failed to %s", r->failed, push ? "upload" : "download");
}

static int compare_names(const void *a, const void *b)
{
	const struct used_name *x = a, *y = b;
	int order = oid_compare(&x->oid, &y->oid);
	return order ? order : strcmp(x->path, y->path);
}

/* As in struct remote_opts. The names are sorted. */
static char *path_of(void *arg, const struct oid *o)
{
	const struct used_group *g = arg;
	const struct used_name key = {.oid = *o, .path = (char[]){""}};
	size_t low = 0, high = g->names.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_names(&g->names.items[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < g->names.count && oid_compare(&g->names.items[low].oid, o) == 0
		       ? mem_strdup(g->names.items[low].path)
		       : NULL;
}

/* The remote of a group: the one that its outputs name, else the one on the command line; NULL: the
 * default remote. */
static const char *remote_of(const struct sync *s, const struct used_group *g)
{
	return g->remote ? g->remote : s->opts->remote;
}

/* Is there a remote for the group at all? Without one DVC fetches nothing, silently, but a push
 * fails. */
static bool has_remote(const struct sync *s, const struct used_group *g)
{
	return remote_of(s, g) || remote_default_name(s->repo);
}

/* Open the remote `name` (NULL: the default one). Fails if its directory is not the expected one,
 * for example because a disk is not mounted. */
static int open_remote(
	struct sync *s, const char *name, enum remote_use use, struct remote **out, struct err *err)
{
	int r = remotes_get(&s->remotes, s->repo, name, out, err);
	return r < 0 ? r : remote_dir_check(s->repo, name, *out, use, err);
}

/* Open the remote of a group. A fetch checks its directory only if the cache lacks something:
 * otherwise the remote's disk may be absent. */
static int open_for_group(
	struct sync *s, const struct used_group *g, bool push, struct remote **out, struct err *err)
{
	AUTO(oid_list_release) struct oid_list missing = {0};
	if (g->is_versioned)
		return remotes_get_any(&s->remotes, s->repo, remote_of(s, g), out, err);
	if (push)
		return open_remote(s, remote_of(s, g), REMOTE_WRITE, out, err);
	int r = cache_missing(&s->data->cache, &g->oids, &missing, err);
	if (r < 0)
		return r;
	return missing.count ? open_remote(s, remote_of(s, g), REMOTE_READ, out, err)
			     : remotes_get(&s->remotes, s->repo, remote_of(s, g), out, err);
}

/* A remote that refuses or is down: DVC catches that in a fetch (status 1), and in nothing else.
 * The code is changed to that of a failure, and the message says which remote it is. */
static int fetch_failed(const struct remote *storage, int code, struct err *err)
{
	bool of_place = code == ERR_AUTH || code == ERR_DENIED || code == ERR_BUSY ||
			code == ERR_BROKEN || code == ERR_NO_PLACE;
	if (!of_place || storage->local)
		return code;
	return err_wrap(err, ERR_FAIL, "failed to connect to %s", storage->fs->driver->name);
}

/* Write the versions of what was pushed into the pointers. */
static int record_versions(
	struct sync *s, const struct versions *v, const char *name, struct err *err)
{
	AUTO(lock_files_release) struct lock_files files = {0};
	struct arena *a = &s->ix->arena;
	VEC(struct stage *) changed = {0};
	int r = 0;
	VEC_EACH (&v->outs, vo) {
		struct stage *stage = vo->out->stage;
		bool known = false;
		if (!versions_record(a, v, vo, name))
			continue;
		VEC_EACH (&changed, have)
			known = known || *have == stage;
		if (!known)
			*vec_push(&changed) = stage;
	}
	VEC_EACH (&changed, stage)
		if (r >= 0)
			r = record_write(
				s->repo, a, &files, stage, 1, NULL, s->opts->progress, err);
	vec_release(&changed);
	return MIN(r, 0);
}

static int several_revisions(struct err *err)
{
	return err_set(
		err, ERR_FAIL, "Multiple rev push is unsupported for cloud versioned remotes");
}

/* Push a group whose remote is cloud-versioned. A failure of single files leaves the pointers of
 * their outputs as they were; those of the others name what is in the remote now. */
static int push_versions(struct sync *s, struct used_group *g, struct remote *storage,
	const struct remote_opts *how, struct remote_result *out, struct err *err)
{
	const char *name = remote_of(s, g);
	AUTO(err_release) struct err why = ERR_INIT;
	if (!s->ix) /* the versions would be recorded in files of the workspace */
		return several_revisions(err);
	VEC_EACH (&g->oids, o)
		oid_list_add(&out->missing, o);
	int r = versions_push(
		&s->data->cache, storage, &g->versions.files, how, &s->ix->arena, out, &why);
	/* also after a failure that ended it: what was sent has a version */
	int recorded = r == ERR_UNSUPPORTED
			       ? 0
			       : record_versions(s, &g->versions,
					 name ? name : remote_default_name(s->repo), err);
	return r < 0 ? err_move(err, &why) : recorded;
}

static int fetch_versions(struct sync *s, const struct used_group *g, struct remote *storage,
	const struct remote_opts *how, struct remote_result *out, struct err *err)
{
	AUTO(strlist_release) struct strlist unversioned = STRLIST_INIT;
	VEC_EACH (&g->oids, o)
		oid_list_add(&out->missing, o);
	int r = versions_fetch(
		storage, &s->data->cache, &g->versions.files, how, out, &unversioned, err);
	if (r < 0 || !unversioned.count)
		return r;
	AUTO(mem_freep) char *urls = strlist_join(&unversioned, "\n");
	progress_warn(s->opts->progress,
		"Some files are missing cloud version information and will not be fetched from the remote:\n%s",
		urls);
	return r;
}

static int transfer_group(struct sync *s, struct used_group *g, bool push, struct remote *storage,
	struct remote_result *out, struct err *err)
{
	const struct remote_opts how = {
		.jobs = s->opts->jobs, .sizes = &g->sizes, .path_of = path_of, .path_arg = g};
	if (g->is_versioned)
		return push ? push_versions(s, g, storage, &how, out, err)
			    : fetch_versions(s, g, storage, &how, out, err);
	return push ? remote_push(&s->data->cache, storage, &g->oids, &how, out, err)
		    : remote_fetch(storage, &s->data->cache, &g->oids, &how, out, err);
}

/* Transfer group by group. If objects of one group fail, the other groups are transferred all the
 * same, and the failure is returned at the end. */
static int run_groups(struct sync *s, bool push, size_t *out_count, struct err *err)
{
	int failure = 0;
	VEC_EACH (&s->used.groups, g) {
		struct remote_result result = {0};
		struct remote *storage;

		if ((!g->oids.count && !g->versions.outs.count) || (!push && !has_remote(s, g)))
			continue;

		vec_sort(&g->names, compare_names);
		int r = open_for_group(s, g, push, &storage, err);
		if (r >= 0)
			r = transfer_group(s, g, push, storage, &result, err);
		*out_count += result.transferred;
		if (r < 0 && !push)
			r = fetch_failed(storage, r, err);
		if (r >= 0 && !g->is_versioned)
			remote_dir_note(s->repo, storage);
		if (r >= 0)
			r = conclude(s, storage, &result, push, err);

		remote_result_release(&result);
		if (r < 0 && r != ERR_FAIL)
			return r;

		failure = r < 0 ? r : failure;
	}
	return failure;
}

int ops_push(struct repo *repo, const struct sync_opts *opts, size_t *out_count, struct err *err)
{
	AUTO(sync_release) struct sync s = {.repo = repo, .opts = opts};
	const struct used_opts want = {.remote = opts->remote,
		.push = true,
		.sizes = true,
		.names = true,
		.versions = true,
		.progress = opts->progress};
	const bool versioned = remote_is_versioned(repo, opts->remote);
	struct remote *storage;

	if (versioned && used_revs_any(&opts->revs))
		return several_revisions(err);
	int r = collect(&s, &want, err);
	if (r >= 0 && opts->run_cache && !versioned) {
		r = open_remote(&s, opts->remote, REMOTE_WRITE, &storage, err);
		if (r >= 0)
			r = remote_push_runs(&s.data->cache, storage, err);
		*out_count += (size_t)MAX(r, 0);
	}

	if (r >= 0 && !s.used.groups.count && (opts->remote || !remote_default_name(repo)))
		r = remotes_get_any(&s.remotes, repo, opts->remote, &storage,
			/* with nothing to push, the remote must exist all the same, as in DVC */
			err);
	return r < 0 ? r : run_groups(&s, true, out_count, err);
}

/* Fetch one import; called while the index that contains it is loaded. A failure is a warning and
 * counted, and the others go on. */
static int fetch_import(void *ctx, const struct stage *stage, struct err *err)
{
	struct sync *s = ctx;
	AUTO(err_release) struct err why = ERR_INIT;
	(void)err;
	if (import_fetch(s->repo, stage, s->opts->jobs, &s->imported, &why) >= 0)
		return 0;
	s->imports_failed++;
	progress_warn(s->opts->progress, "%s", why.msg);
	return 0;
}

/* A damaged entry is worth a warning: what it stood for can be run again. */
static int fetch_runs(struct sync *s, struct remote *storage, struct err *err)
{
	AUTO(strlist_release) struct strlist refused = STRLIST_INIT;
	int r = remote_fetch_runs(storage, &s->data->cache, &refused, err);
	for (size_t i = 0; i < refused.count; i++)
		progress_warn(s->opts->progress,
			"corrupted run-cache entry '%s' in the remote is not fetched.",
			refused.items[i]);
	return r;
}

int ops_fetch(struct repo *repo, const struct sync_opts *opts, size_t *out_count, struct err *err)
{
	AUTO(sync_release) struct sync s = {.repo = repo, .opts = opts};
	const struct used_opts want = {.remote = opts->remote,
		.remotes = &s.remotes,
		.import = fetch_import,
		.import_ctx = &s,
		.sizes = true,
		.versions = true,
		.names = true,
		.max_bytes = opts->max_bytes,
		.kinds = opts->kinds,
		.progress = opts->progress};
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	struct remote *storage;

	int r = repo_data(repo, &s.data, err);

	/* shared: keeps the gc of another project from removing what has just been fetched */
	if (r >= 0)
		r = cache_lock_take(&lock, &s.data->cache, false, err);
	if (r >= 0 && opts->remote) {
		r = remotes_get_any(&s.remotes, repo, opts->remote, &storage, err);
		if (r < 0)
			progress_warn(opts->progress, "failed to collect 'workspace', skipping");
	}

	if (r >= 0)
		r = collect(&s, &want, err);
	if (r >= 0 && opts->run_cache && !remote_is_versioned(repo, opts->remote)) {
		r = open_remote(&s, opts->remote, REMOTE_READ, &storage, err);
		if (r >= 0)
			r = fetch_runs(&s, storage, err);
	}
	*out_count += s.used.listings_fetched + s.imported;
	if (r >= 0)
		r = run_groups(&s, false, out_count, err);
	if (r >= 0 && s.imports_failed)
		r = err_set(err, ERR_FAIL, "%zu files failed to download", s.imports_failed);
	return r;
}

void cloud_status_release(struct cloud_status *s)
{
	VEC_EACH (&s->changes, c)
		free(c->path);
	vec_release(&s->changes);
}

/* Append the differences of one group: objects that the cache, the remote `storage`, or both lack.
 */
static int compare_group(struct sync *s, struct used_group *g, struct remote *storage,
	struct cloud_status *out, struct err *err)
{
	AUTO(oid_list_release) struct oid_list here = {0},
					       there = {
						       0}; /* missing in the cache, in the remote */
	oid_list_sort(&g->named);
	int r = cache_missing(&s->data->cache, &g->oids, &here, err);
	if (r >= 0)
		r = remote_missing_named(storage, &g->oids, &g->named, &there, err);
	if (r < 0)
		return r;

	VEC_EACH (&g->names, name) {
		bool not_here = oid_list_has(&here, &name->oid);
		bool not_there = oid_list_has(&there, &name->oid);
		if (not_here || not_there)
			*vec_push(&out->changes) = (struct cloud_change){
				mem_strdup(name->path), !not_there  ? CLOUD_DELETED
							: !not_here ? CLOUD_NEW
								    : CLOUD_MISSING};
	}
	return 0;
}

int ops_cloud_status(
	struct repo *repo, const struct sync_opts *opts, struct cloud_status *out, struct err *err)
{
	AUTO(sync_release) struct sync s = {
		.repo = repo, .opts = opts, .remotes.command = "status"};
	const struct used_opts want = {.remote = opts->remote,
		.push = true,
		.names = true,
		.whole = true,
		.warn = true,
		.force = true,
		.remotes = &s.remotes,
		.progress = opts->progress};
	struct remote *storage;

	int r = collect(&s, &want, err);
	VEC_EACH (&s.used.groups, g) {
		if (r >= 0)
			r = remotes_get(&s.remotes, repo, remote_of(&s, g), &storage, err);
		if (r >= 0)
			r = compare_group(&s, g, storage, out, err);
		if (r >= 0)
			remote_dir_note(repo, storage);
	}
	return r;
}
