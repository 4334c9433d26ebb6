#include "run/repro.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "project/dvcfile.h"
#include "project/index.h"

/* The dvc.lock files that this run writes, open. */
struct lock_set {
	struct map by_pipeline; /* path of dvc.yaml -> struct lock_file */
};

static void release_locks(struct lock_set *set)
{
	for (struct map_entry *e = map_next(&set->by_pipeline, NULL); e;
		e = map_next(&set->by_pipeline, e))
		lock_file_free(e->value);
	map_release(&set->by_pipeline);
}

struct run {
	struct repo *repo;
	struct data *data;
	struct index *ix;
	struct graph *graph; /* NULL with single_item */
	const struct repro_opts *opts;
	struct lock_set locks;
	bool *forced, *skipped; /* by stage->order */
	struct stage_list failed;
	struct repro_result *out;
};

void repro_result_release(struct repro_result *r)
{
	vec_release(&r->reproduced);
	vec_release(&r->visited);
}

static int write_lock(struct run *run, struct stage *s, struct err *err)
{
	if (!s->name) { /* a data source: what it is now is what it is meant to be */
		int r = dvcfile_save(run->repo, s, err);
		repo_track(run->repo, s->file);
		return MIN(r, 0);
	}
	struct lock_file *lf = map_get(&run->locks.by_pipeline, s->file);
	if (!lf) {
		AUTO(mem_freep) char *beside = path_join(s->dir, "dvc.lock");
		AUTO(mem_freep) char *shown = repo_display(run->repo, beside);
		int r = lock_file_open(s->file, shown, &lf, err);
		if (r < 0)
			return r;
		map_set(&run->locks.by_pipeline, s->file, lf);
	}
	int change = lock_file_put(lf, s->name, lock_entry(&run->ix->arena, s), err);
	if (change <= LOCK_SAME)
		return change;
	AUTO(mem_freep) char *shown = repo_display(run->repo, lock_file_path(lf));
	if (change == LOCK_CREATED)
		progress_info(run->opts->run.progress, "Generating lock file '%s'", shown);
	progress_info(run->opts->run.progress, "Updating lock file '%s'", shown);
	repo_track(run->repo, lock_file_path(lf));
	return 0;
}

static int reproduce_one(struct run *run, struct stage *s, struct err *err)
{
	struct run_opts opts = run->opts->run;
	opts.force = run->forced[s->order];
	if (s->frozen && !stage_is_import(s)) {
		AUTO(mem_freep) char *name = stage_addressing(s, run->repo->cwd);
		progress_warn(opts.progress,
			"stage: '%s' is frozen. Its dependencies are not going to be reproduced.",
			name);
	}
	int r = stage_reproduce(run->data, &run->ix->arena, s, &opts, err);
	if (r > 0 && !opts.dry) {
		int written = write_lock(run, s, err);
		if (written < 0)
			return written;
	}
	return r;
}

static char *quoted_names(const struct run *run, const struct stage_list *stages)
{
	struct buf b = BUF_INIT;
	for (size_t i = 0; i < stages->count; i++) {
		AUTO(mem_freep) char *name = stage_addressing(stages->items[i], run->repo->cwd);
		buf_addf(&b, "%s'%s'", i == 0 ? "" : i + 1 == stages->count ? " and " : ", ", name);
	}
	return buf_detach(&b);
}

/* --keep-going: who depends on the stage is left out. */
static void skip_dependents(struct run *run, struct stage *s)
{
	struct stage_list below = {0}, named = {0};
	graph_order(run->graph, &s, 1, GRAPH_DOWNSTREAM, &below);
	VEC_EACH (&below, it)
		if (*it != s) {
			run->skipped[(*it)->order] = true;
			*vec_push(&named) = *it;
		}
	if (named.count) {
		AUTO(mem_freep) char *names = quoted_names(run, &named);
		progress_warn(run->opts->run.progress, "%s %s will be skipped due to this failure",
			named.count > 1 ? "Stages" : "Stage", names);
	}
	vec_release(&below);
	vec_release(&named);
}

static int failure(
	const struct run *run, const struct stage_list *stages, struct err *err, bool with_cause)
{
	AUTO(mem_freep) char *names = quoted_names(run, stages);
	AUTO(mem_freep) char *msg = mem_printf(
		"failed to reproduce%s %s", stages->count > 1 ? " stages:" : "", names);
	if (!with_cause || err->code == ERR_PRETTY)
		return err_set(err, ERR_FAIL, "%s", msg);
	return err_wrap(err, err->code == ERR_CANCELLED ? ERR_CANCELLED : ERR_FAIL, "%s", msg);
}

static int run_steps(struct run *run, const struct stage_list *steps, struct err *err)
{
	const struct progress *progress = run->opts->run.progress;
	bool ran = false;
	VEC_EACH (steps, it) {
		struct stage *s = *it;
		if (run->skipped[s->order])
			continue;
		if (ran)
			progress_info(progress, "%s", "");
		*vec_push(&run->out->visited) = s;
		int r = reproduce_one(run, s, err);
		if (r < 0) {
			*vec_push(&run->failed) = s;
			struct stage_list alone = {it, 1, 1};
			err->code = r;
			if (run->opts->run.added)
				return r;
			if (run->opts->on_error == REPRO_FAIL)
				return failure(run, &alone, err, true);
			progress_warn(progress, "%s%s", err->msg,
				run->opts->on_error == REPRO_IGNORE ? " (ignored)" : "");
			err_release(err);
			if (run->graph && run->opts->on_error == REPRO_KEEP_GOING)
				skip_dependents(run, s);
			continue;
		}
		ran = r > 0;
		if (ran)
			*vec_push(&run->out->reproduced) = s;
		if (run->graph && run->opts->force_downstream && (ran || run->forced[s->order])) {
			const struct stage_list *down = graph_dependents(run->graph, s);
			VEC_EACH (down, next)
				run->forced[(*next)->order] |= !(*next)->frozen;
		}
	}
	if (run->failed.count && run->opts->on_error != REPRO_IGNORE)
		return failure(run, &run->failed, err, false);
	return 0;
}

static int collect_targets(
	struct index *ix, const struct repro_opts *o, struct stage_list *out, struct err *err)
{
	if (o->all_pipelines)
		return 0;
	struct target_list found = {0};
	unsigned flags = TARGET_STAGES_ONLY | (o->recursive ? TARGET_RECURSIVE : 0) |
			 (o->glob ? TARGET_GLOB : 0);
	int r = 0;
	if (!o->targets || !o->targets->count)
		r = index_targets(ix, "dvc.yaml", flags & ~(unsigned)TARGET_GLOB, &found, err);
	for (size_t i = 0; r >= 0 && o->targets && i < o->targets->count; i++)
		r = index_targets(ix, o->targets->items[i], flags, &found, err);
	VEC_EACH (&found, t)
		*vec_push(out) = t->stage;
	vec_release(&found);
	return r;
}

int repro_plan(struct index *ix, const struct repro_opts *o, struct graph **out_graph,
	struct stage_list *out_steps, struct err *err)
{
	struct stage_list targets = {0};
	bool single = o->single_item && !o->pipeline && !o->all_pipelines;
	int r = collect_targets(ix, o, &targets, err);
	if (r >= 0 && !single)
		r = graph_build(ix, out_graph, err);
	if (r >= 0 && single) {
		VEC_EACH (&targets, s)
			*vec_push(out_steps) = *s;
	} else if (r >= 0 && (targets.count || o->all_pipelines)) {
		unsigned flags = GRAPH_FROZEN_CUT;
		flags |= o->pipeline                          ? GRAPH_PIPELINE
			 : o->downstream && !o->all_pipelines ? GRAPH_DOWNSTREAM
							      : 0;
		graph_order(*out_graph, targets.items, targets.count, flags, out_steps);
	}
	vec_release(&targets);
	return r;
}

/* --pull: what others have run counts, too. */
static void pull_runs(const struct run *run)
{
	const struct run_opts *o = &run->opts->run;
	AUTO(err_release) struct err why = ERR_INIT;
	if (!o->pull || o->no_run_cache || !o->fetch_runs)
		return;
	log_debug("Pulling run cache");
	if (o->fetch_runs(run->repo, &why) < 0)
		progress_warn(o->progress, "Failed to pull run cache: %s%s",
			why.code == ERR_CONFIG ? "config file error: " : "", why.msg);
}

int repro(
	struct repo *repo, const struct repro_opts *opts, struct repro_result *out, struct err *err)
{
	struct run run = {.repo = repo, .opts = opts, .out = out};
	struct stage_list steps = {0};
	int r = repo_index(repo, &run.ix, err);
	if (r >= 0)
		r = repo_data(repo, &run.data, err);
	if (r >= 0)
		r = repro_plan(run.ix, opts, &run.graph, &steps, err);
	if (r >= 0) {
		for (size_t i = 0; i < run.ix->warnings.count; i++)
			progress_warn(opts->run.progress, "%s", run.ix->warnings.items[i]);
		run.forced = mem_zalloc(run.ix->stages.count + 1);
		run.skipped = mem_zalloc(run.ix->stages.count + 1);
		VEC_EACH (&steps, s)
			run.forced[(*s)->order] = opts->run.force;
		pull_runs(&run);
		r = run_steps(&run, &steps, err);
	}
	vec_release(&steps);
	vec_release(&run.failed);
	release_locks(&run.locks);
	graph_free(run.graph);
	free(run.forced);
	free(run.skipped);
	return r;
}
