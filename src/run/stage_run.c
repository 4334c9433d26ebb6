/*
 * The decisions about one stage, in DVC's order: skip, pull, lock, remove outputs, import, restore
 * or run, verify. In a dry run the same code predicts: `fate` of each stage tells the later ones
 * what it would have made.
 */
#include "run/stage_run.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/strlist.h"
#include "project/index.h"
#include "project/load.h"
#include "run/changes.h"
#include "run/orphan.h"
#include "data/imports.h"
#include "data/outputs.h"
#include "data/pull.h"
#include "base/ctx.h"
#include "exec/executor.h"
#include "exec/process.h"
#include "run/past.h"
#include "run/places.h"
#include "run/record.h"
#include "run/runs.h"
#include "run/started.h"

/* "stage: 'train'", as in DVC's messages. */
static char *label(const struct data *d, const struct stage *s)
{
	AUTO(mem_freep) char *name = stage_addressing(s, d->repo->cwd);
	return mem_printf("stage: '%s'", name);
}

/* Before the command, DVC removes outputs; persistent ones stay, but must not be links into the
 * cache, which the command would write to. */
static int remove_outs(struct data *d, struct stage *s, struct err *err)
{
	int r = 0;
	VEC_EACH (&s->outs, o)
		if (r >= 0)
			r = o->persist ? out_unprotect(d, o, err) : out_remove(d, o, err);
	return r;
}

static bool pulls(const struct run_opts *opts)
{
	return opts->pull && !opts->dry;
}

/* Fetch one recorded output (an import: from its source) and check it out. */
static int pull_out(struct data *d, const struct out *o, struct err *err)
{
	const struct oid oid = recorded_oid(&o->rec);
	if (!oid_is_set(&oid) || !o->abs_path)
		return err_set(err, ERR_NOT_FOUND, "nothing is recorded of '%s'", o->path);
	int r = stage_is_repo_import(o->stage) ? import_fetch(d->repo, o->stage, 0, NULL, err)
					       : pull_recorded(d->repo, o, err);
	return r < 0 ? r : out_restore(d, o, &o->rec, err);
}

/* Pull missing dependencies that are outputs of other stages or tracked data. */
static int pull_missing_deps(struct data *d, const struct stage *s, struct err *err)
{
	struct index *ix;
	int r = repo_index(d->repo, &ix, err);
	VEC_EACH (&s->deps, dep) {
		if (r < 0 || dep->kind != DEP_FILE || !dep->abs_path || file_exists(dep->abs_path))
			continue;
		const struct out *o = index_find_out(ix, dep->abs_path);
		r = o && o->rec.hash ? pull_out(d, o, err) : 0;
	}
	return r;
}

static int pull_outs(struct data *d, const struct stage *s)
{
	int r = 0;
	AUTO(err_release) struct err why = ERR_INIT;
	VEC_EACH (&s->outs, o)
		if (r >= 0 && o->cache)
			r = pull_out(d, o, &why);
	return r;
}

bool stage_has_result(const struct stage *s)
{
	bool known = !s->cmd_changed && s->locked;
	VEC_EACH (&s->outs, o)
		known &= o->rec.hash != NULL;
	return known;
}

int stage_result(struct data *d, struct arena *a, const struct stage *s, bool deps_same,
	const struct run_opts *opts, const struct value **out, struct err *err)
{
	*out = NULL;
	if (deps_same) {
		const struct value *own = lock_entry(a, s);
		int r = runs_outs_cached(d, a, s, own, pulls(opts), err);
		if (r > 0)
			*out = own;
		return MIN(r, 0);
	}
	if (opts->no_run_cache)
		return 0;
	return runs_find(
		d, a, s, pulls(opts), opts->dry ? RUNS_KEEP_CORRUPT : 0, opts->progress, out, err);
}

/* Find an output at the path, around it or inside it. */
static const struct out *made_at(const struct index *ix, const char *path)
{
	const struct out *around = index_find_out(ix, path);
	if (around)
		return around;
	VEC_EACH (&ix->stages, s)
		VEC_EACH (&(*s)->outs, o)
			if (o->abs_path && path_inside(o->abs_path, path))
				return o;
	return NULL;
}

/* A dry run: will the missing dependency be as it is recorded, because `o`, which contains it, is
 * only restored? */
static bool is_restored(struct data *d, const struct dep *dep, const struct out *o)
{
	AUTO(err_release) struct err ignored = ERR_INIT; /* an error means: not known */
	struct oid will, want = recorded_oid(&dep->rec);
	bool known;
	return o->stage->fate != FATE_RUN && dep->kind == DEP_FILE && oid_is_set(&want) &&
	       path_inside(dep->abs_path, o->abs_path) &&
	       out_recorded_at(d, o, dep->abs_path, &known, &will, &ignored) >= 0 && known &&
	       oid_equal(&will, &want);
}

/*
 * A dry run makes no files, so dependencies that earlier stages would make may be missing. `*out`
 * is a copy of the stage without such dependencies; the caller releases its `deps`, after a failure
 * too. Returns 1 if one of them is not known yet, or will differ from its record; else 0.
 */
static int foresee_deps(struct data *d, const struct stage *s, struct stage *out, struct err *err)
{
	struct index *ix;
	int r = repo_index(d->repo, &ix, err);

	*out = *s;
	memset(&out->deps, 0, sizeof(out->deps));
	if (r < 0)
		return r;

	VEC_EACH (&s->deps, dep) {
		bool missing = (dep->kind == DEP_FILE || dep->kind == DEP_PARAMS) &&
			       !file_exists(dep->abs_path);
		const struct out *o = missing ? made_at(ix, dep->abs_path) : NULL;
		if (!o || o->stage->fate == FATE_NONE)
			*vec_push(&out->deps) = *dep;
		else if (!is_restored(d, dep, o))
			r = 1;
	}

	return r;
}

/*
 * `seen` is the stage with only those dependencies that exist; with `open` some of the others will
 * change. Records the dependencies in `seen` when they have changed, as the key of the run-cache is
 * computed from the records.
 */
static int find_result_of(struct data *d, struct arena *a, struct stage *s, struct stage *seen,
	bool open, const struct run_opts *opts, const struct value **out, struct err *err)
{
	int changed = !open && stage_has_result(s) ? stage_deps_changed(d, seen, err)
						   : STAGE_CHANGED;
	int r = MIN(changed, 0);
	/* Do it also when no lookup follows: DVC hashes first, so a missing dependency fails here,
	 * with this wording. */
	if (changed == STAGE_CHANGED)
		r = stage_save_deps(d, a, seen, SAVE_DEPS_FOR_LOOKUP, err);
	bool all_seen = !open && seen->deps.count == s->deps.count;
	if (r < 0 || !runs_can_hash(s) || (changed == STAGE_CHANGED && !all_seen))
		return r;
	return stage_result(d, a, s, changed == STAGE_SAME, opts, out, err);
}

static int find_result(struct data *d, struct arena *a, struct stage *s,
	const struct run_opts *opts, const struct value **out, struct err *err)
{
	*out = NULL;
	if (!s->deps.count || !s->outs.count || s->always_changed)
		return 0;
	if (!opts->dry)
		return find_result_of(d, a, s, s, false, opts, out, err);
	struct stage seen;
	int r = foresee_deps(d, s, &seen, err);
	bool all_seen = r == 0 && seen.deps.count == s->deps.count;
	if (r >= 0)
		r = find_result_of(d, a, s, all_seen ? s : &seen, r > 0, opts, out, err);
	vec_release(&seen.deps);
	return r;
}

/* Check out the outputs of an entry. `made` is a copy of the stage, because the records in `s` must
 * change only when the stage is recorded. */
static int restore_outs(struct data *d, struct arena *a, struct stage *s, const struct value *entry,
	struct err *err)
{
	struct stage made = *s;
	memset(&made.outs, 0, sizeof(made.outs));
	memset(&made.deps, 0, sizeof(made.deps));
	VEC_EACH (&s->outs, o) {
		struct out *mine = vec_push(&made.outs);
		*mine = *o;
		mine->rec = RECORDED_NONE;
	}

	load_lock_entry(a, &made, entry);
	int r = 0;
	VEC_EACH (&made.outs, o)
		if (r >= 0)
			r = out_restore(d, o, &o->rec, err);

	vec_release(&made.outs);
	return r;
}

/* restore_outs(), with an entry in the history of the stage. */
static int restore_run(struct data *d, struct arena *a, struct stage *s, const struct value *entry,
	struct err *err)
{
	struct process_result result = {0};
	int64_t started_ns = state_now_ns();
	double from_s = process_clock_s();
	int r = restore_outs(d, a, s, entry, err);
	result.wall_s = process_clock_s() - from_s;
	if (r >= 0)
		past_add(d, s, started_ns, HISTORY_RESTORED, &result, HISTORY_END_OWN);
	return r;
}

/* Restore the outputs if an earlier result is in the cache: STAGE_DONE. Otherwise keep the
 * dependencies in `*started`: STAGE_RUN. */
static int restore_or_run(struct data *d, struct arena *a, struct stage *s,
	const struct run_opts *opts, struct started *started, struct err *err)
{
	s->fate = FATE_RUN;
	if (!opts->force) {
		const struct value *entry;
		int r = pulls(opts) ? pull_missing_deps(d, s, err) : 0;
		if (r >= 0)
			r = find_result(d, a, s, opts, &entry, err);
		if (r < 0)
			return r;
		s->fate = entry ? FATE_RESTORED : FATE_RUN;
		if (entry) {
			AUTO(mem_freep) char *name = stage_addressing(s, d->repo->cwd);
			progress_info(opts->progress,
				"Stage '%s' is cached - skipping run, checking out outputs", name);
			if (!opts->dry) {
				r = restore_run(d, a, s, entry, err);
				return r < 0 ? r : STAGE_DONE;
			}
		}
	}

	int r = opts->dry ? 0 : started_take(started, d, a, s, opts->force, err);
	return r < 0 ? r : STAGE_RUN;
}

int stage_check_outs(struct data *d, const struct stage *s, struct err *err)
{
	AUTO(strlist_release) struct strlist missing = STRLIST_INIT;
	VEC_EACH (&s->outs, o)
		if (o->abs_path && !file_exists(o->abs_path))
			strlist_take(&missing, out_display(d->repo, o));
	if (!missing.count)
		return 0;
	AUTO(mem_freep) char *names = strlist_join(&missing, ", ");
	return err_set(err, ERR_NOT_FOUND, "missing data '%s': %s",
		missing.count > 1 ? "sources" : "source", names);
}

int stage_finish(struct data *d, struct arena *a, struct stage *s, const struct started *started,
	const struct run_opts *opts, struct err *err)
{
	/* as in DVC: with an uncached output other than a metric or plot, no run-cache entry */
	bool plain_uncached = false;
	VEC_EACH (&s->outs, o)
		plain_uncached |= !o->cache && o->kind == OUT_PLAIN;
	return record_stage(d, a, s,
		&(struct record_opts){.no_store = opts->no_commit,
			.no_run = !s->cmd || plain_uncached,
			.allow_missing = opts->allow_missing,
			.started = started,
			.progress = opts->progress},
		err);
}

/* ---- left elsewhere ---- */

static int no_other_place(struct data *d, const struct stage *s, const struct run_opts *opts,
	const char *name, struct err *err)
{
	const struct executor *e = opts->executor ? opts->executor : &executor_local;
	AUTO(mem_freep) char *full = stage_addressing(s, d->repo->root);
	AUTO(mem_freep) char *other = places_elsewhere(d->repo, e, full);
	if (!other)
		return 0;
	int r = err_set(err, ERR_LOCKED,
		"stage '%s' may still run at executor '%s', where an earlier run has left it", name,
		other);
	err_hint(err, "go on there with `--executor %s`, or end it: `cairn executor cancel %s`",
		other, other);
	return r;
}

/*
 * An earlier run may have left the stage's command running elsewhere. 1: with the same
 * dependencies, so it is taken over, with its outputs; `*started` is filled then. One with others
 * is ended first, since it writes the same files.
 */
static int is_left_running(struct data *d, struct arena *a, struct stage *s,
	const struct run_opts *opts, struct started *started, struct err *err)
{
	enum { LOOK_MS = 200 };
	AUTO(mem_freep) char *name = stage_addressing(s, d->repo->root);
	AUTO(strlist_release) struct strlist outputs = STRLIST_INIT;
	struct executor_spec spec = {.ctx = d->repo->ctx, .name = name};
	if (!opts->executor)
		return 0;
	int found = executor_find(opts->executor, &spec, err);
	if (found <= 0)
		return found;

	int r = started_take(started, d, a, s, true, err);
	if (r < 0)
		return r;
	AUTO(mem_freep) char *key = started_key(started, s);
	VEC_EACH (&s->outs, o)
		if (o->abs_path)
			strlist_add(&outputs, o->abs_path);
	spec.key = key;
	spec.outputs = &outputs;
	while ((found = executor_find(opts->executor, &spec, err)) == EXECUTOR_OTHER) {
		(void)cancel_poll(d->repo->ctx, NULL, 0, LOOK_MS);
		if (cancel_interrupts(d->repo->ctx) || cancel_end_asked(d->repo->ctx))
			return err_set(err, ERR_CANCELLED, "interrupted by the user");
	}
	if (found != EXECUTOR_SAME)
		started_release(started);
	else
		progress_info(
			opts->progress, "Stage '%s' was started before, taking it over", name);
	return found < 0 ? found : found == EXECUTOR_SAME;
}

/* The steps after locking, up to the command. */
static int prepare(struct data *d, struct arena *a, struct stage *s, const struct run_opts *opts,
	struct started *started, struct err *err)
{
	int r = 0, step = STAGE_DONE;
	if (s->cmd && !s->frozen && !opts->dry) {
		r = is_left_running(d, a, s, opts, started, err);
		if (r > 0) {
			s->fate = FATE_RUN;
			return STAGE_RUN;
		}
		if (r == 0)
			r = remove_outs(d, s, err);
	}

	/* a partial import (--no-download) has no data yet, so a frozen one is fetched as well */
	bool partial = stage_is_import(s) && !s->outs.items[0].rec.hash;
	if (r >= 0 && stage_is_import(s) && (!s->frozen || partial)) {
		r = import_bring(d->repo, a, s,
			&(struct import_bring_opts){.dry = opts->dry, .progress = opts->progress},
			err);
		return r < 0 ? r : STAGE_RECORDED;
	}

	if (r >= 0 && s->cmd && !s->frozen) {
		r = step = restore_or_run(d, a, s, opts, started, err);
	} else if (r >= 0 && !opts->dry) {
		AUTO(mem_freep) char *who = label(d, s);
		progress_info(opts->progress, "Verifying %s in %s%s",
			s->frozen ? "outputs" : "data sources", s->frozen ? "frozen " : "", who);
		r = stage_check_outs(d, s, err);
	}

	return r < 0 ? r : step;
}

static void lock_paths(const struct stage *s, struct strlist *read, struct strlist *write)
{
	VEC_EACH (&s->deps, dep)
		if (dep->abs_path && dep->kind != DEP_REPO)
			strlist_add(read, dep->abs_path);
	VEC_EACH (&s->outs, o)
		if (o->abs_path)
			strlist_add(write, o->abs_path);
}

int stage_check_free(struct data *d, const struct stage *s, struct err *err)
{
	AUTO(strlist_release) struct strlist read = STRLIST_INIT, write = STRLIST_INIT;
	lock_paths(s, &read, &write);
	int r = rwlock_check_read(d->repo, &read, err);
	return r < 0 ? r : rwlock_check_read(d->repo, &write, err);
}

int stage_begin(struct data *d, struct arena *a, struct stage *s, const struct run_opts *opts,
	struct rwlock *lock, struct started *started, struct err *err)
{
	AUTO(mem_freep) char *name = stage_addressing(s, d->repo->cwd);
	AUTO(strlist_release) struct strlist read = STRLIST_INIT, write = STRLIST_INIT;

	lock_paths(s, &read, &write);

	if (!opts->force && !opts->added) {
		/* A stage that need not run takes no lock. But the decision reads its files, so no
		 * other process may be writing them. */
		int changed = stage_check_free(d, s, err);
		if (changed >= 0)
			changed = stage_changed(d, s, opts->allow_missing, err);
		if (changed == STAGE_SAME && !s->frozen && stage_is_repo_import(s))
			changed = import_is_outdated(d->repo, s, err);
		if (changed < 0)
			return changed;
		if (changed == STAGE_SAME) {
			progress_info(opts->progress,
				s->cmd ? "Stage '%s' didn't change, skipping"
				       : "'%s' didn't change, skipping",
				name);
			return STAGE_SKIPPED;
		}
		/* is missing data the only change? then pulling it is enough */
		bool can_pull = opts->pull && stage_changed(d, s, true, NULL) == STAGE_SAME;
		s->fate = can_pull ? FATE_RESTORED : FATE_NONE;
		if (pulls(opts) && (can_pull || stage_only_lacks_outs(d, s, NULL) > 0)) {
			AUTO(mem_freep) char *who = label(d, s);
			progress_info(opts->progress, "Pulling data for %s", who);
			if (can_pull && pull_outs(d, s) >= 0)
				return STAGE_SKIPPED;
			progress_info(opts->progress, "Unable to pull data for %s", who);
		}
	}

	int r = rwlock_take(lock, d->repo, &read, &write, opts->progress, err);
	if (r < 0)
		return r;

	r = s->cmd && !opts->dry ? no_other_place(d, s, opts, name, err) : 0;
	if (r < 0)
		return r;
	if (lock->took_over && s->name)
		orphan_end(d->repo, s->name, opts->progress);
	if (opts->interactive) {
		AUTO(mem_freep) char *who = label(d, s);
		AUTO(mem_freep) char *question = mem_printf(
			"Going to reproduce %s. Are you sure you want to continue?", who);
		if (!opts->confirm || !opts->confirm(question))
			return err_set(err, ERR_FAIL, "reproduction aborted by the user");
	}

	return prepare(d, a, s, opts, started, err);
}
