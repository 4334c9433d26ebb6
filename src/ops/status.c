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

static void put_state(struct arena *a, struct value *map, const char *path, int state)
{
	if (state != ENTRY_SAME)
		value_set(a, map, path, value_string(a, entry_state_name((enum entry_state)state)));
}

static int params_status(struct data *d, struct arena *a, const struct dep *dep, const char *shown,
	struct value *map, struct err *err)
{
	struct value *now;
	if (!file_exists(dep->abs_path) || !dep->locked) {
		put_state(a, map, shown,
			dep->locked || !file_exists(dep->abs_path) ? ENTRY_DELETED : ENTRY_NEW);
		return 0;
	}
	int r = dep_params_read(d, a, dep, &now, err);
	if (r < 0)
		return r;
	if (now && value_count(now = dep_params_state(a, dep, now)))
		value_set(a, map, shown, now);
	return 0;
}

static int deps_status(struct repo *repo, struct data *d, struct stage *s, struct arena *a,
	struct value *map, struct err *err)
{
	VEC_EACH (&s->deps, dep) {
		AUTO(mem_freep) char *shown = dep_display(repo, dep);
		int r;
		if (dep->kind == DEP_PARAMS) {
			r = params_status(d, a, dep, shown, map, err);
		} else if (dep->kind == DEP_REPO) {
			r = import_is_outdated(repo, s, err);
			r = r > 0 ? ENTRY_UPDATE_AVAILABLE : r;
		} else {
			r = dep_state(d, dep, err);
		}
		if (r < 0)
			return r;
		if (dep->kind != DEP_PARAMS)
			put_state(a, map, shown, r);
	}
	return 0;
}

static int outs_status(struct repo *repo, struct data *d, struct stage *s, const char *filter,
	bool without_cache, struct arena *a, struct value *map, struct err *err)
{
	VEC_EACH (&s->outs, o) {
		AUTO(mem_freep) char *shown = out_display(repo, o);
		if (filter && !(o->abs_path && path_inside(filter, o->abs_path)))
			continue;
		int r = part_is_inside(o, filter) ? part_state(d, o, filter, err)
			: without_cache           ? out_workspace_state(d, o, err)
						  : out_state(d, o, err);
		if (r < 0)
			return r;
		put_state(a, map, shown, r);
	}
	return 0;
}

static void add_changes(struct arena *a, struct value *list, const char *what, struct value *map)
{
	if (!value_count(map))
		return;
	struct value *entry = value_map(a);
	value_set(a, entry, what, map);
	value_append(a, list, entry);
}

static bool deps_count(const struct stage *s, unsigned flags)
{
	return !s->frozen || ((flags & STATUS_UPDATES) && stage_is_repo_import(s)) ||
	       ((flags & STATUS_TO_COMMIT) && !stage_is_import(s));
}

int status_of_stage(struct repo *repo, struct stage *s, const char *filter, unsigned flags,
	struct arena *a, struct value **out, struct err *err)
{
	struct value *deps = value_map(a), *outs = value_map(a), *list = value_list(a);
	struct data *d;
	int r = repo_data(repo, &d, err);
	if (r >= 0 && deps_count(s, flags))
		r = deps_status(repo, d, s, a, deps, err);
	if (r >= 0)
		r = outs_status(repo, d, s, filter, flags & STATUS_TO_COMMIT, a, outs, err);
	if (r < 0)
		return r;
	add_changes(a, list, "changed deps", deps);
	add_changes(a, list, "changed outs", outs);
	if (!(flags & STATUS_TO_COMMIT) && (s->always_changed || stage_is_callback(s)))
		value_append(a, list, value_string(a, "always changed"));
	if (s->cmd_changed)
		value_append(a, list, value_string(a, "changed command"));
	if (dvcfile_is_changed(s))
		value_append(a, list, value_string(a, "changed checksum"));
	*out = list;
	return 0;
}

int ops_status(struct repo *repo, const struct status_opts *opts, struct arena *a,
	struct value **out, struct err *err)
{
	unsigned flags = (opts->with_deps ? TARGET_WITH_DEPS : 0) |
			 (opts->recursive ? TARGET_RECURSIVE : 0);
	struct target_list targets = {0};
	struct index *ix;
	*out = value_map(a);
	int r = opts->targets->count ? repo_index_parts(repo, &ix, err)
				     : repo_index(repo, &ix, err);
	for (size_t i = 0; r >= 0 && i < MAX(opts->targets->count, (size_t)1); i++)
		r = index_targets(ix, opts->targets->count ? opts->targets->items[i] : NULL, flags,
			&targets, err);
	for (size_t i = 0; i < targets.count && r >= 0; i++) {
		struct stage *s = targets.items[i].stage;
		AUTO(mem_freep) char *name = stage_addressing(s, repo->cwd);
		struct value *changes;
		if (s->frozen && !stage_is_repo_import(s))
			progress_warn(opts->progress,
				"stage: '%s' is frozen. Its dependencies are not going to be shown in the status output.",
				name);
		r = status_of_stage(repo, s, targets.items[i].filter,
			opts->no_updates ? 0 : STATUS_UPDATES, a, &changes, err);
		if (r >= 0 && value_count(changes))
			value_set(a, *out, name, changes);
	}
	vec_release(&targets);
	return r;
}
