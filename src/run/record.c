#include "run/record.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "project/dvcfile.h"
#include "project/index.h"
#include "project/lock.h"
#include "data/outputs.h"
#include "run/runs.h"
#include "run/stage_run.h"
#include "run/started.h"

/* Warn of empty dependencies as DVC does, but once: DVC repeats it each time it hashes them. */
static void tell_of_empty_deps(
	struct data *d, const struct stage *s, const struct progress *progress)
{
	VEC_EACH (&s->deps, dep) {
		if (dep->kind != DEP_FILE || !dep->rec.hash ||
			(dep->rec.nfiles >= 0 ? dep->rec.nfiles : dep->rec.size))
			continue;
		AUTO(mem_freep) char *shown = dep_display(d->repo, dep);
		progress_warn(progress, "'%s' is empty.", shown);
	}
}

/* Check all outputs before the first is saved: as in DVC, a run that lacks one changes neither the
 * cache nor .gitignore. */
static int check_outs_there(struct data *d, const struct stage *s, struct err *err)
{
	VEC_EACH (&s->outs, o) {
		if (!o->abs_path || file_exists(o->abs_path))
			continue;
		AUTO(mem_freep) char *shown = out_display(d->repo, o);
		return err_set(err, ERR_NOT_FOUND, "output '%s' does not exist", shown);
	}
	return 0;
}

static int save_out(struct data *d, struct arena *a, struct out *o, const struct record_opts *opts,
	struct err *err)
{
	int r = out_save(d, a, o, !opts->no_store, opts->progress, err);
	/* the record of a missing output stays as it is */
	if (r == ERR_NOT_FOUND && opts->allow_missing && o->abs_path && !file_exists(o->abs_path)) {
		err_release(err);
		return 0;
	}
	if (r >= 0 && !opts->no_store && !opts->no_relink)
		r = out_relink(d, o, err);
	if (r >= 0 && !opts->no_store && o->cache)
		data_save_link(d, o->abs_path);
	return r;
}

int record_stage(struct data *d, struct arena *a, struct stage *s, const struct record_opts *opts,
	struct err *err)
{
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	int r = opts->no_store ? 0 : cache_lock_take(&lock, &d->cache, false, err);

	if (r >= 0 && !opts->no_deps) {
		const struct started none = {0};
		r = started_settle(opts->started ? opts->started : &none, d, a, s,
			opts->allow_missing ? SAVE_DEPS_ALLOW_MISSING : SAVE_DEPS_ALL,
			opts->progress, err);
		if (r >= 0)
			tell_of_empty_deps(d, s, opts->progress);
	}

	if (r >= 0 && !opts->allow_missing)
		r = check_outs_there(d, s, err);
	VEC_EACH (&s->outs, o)
		if (r >= 0)
			r = save_out(d, a, o, opts, err);

	/* last, as an entry of the run-cache names the objects of all outputs */
	if (r >= 0 && !opts->no_store && !opts->no_run && runs_can_hash(s))
		r = runs_save(d, s, err);
	return MIN(r, 0);
}

void lock_files_release(struct lock_files *files)
{
	struct map *m = &files->by_pipeline;
	for (struct map_entry *e = map_next(m, NULL); e; e = map_next(m, e))
		lock_file_free(e->value);
	map_release(m);
}

int lock_files_get(struct repo *repo, struct lock_files *files, const char *pipeline_file,
	struct lock_file **out, struct err *err)
{
	*out = map_get(&files->by_pipeline, pipeline_file);
	if (*out)
		return 0;
	AUTO(mem_freep) char *dir = path_dirname(pipeline_file);
	AUTO(mem_freep) char *beside = path_join(dir, "dvc.lock");
	AUTO(mem_freep) char *shown = repo_display(repo, beside);
	int r = lock_file_open(pipeline_file, shown, out, err);
	if (r >= 0)
		map_set(&files->by_pipeline, pipeline_file, *out);
	return r;
}

static int write_dvcfile(struct repo *repo, struct stage *s, struct err *err)
{
	dvcfile_renew_md5(s);
	int r = dvcfile_save(repo, s, err);
	return r > 0 ? LOCK_UPDATED : r;
}

int record_write(struct repo *repo, struct arena *a, struct lock_files *files,
	struct stage *const *stages, size_t count, const char *before,
	const struct progress *progress, struct err *err)
{
	struct lock_file *lf;
	int change = LOCK_SAME;

	if (!stages[0]->name)
		return write_dvcfile(repo, stages[0], err);

	int r = lock_files_get(repo, files, stages[0]->file, &lf, err);
	for (size_t i = 0; i < count && r >= 0; i++) {
		r = lock_file_put(lf, stages[i]->name, lock_entry(a, stages[i]), before, err);
		change = MAX(r, change);
	}
	if (r < 0 || change == LOCK_SAME)
		return r < 0 ? r : change;

	AUTO(mem_freep) char *shown = repo_display(repo, lock_file_path(lf));
	if (change == LOCK_CREATED)
		progress_info(progress, "Generating lock file '%s'", shown);
	progress_info(progress, "Updating lock file '%s'", shown);
	repo_track(repo, lock_file_path(lf));
	return change;
}

int record_whole(struct data *d, struct arena *a, struct lock_files *files, struct stage *s,
	const struct record_opts *opts, struct err *err)
{
	/* record_stage() takes the same lock; this one is held until the pointer is written */
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	int r = opts->no_store ? 0 : cache_lock_take(&lock, &d->cache, false, err);
	if (r >= 0)
		r = record_stage(d, a, s, opts, err);
	if (r >= 0)
		r = record_write(d->repo, a, files, &s, 1, NULL, opts->progress, err);
	return MIN(r, 0);
}
