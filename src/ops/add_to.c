/* `add --out` and `add --to-remote`: copy data from outside the project into it, or only to a
 * remote, and track the copy. */
#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/add.h"
#include "ops/get.h"
#include "ops/import.h"
#include "data/to_remote.h"
#include "project/dvcfile.h"
#include "project/graph.h"
#include "data/url.h"

/* Find the stage that tracks `path`, or make a new one. With `by_name`, a path outside of the
 * project means its last part in the working directory. */
static int stage_for(
	struct repo *repo, const char *path, bool by_name, struct stage **out, struct err *err)
{
	AUTO(mem_freep) char *full = repo_absolute(repo, path);
	struct index *ix;
	int r = repo_index(repo, &ix, err);
	if (r >= 0)
		r = graph_check(ix, err);
	if (r < 0)
		return r;

	struct out *o = index_find_out(ix, full);
	r = o ? add_check_owner(repo, o, full, err) : 0;
	if (r < 0)
		return r;
	if (!o || !str_eq(o->abs_path, full))
		return import_new_stage(repo, path, by_name, out, err);
	*out = o->stage;
	return 0;
}

static int bring_near(struct repo *repo, struct arena *a, const char *target, struct stage *s,
	const struct add_to_opts *opts, const struct transfer_target *to, struct err *err)
{
	AUTO(mem_freep) char *from = NULL;
	struct out *o = &s->outs.items[0];
	int r = url_local_path(&repo->config, target, repo->cwd, &from, err);
	if (r < 0)
		return r;
	return opts->to_remote ? transfer_to_remote(repo, a, from, o, to, err)
			       : transfer_to_cache(repo, a, from, o, err);
}

static int bring_far(struct repo *repo, struct arena *a, const char *target, struct stage *s,
	const struct add_to_opts *opts, const struct transfer_target *to, struct err *err)
{
	const struct far_source from = {.url = target};
	struct out *o = &s->outs.items[0];
	return opts->to_remote ? transfer_far_to_remote(repo, a, &from, o, NULL, to, err)
			       : transfer_far_to_cache(repo, a, &from, o, opts->jobs, err);
}

/* The .dvc file is written last, after the data is in the cache or in the remote. */
int ops_add_to(
	struct repo *repo, const char *target, const struct add_to_opts *opts, struct err *err)
{
	const struct transfer_target to = {opts->remote, "add", opts->jobs};
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	AUTO(mem_freep) char *path = NULL;
	struct index *ix;
	struct data *d;
	struct stage *s;
	int r = 0;

	if (opts->out)
		r = get_destination(target, opts->out, opts->force, &path, err);
	else
		path = mem_strdup(target);
	if (r >= 0)
		r = stage_for(repo, path, opts->to_remote && !opts->out, &s, err);
	if (r >= 0)
		r = repo_index(repo, &ix, err);
	if (r >= 0)
		r = repo_data(repo, &d, err);
	if (r >= 0 && !opts->to_remote)
		r = cache_lock_take(&lock, &d->cache, false, err);
	if (r >= 0)
		r = url_is_far(&repo->config, target)
			    ? bring_far(repo, &ix->arena, target, s, opts, &to, err)
			    : bring_near(repo, &ix->arena, target, s, opts, &to, err);
	return r < 0 ? r : MIN(dvcfile_save(repo, s, err), 0);
}
