/* Collects everything that is used, in this project and in others that share the cache, then
 * removes the rest from the cache and, if asked, from remotes. Any doubt about what is used is a
 * failure before the first object is removed. */
#include "ops/gc.h"

#include <time.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/data.h"
#include "project/index.h"
#include "store/gc.h"
#include "store/remote.h"

void gc_report_release(struct gc_report *r)
{
	VEC_EACH (r, s)
		strlist_release(&s->would_go);
	vec_release(r);
}

int ops_gc_check(const struct gc_opts *o, struct err *err)
{
	const struct used_revs *r = &o->revs;
	if (o->cloud && o->not_in_remote)
		return err_set(
			err, ERR_FAIL, "`--not-in-remote` and `--cloud` are mutually exclusive");
	if (!o->workspace && !r->all_branches && !r->all_tags && !r->all_commits &&
		!r->all_experiments && !r->rev && !r->date && !r->num)
		return err_set(err, ERR_FAIL,
			"Either of `-w|--workspace`, `-a|--all-branches`, `-T|--all-tags` `--all-experiments`, `--all-commits`, "
			"`--date` or `--rev` needs to be set.");
	if (r->num && !r->rev && !r->all_branches)
		return err_set(err, ERR_FAIL,
			"`--num` can only be used alongside `--rev` or `--all-branches`");
	return 0;
}

/* The part of DVC's warning that names the revisions. */
static void add_revs(struct buf *text, const struct gc_opts *o)
{
	const struct used_revs *r = &o->revs;
	if (r->all_commits) {
		buf_adds(text, " and all git commits");
		return;
	}

	if (r->all_branches && r->num)
		buf_addf(text, " and last %d commits from all git branches%s", r->num,
			r->all_tags ? " and all git tags" : "");
	else if (r->all_branches)
		buf_addf(text, " and all git branches%s", r->all_tags ? " and tags" : "");
	else if (r->all_tags)
		buf_adds(text, " and all git tags");
	if (r->date)
		buf_addf(text, " and all git commits before date %s", r->date);
	if (r->rev)
		buf_addf(text, " and last %d commits from %s", r->num ? r->num : 1, r->rev);
}

char *ops_gc_warning(const struct gc_opts *o)
{
	struct buf text = BUF_INIT;
	buf_adds(&text, "This will remove all cache except items used in the workspace");
	add_revs(&text, o);
	if (o->revs.all_experiments)
		buf_adds(&text, " and all experiments");
	if (o->not_in_remote)
		buf_adds(&text, " that are not present in the DVC remote");
	if (!o->repos.count) {
		buf_adds(&text, " of the current repo.");
		return buf_detach(&text);
	}

	buf_adds(&text, " of the current and the following repos:");

	for (size_t i = 0; i < o->repos.count; i++) {
		AUTO(mem_freep) char *path = path_absolute(o->repos.items[i]);
		buf_addf(&text, "\n  - %s", path);
	}

	return buf_detach(&text);
}

/* One project: what it uses, and its remotes, which stay open until they have been swept. */
struct member {
	struct repo other; /* unused for the caller's own project */
	struct used used;
	struct remotes remotes;
};
/* The caller's project is the last one. A member is allocated alone, so that it keeps its address
 * while the list grows. */
VEC_TYPE(members, struct member *);

static void members_release(struct members *all)
{
	VEC_EACH (all, it) {
		struct member *m = *it;
		used_release(&m->used);
		remotes_release(&m->remotes);
		repo_release(&m->other);
		free(m);
	}
	vec_release(all);
}

static struct member *add_member(struct members *all)
{
	struct member *m = NEW(struct member);
	*vec_push(all) = m;
	m->remotes.command = "gc -c"; /* for DVC's hint when there is no remote */
	m->remotes.look = LOOK_ALL;   /* what is removed depends on what a remote holds */
	return m;
}

/* Collect what one work tree uses: the workspace, or that of a running experiment. */
static int collect_tree(struct member *m, struct repo *repo, struct data *d, const char *name,
	const struct used_opts *want, struct err *err)
{
	struct index *ix;
	int r = repo_index_parts(repo, &ix, err);
	if (r >= 0)
		r = used_collect_index(&m->used, repo, d, ix, want, err);
	if (r >= 0)
		return r;
	return err_is_page(err) ? ERR_FAIL
				: err_wrap(err, ERR_FAIL, "Failed to collect '%s'", name);
}

/* Collect what running experiments use, from their work trees in one folder. A stage that has
 * finished there has its outputs in the cache, but no ref names them before the experiment ends. */
static int collect_running(struct member *m, struct repo *repo, struct data *d, const char *dir,
	const struct used_opts *want, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(mem_freep) char *below = path_relative(repo->root, repo->git_root);
	struct used_opts silent = *want; /* the workspace gives the same warnings */

	silent.warn = false;

	int r = file_is_dir(dir) ? file_list(dir, &names, err) : 0;

	for (size_t i = 0; i < names.count && r >= 0; i++) {
		AUTO(repo_release) struct repo tree = REPO_INIT;
		AUTO(mem_freep) char *top = path_join(dir, names.items[i]);
		AUTO(mem_freep) char *root = path_join(top, below);
		AUTO(mem_freep) char *dvc = path_join(root, ".dvc");
		/* the folder holds other files, too */
		if (!str_starts(names.items[i], "tmp") || !file_is_dir(dvc))
			continue;
		r = repo_open_at(&tree, repo->ctx, root, NULL, NULL, err);
		if (r >= 0)
			r = collect_tree(m, &tree, d, root, &silent, err);
	}

	return MIN(r, 0);
}

/* Collect everything that one project uses. `d` is the cache to be swept, also for another
 * project. */
static int collect_member(struct member *m, struct repo *repo, struct data *d,
	const struct gc_opts *o, struct err *err)
{
	const struct used_opts want = {.whole = true,
		.warn = true,
		.imports = true,
		.partial = true,
		.force = o->force,
		.all_or_fail = true,
		.skip_failed = o->skip_failed,
		.remotes = &m->remotes,
		.progress = o->progress};
	const struct strlist everything = STRLIST_INIT;
	AUTO(mem_freep) char *exps = path_join(repo->tmp_dir, "exps");
	AUTO(mem_freep) char *standalone = path_join(exps, "standalone");
	struct used_revs revs = o->revs;

	revs.waiting = true;

	int r = collect_tree(m, repo, d, "workspace", &want, err);
	if (r >= 0 && repo->git_root)
		r = collect_running(m, repo, d, exps, &want, err);
	if (r >= 0 && repo->git_root)
		r = collect_running(m, repo, d, standalone, &want, err);
	if (r >= 0)
		r = used_collect_revs(&m->used, repo, d, &revs, &everything, 0, &want, err);
	return r;
}

/*
 * Collect what all projects use.
 *
 * The exclusive lock on the cache is taken before anything is read. Otherwise an experiment, which
 * records under locks of its own, could store an object after the collection, and write the
 * dvc.lock that names it only after the sweep.
 *
 * The locks of the other projects come before that of the cache: a process that holds a repository
 * lock may be waiting for the cache.
 */
static int collect_all(struct members *all, struct repo *repo, struct data *d,
	const struct gc_opts *o, struct cache_lock *lock, struct err *err)
{
	int r = 0;
	for (size_t i = 0; i < o->repos.count && r >= 0; i++) {
		struct member *m = add_member(all);
		r = repo_open(&m->other, repo->ctx, o->repos.items[i], err);
		if (r >= 0)
			r = repo_lock(&m->other, err);
	}

	/* a dry run removes nothing and need not wait */
	if (r >= 0 && !o->dry && file_exists(d->cache.dir))
		r = cache_lock_take(lock, &d->cache, true, err);

	for (size_t i = 0; i < all->count && r >= 0; i++)
		r = collect_member(all->items[i], &all->items[i]->other, d, o, err);

	if (r < 0)
		return r;
	struct member *own = add_member(all);
	own->remotes.state = d->state;
	return collect_member(own, repo, d, o, err);
}

/* List the objects to keep, sorted: everything that is used, or with --not-in-remote only those
 * that their remote lacks. */
static int list_kept(const struct members *all, struct repo *repo, const struct gc_opts *o,
	struct oid_list *kept, struct err *err)
{
	for (size_t i = 0; i < all->count; i++) {
		struct member *m = all->items[i];
		struct repo *of = i + 1 < all->count ? &m->other : repo;

		VEC_EACH (&m->used.groups, g) {
			const struct oid_list *add = &g->oids;
			AUTO(oid_list_release) struct oid_list missing = {0};

			if (o->not_in_remote) {
				/* as in DVC, the default remote of this project stands for that of
				 * the other projects, too */
				struct remote *storage;
				struct member *last = all->items[all->count - 1];
				int r = g->remote ? remotes_get(&m->remotes, of, g->remote,
							    &storage, err)
						  : remotes_get(&last->remotes, repo, o->remote,
							    &storage, err);

				oid_list_sort(&g->oids);
				if (r >= 0)
					r = remote_missing(storage, &g->oids, &missing, err);
				if (r < 0)
					return r;

				add = &missing;
			}

			for (size_t k = 0; k < add->count; k++)
				oid_list_add(kept, &add->items[k]);
		}
	}

	oid_list_sort(kept);
	return 0;
}

/* Sort the paths; listings come before files, because DVC removes them in that order. */
static void sort_paths(struct strlist *paths)
{
	struct strlist sorted = STRLIST_INIT;
	strlist_sort(paths);
	for (int files = 0; files < 2; files++) {
		for (size_t i = 0; i < paths->count; i++) {
			if (str_ends(paths->items[i], ".dir") != (bool)files)
				strlist_add(&sorted, paths->items[i]);
		}
	}
	strlist_release(paths);
	*paths = sorted;
}

static struct gc_swept *add_swept(struct gc_report *out, const char *cache)
{
	struct gc_swept *s = vec_push(out);
	s->cache = cache;
	return s;
}

static int sweep_cache(const struct cache *c, enum hash_name hash, const struct oid_list *kept,
	const struct gc_opts *o, struct gc_report *out, struct err *err)
{
	struct gc_swept *s = add_swept(out, hash == HASH_MD5 ? "repo" : "legacy");
	struct gc_result swept = {.paths = o->dry ? &s->would_go : NULL};
	int r = gc_cache(c, hash, kept, o->dry, &swept, err);
	s->removed = swept.removed;
	sort_paths(&s->would_go);
	return r;
}

/* Remove the unused objects of one remote: those of DVC 3.x, then those of 2.x. */
static int sweep_remote(struct remote *storage, const struct oid_list *kept,
	const struct gc_opts *o, struct gc_report *out, struct err *err)
{
	static const enum hash_name hashes[] = {HASH_MD5, HASH_MD5_DOS2UNIX};
	int r = 0;
	for (size_t i = 0; i < ARRAY_SIZE(hashes) && r >= 0; i++) {
		struct gc_swept *s = add_swept(out, NULL);
		struct gc_result swept = {.paths = o->dry ? &s->would_go : NULL};
		r = remote_gc(storage, hashes[i], kept, o->dry, o->jobs, &swept, err);
		s->removed = swept.removed;
		s->aborted = swept.aborted;
		sort_paths(&s->would_go);
	}
	return r;
}

VEC_TYPE(remote_set, struct remote *);

/* Add a remote, unless one with the same URL is in the list. */
static void add_remote(struct remote_set *list, struct remote *storage)
{
	VEC_EACH (list, it) {
		if (str_eq((*it)->fs->url, storage->fs->url))
			return;
	}
	*vec_push(list) = storage;
}

/* List the remotes to sweep: those that outputs name, then the default one. */
static int list_remotes(const struct members *all, struct repo *repo, const struct gc_opts *o,
	struct remote_set *list, struct err *err)
{
	struct remote *storage;
	int r = 0;

	for (size_t i = 0; i < all->count; i++) {
		struct member *m = all->items[i];
		struct repo *of = i + 1 < all->count ? &m->other : repo;
		for (size_t k = 0; k < m->used.groups.count && r >= 0; k++) {
			const char *name = m->used.groups.items[k].remote;
			if (!name)
				continue;
			r = remotes_get(&m->remotes, of, name, &storage, err);
			if (r >= 0)
				add_remote(list, storage);
		}
	}

	if (r >= 0)
		r = remotes_get(
			&all->items[all->count - 1]->remotes, repo, o->remote, &storage, err);
	if (r >= 0)
		add_remote(list, storage);
	return r;
}

/* Remove the snapshots of directories that are no longer tracked from the state database. */
static void forget_snapshots(struct repo *repo, struct data *d)
{
	AUTO(strlist_release) struct strlist kept = STRLIST_INIT;
	struct index *ix;
	if (repo_index(repo, &ix, NULL) < 0)
		return;

	VEC_EACH (&ix->stages, s) {
		VEC_EACH (&(*s)->outs, out)
			if (out->abs_path)
				strlist_add(&kept, out->abs_path);
		VEC_EACH (&(*s)->deps, dep)
			if (dep->abs_path)
				strlist_add(&kept, dep->abs_path);
	}

	state_trees_keep(d->state, &kept);
}

int ops_gc(struct repo *repo, const struct gc_opts *o, struct gc_report *out, struct err *err)
{
	AUTO(members_release) struct members all = {0};
	AUTO(oid_list_release) struct oid_list kept = {0};
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	struct remote_set remotes = {0};
	const int64_t began_s = time(NULL);
	struct data *d;

	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = collect_all(&all, repo, d, o, &lock, err);
	if (r >= 0)
		r = list_kept(&all, repo, o, &kept, err);

	/* a remote that cannot be opened must be noticed before anything is removed */
	if (r >= 0 && o->cloud)
		r = list_remotes(&all, repo, o, &remotes, err);
	if (r >= 0)
		r = sweep_cache(&d->cache, HASH_MD5, &kept, o, out, err);
	if (r >= 0)
		r = sweep_cache(&d->cache, HASH_MD5_DOS2UNIX, &kept, o, out, err);

	/* a remote may be the same directory as the cache, and would wait for this lock */
	cache_lock_release(&lock);

	for (size_t i = 0; i < remotes.count && r >= 0; i++) {
		remotes.items[i]->collected_s = began_s;
		r = sweep_remote(remotes.items[i], &kept, o, out, err);
	}

	vec_release(&remotes);
	if (r >= 0 && !o->dry)
		forget_snapshots(repo, d);
	return r;
}
