/*
 * Reproducing a pipeline: which stages, in which order, and dvc.lock after each.
 */
#ifndef RUN_REPRO_H
#define RUN_REPRO_H

#include "project/graph.h"
#include "run/stage.h"

enum repro_on_error { REPRO_FAIL, REPRO_KEEP_GOING, REPRO_IGNORE };

struct repro_opts {
	struct run_opts run;
	const struct strlist *targets; /* none: all stages of the dvc.yaml here */
	bool single_item, pipeline, all_pipelines, recursive, downstream, force_downstream, glob;
	enum repro_on_error on_error;
};

struct repro_result {
	struct stage_list reproduced; /* in order; borrowed from the repository's index */
	struct stage_list visited;    /* all that were looked at */
};
void repro_result_release(struct repro_result *r);

/*
 * The stages that reproducing would look at, in the order of the run, appended to `out_steps`. The
 * graph is the caller's to free; NULL when the options need none (single_item). Fails: as repro()
 * until its first stage.
 */
int repro_plan(struct index *ix, const struct repro_opts *opts, struct graph **out_graph,
	struct stage_list *out_steps, struct err *err);

/*
 * The caller holds the repository lock. Files that changed (dvc.lock, .gitignore) are noted with
 * repo_track(). Fails: "failed to reproduce 'x': ..." and whatever loading and building the graph
 * says; `out` tells how far it came.
 */
int repro(struct repo *repo, const struct repro_opts *opts, struct repro_result *out,
	struct err *err);

#endif
