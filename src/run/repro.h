/*
 * Reproducing a pipeline: which stages, in which order, and dvc.lock after each.
 */
#ifndef RUN_REPRO_H
#define RUN_REPRO_H

#include "project/graph.h"
#include "run/capture.h"
#include "run/stage_run.h"

enum repro_on_error { REPRO_FAIL, REPRO_KEEP_GOING, REPRO_IGNORE };

struct repro_opts {
	struct run_opts run;
	const struct strlist *targets; /* none: all stages of the dvc.yaml here */
	bool single_item, pipeline, all_pipelines, recursive, downstream, force_downstream, glob;
	enum repro_on_error on_error;
	/*
	 * How many stages may run at once. With more than one (0 is one), their output is taken and
	 * shown in `output`'s way, they read nothing from our standard input, and what they say
	 * under `meta` that they need (run/resources.h) limits them, too. With `single_item` there
	 * is no graph, and it is one at a time.
	 */
	int jobs;
	enum output_mode output;
	bool color, quiet;
	const struct strlist *resources; /* "license=2" each, or NULL */
};

struct repro_result {
	struct stage_list reproduced; /* in order; borrowed from the repository's index */
	struct stage_list visited;    /* all that were looked at */
	/* How many ran, came from the run-cache or dvc.lock, and had nothing to be done. */
	size_t ran, restored, skipped;
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
 * What is written is the same for any number of jobs; only a failure lets more of it be done.
 *
 * While commands run, an interrupt does not end the process: it has reached them as well. When they
 * have ended, those that ended well are recorded, and the run stops; a second one kills them.
 * SIGTERM and SIGHUP are handed on to them; once all is recorded the call fails with ERR_CANCELLED.
 *
 * The caller holds the repository lock. Files that changed (dvc.lock, .gitignore) are noted with
 * repo_track(). Fails: "failed to reproduce 'x': ..." and whatever loading and building the graph
 * says; `out` tells how far it came.
 */
int repro(struct repo *repo, const struct repro_opts *opts, struct repro_result *out,
	struct err *err);

#endif
