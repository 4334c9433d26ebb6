/* The frame of a `repro`: which stages in which order, the tables about them, and the release. The
 * stages run in schedule.c. */
#include "base/alloc.h"
#include "base/log.h"
#include "data/pull.h"
#include "run/run_int.h"

void repro_result_release(struct repro_result *r)
{
	vec_release(&r->reproduced);
	vec_release(&r->visited);
}

/* With all_pipelines the targets are ignored, as in DVC. Without targets, all stages of the
 * dvc.yaml in the current directory. */
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
	/* as in DVC, options that ask for more win over --single-item */
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

/* --pull: fetch the run-cache, so that runs of others count too. A failure is only a warning. */
static void pull_run_cache(const struct run *run)
{
	const struct run_opts *o = &run->opts->run;
	AUTO(err_release) struct err why = ERR_INIT;
	if (!o->pull || o->no_run_cache)
		return;
	log_debug(run->repo->ctx, "Pulling run cache");
	if (pull_runs(run->repo, &why) < 0)
		progress_warn(o->progress, "Failed to pull run cache: %s%s",
			why.code == ERR_CONFIG ? "config file error: " : "", why.msg);
}

/* Allocate the tables with one element per stage of the index. */
static void make_tables(struct run *run)
{
	size_t n = run->ix->stages.count + 1;
	run->place = mem_zalloc(n * sizeof(*run->place));
	run->forced = mem_zalloc(n);
	run->skipped = mem_zalloc(n);
	run->added = mem_zalloc(n);
	for (size_t i = 0; i < run->steps.count; i++) {
		run->place[run->steps.items[i]->order] = i + 1;
		run->forced[run->steps.items[i]->order] = run->opts->run.force;
	}
}

static void release(struct run *run)
{
	vec_release(&run->steps);
	vec_release(&run->failed);
	lock_files_release(&run->locks);
	graph_free(run->graph);
	free(run->place);
	free(run->forced);
	free(run->skipped);
	free(run->added);
}

int repro(
	struct repo *repo, const struct repro_opts *opts, struct repro_result *out, struct err *err)
{
	struct run run = {.repo = repo, .opts = opts, .out = out};
	int r = repo_index(repo, &run.ix, err);
	if (r >= 0)
		r = repo_data(repo, &run.data, err);
	if (r >= 0)
		r = repro_plan(run.ix, opts, &run.graph, &run.steps, err);
	if (r >= 0) {
		for (size_t i = 0; i < run.ix->warnings.count; i++)
			progress_warn(opts->run.progress, "%s", run.ix->warnings.items[i]);
		make_tables(&run);
		pull_run_cache(&run);
		r = run_steps(&run, err);
		/* also after a failure, but then the first error is the one to report */
		int sorted = run_sort_ignored(&run, r < 0 ? NULL : err);
		r = r < 0 ? r : sorted;
	}

	release(&run);
	return r;
}
