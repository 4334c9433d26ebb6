/* Updates imports: compares each with its source, and lets data/imports.h bring the data of those
 * that have changed. */
#include "ops/update.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/imports.h"
#include "data/origins.h"
#include "data/to_remote.h"
#include "data/versions.h"
#include "project/dvcfile.h"
#include "project/place.h"
#include "run/record.h"

struct updater {
	struct repo *repo;
	struct data *data;
	struct index *ix;
	const struct update_opts *opts;
};

/* Set the commit of a repository import to the newest one of its revision, in memory. */
static int update_lock(struct updater *u, struct stage *s, struct err *err)
{
	struct dep *dep = &s->deps.items[0];
	struct scm_id now;
	if (u->opts->rev)
		dep->repo = import_with_lock(&u->ix->arena, dep->repo, u->opts->rev, NULL);
	int r = origins_head(u->repo, s, &now, err);
	if (r >= 0)
		dep->repo = import_with_lock(&u->ix->arena, dep->repo, NULL, now.hex);
	return r;
}

/* Must the import be done again? Yes if the .dvc file was edited, if the commit or the source has
 * changed, or if the data in the workspace differs from the record. */
static int is_changed(struct updater *u, const struct stage *s, struct err *err)
{
	const struct dep *dep = &s->deps.items[0];
	const struct value *old = dep->raw ? value_get(dep->raw, "repo") : NULL;
	if (dvcfile_is_changed(s))
		return 1;
	if (u->opts->rev && dep_is_versioned(dep))
		return !str_eq(dep->rec.version_id, u->opts->rev);
	if (dep->repo && !value_equal(old, dep->repo))
		return 1;
	int r = dep->repo ? ENTRY_SAME : dep_state(u->data, dep, err);
	if (r == ENTRY_SAME)
		r = out_state(u->data, &s->outs.items[0], err);
	return r < 0 ? r : r != ENTRY_SAME;
}

static int update_far_on_remote(
	struct updater *u, struct stage *s, const struct transfer_target *to, struct err *err)
{
	struct dep *dep = &s->deps.items[0];
	const struct far_source from = {dep->path, dep->fs_config};
	int r = transfer_far_to_remote(
		u->repo, &u->ix->arena, &from, &s->outs.items[0], &dep->rec, to, err);
	return r < 0 ? r : MIN(dvcfile_save_keep_md5(u->repo, s, err), 0);
}

/* Copy the data of a URL import to a remote only, and record it. */
static int update_on_remote(struct updater *u, struct stage *s, struct err *err)
{
	struct dep *dep = &s->deps.items[0];
	AUTO(mem_freep) char *from = NULL;
	if (dep->kind == DEP_REPO)
		return err_set(err, ERR_FAIL,
			"Data imported from other DVC or Git repositories can't be updated with --to-remote");

	const struct transfer_target to = {u->opts->remote, "update", u->opts->jobs};
	if (dep_is_far(u->data, dep))
		return update_far_on_remote(u, s, &to, err);
	int r = dep_path(u->data, dep, &from, err);
	if (r < 0)
		return r;
	if (!file_exists(from))
		return import_missing_dep(u->repo, dep, err);

	r = transfer_to_remote(u->repo, &u->ix->arena, from, &s->outs.items[0], &to, err);
	if (r < 0)
		return r;

	dep->rec = s->outs.items[0].rec;
	dep->rec.isexec = false;
	return MIN(dvcfile_save_keep_md5(u->repo, s, err), 0);
}

/* Update one import. The data is brought first and the .dvc file written last. With --no-download
 * the old data is removed, as in DVC. */
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

	r = import_bring(u->repo, &u->ix->arena, s,
		&(struct import_bring_opts){.rev = o->rev,
			.no_download = o->no_download,
			.jobs = o->jobs,
			.progress = o->progress},
		err);
	if (r >= 0 && o->no_download)
		r = place_remove(u->repo, s->outs.items[0].abs_path, err);
	if (r < 0)
		return r;
	return MIN(o->no_download ? dvcfile_save_without_data(u->repo, s, err)
				  : dvcfile_save(u->repo, s, err),
		0);
}

/* Update one output from its worktree remote. Returns 1 when its record has changed. */
static int update_out(struct updater *u, struct remotes *remotes, struct out *o, struct err *err)
{
	AUTO(mem_freep) char *shown = out_display(u->repo, o);
	AUTO(mem_freep) char *file = repo_display(u->repo, o->stage->file);
	const char *name = versions_remote(u->repo, o);
	enum version_update what;
	struct remote *storage;
	if (!o->cache || !o->push || !o->abs_path)
		return 0;
	if (!name) {
		progress_warn(u->opts->progress,
			"Could not update '%s', it was never pushed to a remote", shown);
		return 0;
	}
	int r = remotes_get_any(remotes, u->repo, name, &storage, err);
	if (r >= 0 && !storage->is_worktree)
		r = err_set(err, ERR_FAIL,
			"update is not supported for '%s' that is not an import.", file);
	if (r >= 0)
		r = versions_update(u->data, &u->ix->arena, o, storage, u->opts->jobs,
			u->opts->progress, &what, err);
	if (r >= 0 && what == VERSIONS_GONE)
		progress_warn(u->opts->progress,
			"Could not update '%s', it does not exist in the remote", shown);
	return r < 0 ? r : what == VERSIONS_UPDATED;
}

/* Handle a target that is not an import: its data may be on a worktree remote, where others change
 * it. */
static int update_other(struct updater *u, struct stage *s, struct err *err)
{
	const struct update_opts *o = u->opts;
	const char *word = o->rev           ? "--rev"
			   : o->no_download ? "--no-download"
			   : o->to_remote   ? "--to-remote"
					    : NULL;
	if (word)
		return err_set(err, ERR_FAIL, "%s can't be used with worktree update", word);

	AUTO(remotes_release) struct remotes remotes = {.command = "update"};
	AUTO(lock_files_release) struct lock_files files = {0};
	bool changed = false;
	int r = 0;
	VEC_EACH (&s->outs, out) {
		r = r < 0 ? r : update_out(u, &remotes, out, err);
		changed = changed || r > 0;
	}
	return r < 0 || !changed ? MIN(r, 0)
				 : MIN(record_write(u->repo, &u->ix->arena, &files, &s, 1, NULL,
					       o->progress, err),
					   0);
}

/* Check the combination of options. */
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

	/* DVC handles targets that are not imports after all imports */
	for (size_t i = 0; i < targets.count && r >= 0; i++)
		if (!stage_is_import(targets.items[i].stage))
			r = update_other(&u, targets.items[i].stage, err);

	vec_release(&targets);
	return r;
}
