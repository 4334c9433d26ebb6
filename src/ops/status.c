/* Compares stages with the workspace, one by one: data/data.h compares each dependency and output,
 * and this file collects the differences. */
#include "ops/status.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/imports.h"
#include "ops/import.h"
#include "data/data.h"
#include "project/dvcfile.h"
#include "project/index.h"
#include "data/part.h"

static void changes_release(struct status_changes *all)
{
	VEC_EACH (all, c) {
		VEC_EACH (&c->params, param)
			free(param->name);
		vec_release(&c->params);
		free(c->path);
	}
	vec_release(all);
}

void stage_status_release(struct stage_status *s)
{
	changes_release(&s->deps);
	changes_release(&s->outs);
	free(s->name);
}

void status_release(struct status *s)
{
	VEC_EACH (&s->stages, stage)
		stage_status_release(stage);
	vec_release(&s->stages);
}

bool stage_status_is_changed(const struct stage_status *s)
{
	return s->deps.count || s->outs.count || s->always_changed || s->cmd_changed ||
	       s->checksum_changed;
}

/* Append a change; takes ownership of `path`. The result is valid until the next call. */
static struct status_change *add_change(
	struct status_changes *to, char *path, enum entry_state state)
{
	struct status_change *c = vec_push(to);
	c->path = path;
	c->state = state;
	return c;
}

/* The parameters of one file. A file that is missing, or that was never recorded, is one change
 * without names. */
static int params_status(
	struct data *d, const struct dep *dep, struct status_changes *out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct param_changes params = {0};
	struct value *now;

	if (!file_exists(dep->abs_path) || !dep->locked) {
		add_change(out, dep_display(d->repo, dep),
			dep->locked || !file_exists(dep->abs_path) ? ENTRY_DELETED : ENTRY_NEW);
		return 0;
	}

	int r = dep_params_read(d, &a, dep, &now, err);
	if (r < 0 || !now)
		return r;

	dep_params_changes(dep, now, &params);

	if (params.count) {
		struct status_change *c = add_change(
			out, dep_display(d->repo, dep), ENTRY_MODIFIED);
		VEC_EACH (&params, param)
			*vec_push(&c->params) = (struct status_param){
				mem_strdup(param->name), param->state};
	}

	vec_release(&params);
	return 0;
}

/* Append the dependencies that differ. */
static int deps_status(struct repo *repo, struct data *d, struct stage *s,
	struct status_changes *out, struct err *err)
{
	VEC_EACH (&s->deps, dep) {
		int r;
		if (dep->kind == DEP_PARAMS) {
			r = params_status(d, dep, out, err);
		} else if (dep->kind == DEP_REPO) {
			r = import_is_outdated(repo, s, err);
			r = r > 0 ? ENTRY_UPDATE_AVAILABLE : r;
		} else {
			r = dep_state(d, dep, err);
		}

		if (r < 0)
			return r;

		if (dep->kind != DEP_PARAMS && r != ENTRY_SAME)
			add_change(out, dep_display(repo, dep), (enum entry_state)r);
	}
	return 0;
}

/* Append the outputs that differ; with `without_cache`, whatever the cache has. */
static int outs_status(struct repo *repo, struct data *d, struct stage *s, const char *filter,
	bool without_cache, struct status_changes *out, struct err *err)
{
	VEC_EACH (&s->outs, o) {
		if (filter && !(o->abs_path && path_inside(filter, o->abs_path)))
			continue;
		int r = part_is_inside(o, filter) ? part_state(d, o, filter, err)
			: without_cache           ? out_workspace_state(d, o, err)
						  : out_state(d, o, err);
		if (r < 0)
			return r;
		if (r != ENTRY_SAME)
			add_change(out, out_display(repo, o), (enum entry_state)r);
	}
	return 0;
}

/* Are the dependencies of this stage compared? Those of a frozen stage are not, except for the
 * source of an import from a repository or of versions, and for `commit`. */
static bool deps_count(const struct stage *s, unsigned flags)
{
	bool versioned = stage_is_repo_import(s) || stage_is_versioned_import(s);
	return !s->frozen || ((flags & STATUS_UPDATES) && versioned) ||
	       ((flags & STATUS_TO_COMMIT) && !stage_is_import(s));
}

int status_of_stage(struct repo *repo, struct stage *s, const char *filter, unsigned flags,
	struct stage_status *out, struct err *err)
{
	struct data *d;
	int r = repo_data(repo, &d, err);
	if (r >= 0 && deps_count(s, flags))
		r = deps_status(repo, d, s, &out->deps, err);
	if (r >= 0)
		r = outs_status(repo, d, s, filter, flags & STATUS_TO_COMMIT, &out->outs, err);
	if (r < 0)
		return r;

	out->always_changed = !(flags & STATUS_TO_COMMIT) &&
			      (s->always_changed || stage_is_callback(s));
	out->cmd_changed = s->cmd_changed;
	out->checksum_changed = dvcfile_is_changed(s);
	return 0;
}

int ops_status(
	struct repo *repo, const struct status_opts *opts, struct status *out, struct err *err)
{
	unsigned flags = (opts->with_deps ? TARGET_WITH_DEPS : 0) |
			 (opts->recursive ? TARGET_RECURSIVE : 0);
	struct target_list targets = {0};
	struct index *ix;

	int r = opts->targets->count ? repo_index_parts(repo, &ix, err)
				     : repo_index(repo, &ix, err);

	for (size_t i = 0; r >= 0 && i < MAX(opts->targets->count, (size_t)1); i++)
		r = index_targets(ix, opts->targets->count ? opts->targets->items[i] : NULL, flags,
			&targets, err);

	for (size_t i = 0; i < targets.count && r >= 0; i++) {
		struct stage *s = targets.items[i].stage;
		AUTO(stage_status_release)
		struct stage_status status = {.name = stage_addressing(s, repo->cwd)};
		if (s->frozen && !stage_is_repo_import(s) && !stage_is_versioned_import(s))
			progress_warn(opts->progress,
				"stage: '%s' is frozen. Its dependencies are not going to be shown in the status output.",
				status.name);
		r = status_of_stage(repo, s, targets.items[i].filter,
			opts->no_updates ? 0 : STATUS_UPDATES, &status, err);
		if (r >= 0 && stage_status_is_changed(&status))
			*vec_push(&out->stages) = TAKE(status);
	}

	vec_release(&targets);
	return r;
}
