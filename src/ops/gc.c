#include "ops/gc.h"

#include "base/alloc.h"
#include "base/path.h"
#include "store/gc.h"
#include "store/transfer.h"

int ops_gc_check(const struct gc_opts *o, struct err *err)
{
	const struct used_revs *r = &o->revs;
	if (o->cloud && o->not_in_remote)
		return err_set(err, ERR_UNCAUGHT,
			"`--not-in-remote` and `--cloud` are mutually exclusive");
	if (!o->workspace && !r->all_branches && !r->all_tags && !r->all_commits &&
		!r->all_experiments && !r->rev && !o->date && !r->num)
		return err_set(err, ERR_UNCAUGHT,
			"Either of `-w|--workspace`, `-a|--all-branches`, `-T|--all-tags` `--all-experiments`, `--all-commits`, "
			"`--date` or `--rev` needs to be set.");
	if (r->num && !r->rev && !r->all_branches)
		return err_set(err, ERR_UNCAUGHT,
			"`--num` can only be used alongside `--rev` or `--all-branches`");
	if (o->date || o->not_in_remote)
		return err_set(err, ERR_UNSUPPORTED, "`--%s` is not supported yet",
			o->date ? "date" : "not-in-remote");
	return 0;
}

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

static int collect_repo(struct used *u, struct repo *repo, struct data *d, const struct gc_opts *o,
	struct remotes *remotes, struct err *err)
{
	const struct used_opts want = {.whole = true,
		.warn = true,
		.force = o->force,
		.remotes = remotes,
		.progress = o->progress};
	const struct strlist everything = STRLIST_INIT;
	struct selection outs = {0};
	struct index *ix;
	int r = repo_index(repo, &ix, err);
	if (r < 0 && err->code != ERR_PRETTY)
		r = err_wrap(err, r, "Failed to collect 'workspace'");
	if (r >= 0)
		r = select_outs(ix, &everything, 0, &outs, NULL, err);
	if (r >= 0)
		r = used_collect(u, repo, d, &outs, &want, err);
	if (r >= 0)
		r = used_collect_revs(u, repo, d, &o->revs, &everything, 0, &want, err);
	vec_release(&outs);
	return r;
}

/* Another project that uses the same cache: locked, read, and let go when everything is collected.
 */
static int collect_other(
	struct used *u, const char *path, struct data *d, const struct gc_opts *o, struct err *err)
{
	AUTO(repo_release) struct repo other = REPO_INIT;
	AUTO(remotes_release) struct remotes remotes = {0};
	int r = repo_open(&other, path, err);
	if (r >= 0)
		r = repo_lock(&other, err);
	return r < 0 ? r : collect_repo(u, &other, d, o, &remotes, err);
}

static int sweep_remote(struct repo *repo, struct remotes *remotes, const struct gc_opts *o,
	const struct oid_list *used, struct gc_report *out, struct err *err)
{
	struct fs *fs;
	int r = remotes_get(remotes, repo, o->remote, &fs, err);
	return r < 0 ? r : transfer_gc(fs, used, o->dry, &out->remote, &out->remote_legacy, err);
}

int ops_gc(struct repo *repo, const struct gc_opts *o, struct gc_report *out, struct err *err)
{
	AUTO(used_release) struct used used = {0};
	AUTO(remotes_release) struct remotes remotes = {0};
	AUTO(oid_list_release) struct oid_list all = {0};
	struct gc_result swept = {.paths = o->dry ? &out->would_go : NULL};
	struct data *d;
	struct fs *fs;
	int r = repo_data(repo, &d, err);
	if (r >= 0 && o->cloud)
		r = remotes_get(&remotes, repo, o->remote, &fs, err);
	if (r >= 0)
		r = collect_repo(&used, repo, d, o, &remotes, err);
	for (size_t i = 0; i < o->repos.count && r >= 0; i++)
		r = collect_other(&used, o->repos.items[i], d, o, err);
	if (r < 0)
		return r;
	VEC_EACH (&used.groups, g) {
		for (size_t i = 0; i < g->oids.count; i++)
			oid_list_add(&all, &g->oids.items[i]);
	}
	oid_list_sort(&all);
	r = gc_cache(&d->cache, &all, o->dry, &swept, err);
	out->cache = swept.removed - swept.removed_legacy;
	out->legacy = swept.removed_legacy;
	return r < 0 || !o->cloud ? r : sweep_remote(repo, &remotes, o, &all, out, err);
}
